// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the hits, the records and the losses of a session.
 *
 * Two sources are added up: the programs count what they do, per CPU, and the kernel
 * counts how often it did not run a program. A miss is a loss only if no copy of the
 * program stood in. Hence misses are exact after the end only.
 */
#include "loader/capture/session_state.h"

#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/capture/hooks.h"

#define STILL_US 1000
#define STILL_TRIES 100

static int session__read_counts(const struct session *s, struct per_cpu *counts)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.counts), &zero,
				   counts);
}

/* Layout of struct bpf_link_info since 6.7, for programs on kprobes. */
enum { PERF_EVENT_KPROBE = 3, PERF_EVENT_KRETPROBE };

struct kprobe_link_info {
	__u32 type, id, prog_id, pad;
	union {
		struct {
			__u64 addrs;
			__u32 count, flags;
			__u64 missed;
		} multi;
		struct {
			__u32 type, pad;
			__u64 name;
			__u32 name_len, offset;
			__u64 addr, missed;
		} single;
	};
};

/*
 * Returns the number of calls for which the kernel did not call a kprobe
 * (kprobe_ftrace_handler()) or had no room for the end (fprobe_fgraph_entry()).
 */
static uint64_t link_missed(const struct bpf_link *link)
{
	struct kprobe_link_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len))
		return 0;
	switch (info.type) {
	case BPF_LINK_TYPE_KPROBE_MULTI:
		return info.multi.missed;
	case BPF_LINK_TYPE_PERF_EVENT:
		/* On a tracepoint, the rest has another layout. */
		if (info.single.type == PERF_EVENT_KPROBE ||
		    info.single.type == PERF_EVENT_KRETPROBE)
			return info.single.missed;
	}
	return 0;	/* for other links, only the program counts misses */
}

static uint64_t program_missed(const struct program *p)
{
	uint64_t missed = link_missed(p->link);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(p->bpf), &info, &len))
		return missed;
	return missed + info.recursion_misses;
}

/* Reads @counts and the misses. *sum changes with each missed or taken turn. */
static int session__read_turns(struct session *s, struct per_cpu *counts,
			       uint64_t *sum)
{
	int err = session__read_counts(s, counts);

	*sum = 0;
	for (int cpu = 0; !err && cpu < s->ncpus; cpu++) {
		for (int type = 0; type < WIRE_KERNEL_TYPES; type++)
			*sum += counts[cpu].of[type].declined +
				counts[cpu].of[type].stood_in;
	}
	for (int i = 0; i < s->nprograms; i++) {
		struct program *p = &s->programs[i];

		if (!p->link || p->copy)
			continue;
		p->missed = program_missed(p);
		*sum += p->missed;
	}
	return err;
}

int session__read_still(struct session *s, struct per_cpu *counts)
{
	uint64_t last = UINT64_MAX, sum;

	for (int i = 0; i < STILL_TRIES; i++) {
		int err = session__read_turns(s, counts, &sum);

		if (err || sum == last)
			return err;
		last = sum;
		usleep(STILL_US);
	}
	return 0;
}

/*
 * Returns the lost events: how often copy 0 was skipped or a copy declined, less how
 * often another copy stood in. A copy that stood in for none has made a second record.
 */
static uint64_t session__lost(const struct session *s, enum wire_type type)
{
	uint64_t wanted = 0, stood_in = 0;

	/* For put_pid(), another program sees what the first misses: bpf/memory.h. */
	if (type == WIRE_PID_GONE)
		return 0;
	for (int i = 0; i < s->nprograms; i++) {
		const struct program *p = &s->programs[i];

		if (hooks[p->hook].type != type)
			continue;
		/* The misses are of all system calls: hook_ways__is_partial(). */
		if (hook_ways__now(&s->objects.ways[p->hook]) == WAY_SYSCALL)
			return 0;
		wanted += p->missed - p->missed_before;
	}
	for (int cpu = 0; cpu < s->ncpus; cpu++) {
		const struct outcome *before = &s->before[cpu].of[type];
		const struct outcome *after = &s->after[cpu].of[type];

		wanted += after->declined - before->declined;
		stood_in += after->stood_in - before->stood_in;
	}
	return wanted > stood_in ? wanted - stood_in : stood_in - wanted;
}

static void session__sum(const struct session *s, enum wire_type type,
			 struct session_counts *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (int cpu = 0; cpu < s->ncpus; cpu++) {
		const struct outcome *o = &s->counts[cpu].of[type];

		sum->hits += o->hits;
		sum->tried += o->tried;
		sum->lost_ring += o->lost_ring;
		sum->lost_map += o->lost_map;
		if (s->ended && s->counts[cpu].gathered.type == type) {
			sum->hits += s->counts[cpu].gathered.n;
			sum->tried += s->counts[cpu].gathered.n;
		}
	}
	if (s->ended)
		sum->missed = session__lost(s, type);
}

bool session__was_off(const struct session *s, enum wire_type type)
{
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		if (hooks[h].type == type &&
		    switches__was_off(&s->switches, hook_ways__now(&s->objects.ways[h])))
			return true;
	}
	return false;
}

int session__count(const struct session *s,
		   struct session_counts of[WIRE_KERNEL_TYPES])
{
	int err = session__read_counts(s, s->counts);

	for (int type = 0; !err && type < WIRE_KERNEL_TYPES; type++)
		session__sum(s, type, &of[type]);
	return err;
}

int session__sent(const struct session *s, uint64_t *sent)
{
	struct session_counts of[WIRE_KERNEL_TYPES];
	int err = session__count(s, of);

	*sent = 0;
	for (int type = 0; !err && type < WIRE_KERNEL_TYPES; type++)
		*sent += of[type].tried - of[type].lost_ring;
	return err;
}
