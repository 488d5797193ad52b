// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches the BPF programs, starts and stops their recording, reads the records, and
 * computes the losses; object.c loads the programs.
 *
 * A hook that this kernel lacks, or that cannot be attached, is reported with its errno
 * in a META_HOOK record. The links are file descriptors of this process: however the
 * process ends, no program stays attached unless session__pin() was called.
 */
#include "loader/capture/session.h"

#include <errno.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/memory.h"
#include "bpf/counts.h"
#include "bpf/wire.h"
#include "loader/capture/hooks.h"
#include "loader/capture/ksyms.h"
#include "loader/capture/object.h"
#include "lib/msg.h"
#include "loader/lib/open_files.h"
#include "loader/trace/sink.h"
#include "pidnstrace.skel.h"

#define KALLSYMS "/proc/kallsyms"

/* Time limit for interrupted programs to submit their records. */
#define DRAIN_TIMEOUT_MS 2000
#define DRAIN_STEP_MS 5

#define STILL_US 1000
#define STILL_TRIES 100

/* Addresses with a META_SYM: a stack has few, and callers repeat. */
#define SEEN_MAX 1024

/*
 * One program per hook, or two on kprobes; put_pid() and proc_flush_pid() have one
 * more, and two programs watch writes of the knob. Each way that was tried for a hook
 * has programs of its own.
 */
#define PROGRAMS_MAX ((WIRE_NHOOKS * 2 + 4) * OBJECTS_MAX)

struct program {
	struct bpf_program *bpf;
	struct bpf_link *link;
	enum wire_hook hook;
	int copy;
	bool tried;		/* attaching was tried */
	uint64_t missed_before;
	uint64_t missed;
};

struct session {
	struct objects objects;
	struct pidnstrace_bpf *skel;	/* the first object's */
	struct program programs[PROGRAMS_MAX];
	int nprograms;
	int nobjects;			/* objects whose programs are listed */
	uint32_t sweeps;
	struct ring_buffer *ring;
	struct record_sink *sink;	/* argument of the current session__read() */
	struct per_cpu *counts;		/* one per possible CPU; as last read */
	struct per_cpu *before, *after;	/* at the beginning and at the end */
	int ncpus;
	uint64_t records;
	struct ksyms *ksyms;
	bool ksyms_tried;
	uint64_t seen[SEEN_MAX];
	bool began, ended;
};

static void session__list_object(struct session *s, const struct object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object->skel->obj) {
		int hook = program__hook(object->skel, program);

		if (hook >= 0 && bpf_program__fd(program) >= 0 &&
		    s->nprograms < PROGRAMS_MAX)
			s->programs[s->nprograms++] = (struct program) {
				.bpf = program, .hook = hook,
				.copy = object->copy,
			};
	}
}

/* Lists the programs of the objects loaded since the last call. */
static void session__list_programs(struct session *s)
{
	for (; s->nobjects < s->objects.n; s->nobjects++)
		session__list_object(s, &s->objects.object[s->nobjects]);
}

static int session__ring_record(void *context, void *data, size_t size);

int session__open(const struct session_options *options, struct session **out)
{
	struct session *s;
	int err;

	*out = NULL;
	err = session__check();
	if (err)
		return err;
	open_files__raise();
	s = xcalloc(1, sizeof(*s));
	s->ncpus = libbpf_num_possible_cpus();
	if (s->ncpus < 0) {
		err = s->ncpus;
		goto fail;
	}
	s->counts = xcalloc(s->ncpus, sizeof(*s->counts));
	s->before = xcalloc(s->ncpus, sizeof(*s->before));
	s->after = xcalloc(s->ncpus, sizeof(*s->after));
	err = objects__load(options, &s->objects);
	if (err)
		goto fail;
	s->skel = s->objects.object[0].skel;
	session__list_programs(s);
	s->ring = ring_buffer__new(bpf_map__fd(s->skel->maps.ring),
				   session__ring_record, s, NULL);
	if (!s->ring) {
		err = -errno;
		msg__error("ring buffer: %s", strerror(-err));
		goto fail;
	}
	*out = s;
	return 0;

fail:
	session__free(s);
	return err;
}

/*
 * True if the kernel calls the program attached last first. Programs on a function
 * are called like this (bpf_trampoline_link_prog()); programs on a tracepoint in the
 * order of attachment (func_add() in kernel/tracepoint.c).
 */
static bool last_is_first(const struct program *p)
{
	return bpf_program__expected_attach_type(p->bpf) != BPF_TRACE_RAW_TP;
}

