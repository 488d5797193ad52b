// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens a session, starts and stops the recording of all its programs by one flag, and
 * ends it.
 *
 * A hook that this kernel lacks, or that cannot be attached, is reported with its errno
 * in a META_HOOK record. At the end, the ring is drained until all counted records have
 * arrived, and the statistics follow.
 */
#include "loader/capture/session.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "lib/memory.h"
#include "lib/msg.h"
#include "loader/capture/cgroups.h"
#include "loader/capture/kernel.h"
#include "loader/capture/ksyms.h"
#include "loader/capture/privileges.h"
#include "loader/capture/ring.h"
#include "loader/capture/session_state.h"
#include "loader/lib/open_files.h"
#include "loader/trace/machine.h"
#include "loader/trace/sink.h"

/* Time limit for interrupted programs to submit their records. */
#define DRAIN_TIMEOUT_MS 2000
#define DRAIN_STEP_MS 5

int session__check(void)
{
	int err = privileges__check();

	if (err)
		return err;
	if (access(BTF_FILE, R_OK)) {
		err = -errno;
		msg__error(BTF_FILE ": %s: the kernel must be built with CONFIG_DEBUG_INFO_BTF=y and sysfs be mounted",
			   strerror(-err));
		return err;
	}
	return 0;
}

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
	switches__open(&s->switches);
	s->cgroups = cgroups__new();
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
	if (!session__tasklist_lock(s) && (options->hooks == HOOKS_ALL || options->stacks))
		privileges__warn();
	session__list_programs(s);
	err = ring__open(&s->ring, s->skel);
	if (err) {
		msg__error("ring buffer: %s", strerror(-err));
		goto fail;
	}
	*out = s;
	return 0;

fail:
	session__free(s);
	return err;
}

const struct objects *session__objects(const struct session *s)
{
	return &s->objects;
}

int session__windows_fd(const struct session *s)
{
	return bpf_map__fd(s->skel->maps.windows);
}

uint64_t session__tasklist_lock(const struct session *s)
{
	return s->skel->bss->tasklist_lock_address;
}

static int session__describe_machine(struct record_sink *sink)
{
	struct wire_meta_machine machine;

	meta__init(&machine.hdr, WIRE_META_MACHINE, sizeof(machine));
	machine__fill(&machine);
	return record_sink__record(sink, &machine.hdr);
}

int session__begin(struct session *s, struct record_sink *sink)
{
	int err = session__describe_machine(sink);

	if (err)
		return err;
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
		msg__error("cannot read the counters of the BPF programs: %s",
			   strerror(-err));
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

/*
 * Reads until all counted records have arrived. What the programs had gathered comes after
 * the records that are in the ring already. An empty ring is not enough: a
 * program that is interrupted between reservation and submission holds up all
 * records after its own.
 */
static int session__drain(struct session *s, struct record_sink *sink)
{
	long err = session__read(s, sink);

	if (err >= 0)
		err = session__take_gathered(s, sink);
	if (err)
		return err;
	for (int ms = 0; ms <= DRAIN_TIMEOUT_MS; ms += DRAIN_STEP_MS) {
		uint64_t sent;

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

static int session__report_stats(struct session *s, struct record_sink *sink)
{
	struct session_counts of[WIRE_KERNEL_TYPES];
	struct wire_meta_end end;
	int err = session__count(s, of);

	for (int type = 0; !err && type < WIRE_KERNEL_TYPES; type++) {
		struct wire_meta_stats stats;

		meta__init(&stats.hdr, WIRE_META_STATS, sizeof(stats));
		stats.type = type;
		if (session__was_off(s, type))
			stats.hdr.flags = WIRE_F_SWITCHED_OFF;
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
	switches__look(&s->switches);
	if (s->switches.off)
		msg__warning("programs on functions were not called for a while, as kernel.ftrace_enabled or kprobes/enabled was 0");
	err = session__drain(s, sink);
	if (err)
		return err;
	return session__report_stats(s, sink);
}

void session__free(struct session *s)
{
	if (!s)
		return;
	session__detach(s);
	switches__close(&s->switches);
	ring__free(s->ring);
	objects__free(&s->objects);
	cgroups__free(s->cgroups);
	ksyms__free(s->ksyms);
	free(s->counts);
	free(s->before);
	free(s->after);
	free(s);
}