/*
 * Attaches the programs of one copy that have not been tried before. Returns the mask
 * of the hooks with a refused program, with the error of each hook in @errors.
 */
static hook_mask session__attach_copy(struct session *s, int copy, bool on_functions,
				     int errors[WIRE_NHOOKS])
{
	hook_mask refused = 0;

	for (int i = 0; i < s->nprograms; i++) {
		struct program *p = &s->programs[i];

		if (p->tried || p->copy != copy || last_is_first(p) != on_functions)
			continue;
		p->tried = true;
		p->link = program__attach(p->bpf,
					  hook_ways__now(&s->objects.ways[p->hook]));
		if (p->link || program__is_optional(p->bpf))
			continue;
		errors[p->hook] = -errno;
		refused |= HOOK_BIT(p->hook);
	}
	return refused;
}

/* Attaches in an order by which the kernel calls copy 0 first. */
static hook_mask session__attach_new(struct session *s, int errors[WIRE_NHOOKS])
{
	hook_mask refused = 0;

	for (int copy = s->objects.copies - 1; copy >= 0; copy--)
		refused |= session__attach_copy(s, copy, true, errors);
	for (int copy = 0; copy < s->objects.copies; copy++)
		refused |= session__attach_copy(s, copy, false, errors);
	return refused;
}

/* Destroys the links of this way: the next way has all programs of a hook. */
static void session__refuse(struct session *s, hook_mask hooks,
			    const int errors[WIRE_NHOOKS])
{
	for (int i = 0; i < s->nprograms; i++) {
		struct program *p = &s->programs[i];

		if (!(hooks & HOOK_BIT(p->hook)))
			continue;
		bpf_link__destroy(p->link);
		p->link = NULL;
	}
	for (int h = 0; h < WIRE_NHOOKS; h++)
		if (hooks & HOOK_BIT(h))
			hook_ways__refuse(&s->objects.ways[h], errors[h]);
}

static bool session__has_a_link(const struct session *s)
{
	for (int i = 0; i < s->nprograms; i++)
		if (s->programs[i].link)
			return true;
	return false;
}

int session__attach(struct session *s)
{
	int errors[WIRE_NHOOKS] = {}, err;
	hook_mask refused;

	for (;;) {
		refused = session__attach_new(s, errors);
		if (!refused)
			break;
		session__refuse(s, refused, errors);
		err = objects__load_more(&s->objects, refused);
		for (int h = 0; err && h < WIRE_NHOOKS; h++)
			if (refused & HOOK_BIT(h))
				hook_ways__drop(&s->objects.ways[h], 0, err);
		session__list_programs(s);
	}
	if (session__has_a_link(s))
		return 0;
	msg__error("no hook could be attached; %s: %s", hooks[0].name,
		   hook__explain(session__hook_error(s, 0)));
	return -ENOTSUP;
}

const struct objects *session__objects(const struct session *s)
{
	return &s->objects;
}

int session__hook_error(const struct session *s, enum wire_hook hook)
{
	return hook_ways__error(&s->objects.ways[hook]);
}

/* --- records --- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void meta__init(struct wire_hdr *hdr, enum wire_type type, size_t size)
{
	memset(hdr, 0, size);
	hdr->type = type;
	hdr->size = size;
	hdr->ts_ns = now_ns();
}

/* Open addressing. When the table is full, a META_SYM is repeated: harmless. */
static bool session__first_seen(struct session *s, uint64_t address)
{
	size_t slot = (address * 0x9e3779b97f4a7c15ULL) >> 54;

	for (int i = 0; i < 16; i++, slot++) {
		uint64_t *place = &s->seen[slot % SEEN_MAX];

		if (*place == address)
			return false;
		if (!*place) {
			*place = address;
			return true;
		}
	}
	return true;
}

static const struct ksyms *session__ksyms(struct session *s)
{
	FILE *file;

	if (s->ksyms_tried)
		return s->ksyms;
	s->ksyms_tried = true;
	file = fopen(KALLSYMS, "re");
	if (!file)
		return NULL;
	s->ksyms = ksyms__read(file);
	fclose(file);
	return s->ksyms;
}

static int session__tell_stack(struct session *s, const __u64 *stack)
{
	for (int i = 0; i < WIRE_STACK_DEPTH && stack[i]; i++) {
		struct wire_meta_sym sym;
		const struct ksyms *ksyms;
		int err;

		if (!session__first_seen(s, stack[i]))
			continue;
		ksyms = session__ksyms(s);
		meta__init(&sym.hdr, WIRE_META_SYM, sizeof(sym));
		sym.address = stack[i];
		if (!ksyms || ksyms__name(ksyms, stack[i], sym.name,
					  sizeof(sym.name)))
			continue;
		err = record_sink__record(s->sink, &sym.hdr);
		if (err)
			return err;
	}
	return 0;
}

static int session__ring_record(void *context, void *data, size_t size)
{
	const struct wire_hdr *hdr = data;
	struct session *s = context;
	int err = 0;

	if (size < sizeof(*hdr) || hdr->size != size)
		return -EPROTO;
	if (hdr->type == WIRE_CHANGE_PID)
		err = session__tell_stack(s,
			((const struct wire_change_pid *)hdr)->stack);
	else if (hdr->type == WIRE_ERROR_REPORT)
		err = session__tell_stack(s,
			((const struct wire_error_report *)hdr)->stack);
	else if (hdr->type == WIRE_STACK)
		err = session__tell_stack(s,
			((const struct wire_stack *)hdr)->stack);
	if (err)
		return err;
	s->records++;
	return record_sink__record(s->sink, hdr);
}

int session__fd(const struct session *s)
{
	return ring_buffer__epoll_fd(s->ring);
}

int session__read(struct session *s, struct record_sink *sink)
{
	s->sink = sink;
	return ring_buffer__consume(s->ring);
}

int session__windows_fd(const struct session *s)
{
	return bpf_map__fd(s->skel->maps.windows);
}

uint64_t session__tasklist_lock(const struct session *s)
{
	return s->skel->bss->tasklist_lock_address;
}

uint64_t session__records(const struct session *s)
{
	return s->records;
}

/* --- begin and end --- */

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

/*
 * Reads the misses and the turns taken for them until neither changes for a while: both
 * change while programs are attached, and cannot be read in one step.
 */
static int session__read_still(struct session *s, struct per_cpu *counts)
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

int session__begin(struct session *s, struct record_sink *sink)
{
	int err;

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		struct wire_meta_hook hook;

		meta__init(&hook.hdr, WIRE_META_HOOK, sizeof(hook));
		hook.hook = h;
		hook.error = session__hook_error(s, h);
		if (objects__is_partial(&s->objects, h))
			hook.hdr.flags = WIRE_F_PARTIAL;
		err = record_sink__record(sink, &hook.hdr);
		if (err)
			return err;
	}
	err = session__read_still(s, s->before);
	if (err) {
		msg__error("cannot read the counters of the BPF programs: %s", strerror(-err));
		return err;
	}
	for (int i = 0; i < s->nprograms; i++)
		s->programs[i].missed_before = s->programs[i].missed;
	s->began = true;
	__atomic_store_n(&s->skel->bss->ready, true, __ATOMIC_RELEASE);
	return 0;
}

int session__command(struct session *s, struct record_sink *sink, pid_t pid)
{
	struct wire_meta_command command;
	struct stat ns;

	(void)s;
	if (stat("/proc/self/ns/pid", &ns)) {
		int err = -errno;

		msg__error("/proc/self/ns/pid: %s: is /proc mounted?",
			   strerror(-err));
		return err;
	}
	meta__init(&command.hdr, WIRE_META_COMMAND, sizeof(command));
	command.pid = pid;
	command.ns = ns.st_ino;
	return record_sink__record(sink, &command.hdr);
}

/* --- sweeps --- */

static const struct program *session__sweeper(const struct session *s)
{
	for (int i = 0; i < s->nprograms; i++)
		if (s->programs[i].hook == WIRE_HOOK_SWEEP &&
		    s->programs[i].link)
			return &s->programs[i];
	return NULL;
}

/* Runs the iterator to its end. The program makes records and prints nothing. */
static int iterator__run(int fd)
{
	char nothing[64];
	ssize_t got;

	do {
		got = read(fd, nothing, sizeof(nothing));
	} while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
	return got < 0 ? -errno : 0;
}

int session__sweep(struct session *s, enum wire_sweep_reason reason)
{
	const struct program *p = session__sweeper(s);
	int fd, err;

	if (!p)
		return -ENOENT;
	s->skel->bss->sweep_id = ++s->sweeps;
	s->skel->bss->sweep_reason = reason;
	fd = bpf_iter_create(bpf_link__fd(p->link));
	if (fd < 0)
		return -errno;
	err = iterator__run(fd);
	close(fd);
	return err;
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
	}
	if (s->ended)
		sum->missed = session__lost(s, type);
}

int session__count(const struct session *s,
		   struct session_counts of[WIRE_KERNEL_TYPES])
{
	int err = session__read_counts(s, s->counts);

	for (int type = 0; !err && type < WIRE_KERNEL_TYPES; type++)
		session__sum(s, type, &of[type]);
	return err;
}

/* Counts the records that the programs have put, or will soon put, in the ring. */
static int session__sent(const struct session *s, uint64_t *sent)
{
	struct session_counts of[WIRE_KERNEL_TYPES];
	int err = session__count(s, of);

	*sent = 0;
	for (int type = 0; !err && type < WIRE_KERNEL_TYPES; type++)
		*sent += of[type].tried - of[type].lost_ring;
	return err;
}

/*
 * Reads until all counted records have arrived. An empty ring is not enough: a
 * program that is interrupted between reservation and submission holds up all
 * records after its own.
 */
static int session__drain(struct session *s, struct record_sink *sink)
{
	for (int ms = 0; ms <= DRAIN_TIMEOUT_MS; ms += DRAIN_STEP_MS) {
		uint64_t sent;
		int err;

		err = session__read(s, sink);
		if (err < 0)
			return err;
		err = session__sent(s, &sent);
		if (err)
			return err;
		if (s->records >= sent)
			return 0;
		usleep(DRAIN_STEP_MS * 1000);
	}
	msg__warning("some reserved records were not submitted in time; they count as lost");
	return 0;
}

/*
 * The kernel waits for an RCU tasks grace period per hook, some 100 ms. This is the
 * slow part of the end, so it comes last or, after session__pin(), not at all.
 */
static void session__detach(struct session *s)
{
	for (int i = 0; i < s->nprograms; i++) {
		bpf_link__destroy(s->programs[i].link);
		s->programs[i].link = NULL;
	}
}

static int session__tell_stats(struct session *s, struct record_sink *sink)
{
	struct session_counts of[WIRE_KERNEL_TYPES];
	struct wire_meta_end end;
	int err = session__count(s, of);

	for (int type = 0; !err && type < WIRE_KERNEL_TYPES; type++) {
		struct wire_meta_stats stats;

		meta__init(&stats.hdr, WIRE_META_STATS, sizeof(stats));
		stats.type = type;
		stats.hits = of[type].hits;
		stats.tried = of[type].tried;
		stats.lost_ring = of[type].lost_ring;
		stats.lost_map = of[type].lost_map;
		stats.missed = of[type].missed;
		err = record_sink__record(sink, &stats.hdr);
	}
	if (err)
		return err;
	meta__init(&end.hdr, WIRE_META_END, sizeof(end));
	end.records = s->records;
	return record_sink__record(sink, &end.hdr);
}

/*
 * Waits for one grace period. Programs run inside an RCU read-side section, so after
 * that no program still runs that has seen ready set.
 */
static void wait_for_programs(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(DRAIN_STEP_MS * 10 * 1000);
}

/* The sleep is for the softirqs after the grace period, which run the callbacks. */
void session__wait_rcu(void)
{
	wait_for_programs();
	usleep(DRAIN_STEP_MS * 1000);
}

int session__end(struct session *s, struct record_sink *sink)
{
	int err;

	if (!s->began)
		return 0;
	s->began = false;
	__atomic_store_n(&s->skel->bss->ready, false, __ATOMIC_RELEASE);
	wait_for_programs();
	err = session__read_still(s, s->after);
	if (err)
		return err;
	s->ended = true;
	err = session__drain(s, sink);
	if (err)
		return err;
	return session__tell_stats(s, sink);
}

int link__pin(struct bpf_link *link, const char *dir, const char *name)
{
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	err = bpf_link__pin(link, path);
	/* Otherwise, destroying the link would also disable its perf event. */
	if (!err)
		bpf_link__disconnect(link);
	return err;
}

int session__pin(struct session *s, const char *dir)
{
	int worst = 0;

	for (int i = 0; i < s->nprograms; i++) {
		const struct program *p = &s->programs[i];
		char name[BPF_OBJ_NAME_LEN + 16];
		int err;

		snprintf(name, sizeof(name), "%s_%d",
			 bpf_program__name(p->bpf), p->copy);
		err = p->link ? link__pin(p->link, dir, name) : 0;
		worst = worst ? worst : err;
	}
	return worst;
}

void session__free(struct session *s)
{
	if (!s)
		return;
	session__detach(s);
	ring_buffer__free(s->ring);
	objects__free(&s->objects);
	ksyms__free(s->ksyms);
	free(s->counts);
	free(s->before);
	free(s->after);
	free(s);
}
