// SPDX-License-Identifier: GPL-2.0-only
/*
 * object.c - loading the BPF programs that this kernel has hooks for.
 *
 * What it lacks is found by trying: a hook whose target is not in BTF is left
 * out, and one whose program the verifier refuses.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "btf_scan.h"
#include "hooks.h"
#include "msg.h"
#include "object.h"
#include "session.h"
#include "pidnstrace.skel.h"

/* What the kernel has, as far as the programs must know before they load. */
struct kernel {
	bool has[WIRE_NHOOKS];
	bool change_pid_has_pids;
	bool has_task_from_pid;
	bool has_knob;
};

static bool verbose;

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, args);
}

/* --- what must be there --- */

static bool has_capability(const struct __user_cap_data_struct *data, int cap)
{
	return data[cap / 32].effective & 1U << cap % 32;
}

static int check_privileges(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};
	bool bpf, perfmon;

	if (syscall(SYS_capget, &header, data))
		return -errno;
	if (has_capability(data, CAP_SYS_ADMIN))
		return 0;
	bpf = has_capability(data, CAP_BPF);
	perfmon = has_capability(data, CAP_PERFMON);
	if (bpf && perfmon)
		return 0;
	msg__error("loading BPF programs needs %s%s%s: run as root, or give the capabilities to this program",
		   bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
		   perfmon ? "" : "CAP_PERFMON");
	return -EPERM;
}

int session__check(void)
{
	int err = check_privileges();

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

static int kernel__look(struct kernel *k)
{
	enum { TASK_FROM_PID = WIRE_NHOOKS, KNOB, NWANTS };
	struct btf_want wants[NWANTS] = {
		[KNOB] = { .name = KNOB_HANDLER, .kind = BTF_WANT_FUNC },
		[TASK_FROM_PID] = { .name = "bpf_task_from_pid",
				    .kind = BTF_WANT_FUNC },
	};
	int err;

	for (int h = 0; h < WIRE_NHOOKS; h++)
		hook__want(h, &wants[h]);
	err = btf_scan__file(BTF_FILE, wants, NWANTS);
	if (err) {
		msg__error(BTF_FILE ": %s", strerror(-err));
		return err;
	}
	for (int h = 0; h < WIRE_NHOOKS; h++)
		k->has[h] = wants[h].found;
	/* 6.15 put struct pid **pids in front */
	k->change_pid_has_pids = wants[WIRE_HOOK_CHANGE_PID].args == 4;
	k->has_task_from_pid = wants[TASK_FROM_PID].found;
	k->has_knob = wants[KNOB].found;
	return 0;
}

/* --- loading --- */

static size_t ring_size(size_t wanted)
{
	size_t size = sysconf(_SC_PAGESIZE);

	while (size < wanted)
		size *= 2;
	return size;
}

/*
 * Opens the object with the programs of @mask switched on. The caller loads
 * and destroys it.
 */
static struct pidnstrace_bpf *open_object(const struct session_options *options,
					  const struct kernel *k, uint32_t mask)
{
	struct pidnstrace_bpf *skel = pidnstrace_bpf__open();
	struct bpf_program *program;

	if (!skel)
		return NULL;
	skel->rodata->change_pid_has_pids = k->change_pid_has_pids;
	skel->rodata->has_task_from_pid = k->has_task_from_pid;
	skel->rodata->wants_stacks = options->stacks;
	skel->rodata->wakeup_bytes = ring_size(options->ring_size) / 8;
	bpf_map__set_max_entries(skel->maps.ring, ring_size(options->ring_size));
	bpf_object__for_each_program(program, skel->obj) {
		const char *section = bpf_program__section_name(program);
		int hook = hook__of_section(section);

		if (hook >= 0)
			bpf_program__set_autoload(program,
				mask & 1U << hook &&
				(k->has_knob || !strstr(section, KNOB_HANDLER)));
	}
	return skel;
}

/*
 * One program that the verifier refuses makes the object fail as a whole, and
 * libbpf does not say which it was: try each by itself.
 */
static uint32_t find_loadable(const struct session_options *options,
			      const struct kernel *k, uint32_t mask,
			      int errors[WIRE_NHOOKS])
{
	uint32_t good = 0;

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		struct pidnstrace_bpf *skel;

		if (!(mask & 1U << h))
			continue;
		skel = open_object(options, k, 1U << h);
		errors[h] = skel ? pidnstrace_bpf__load(skel) : -ENOMEM;
		pidnstrace_bpf__destroy(skel);
		if (!errors[h])
			good |= 1U << h;
	}
	return good;
}

/* Sets errors[] of what is not wanted or not there. Returns the mask of the rest. */
static uint32_t choose(const struct session_options *options,
		       const struct kernel *k, int errors[WIRE_NHOOKS])
{
	uint32_t mask = 0;

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		if (!(options->hooks & 1U << h))
			errors[h] = -ECANCELED;
		else if (!k->has[h])
			errors[h] = -ENOENT;
		else
			mask |= 1U << h;
	}
	return mask;
}

static int load(const struct session_options *options, const struct kernel *k,
		int errors[WIRE_NHOOKS], struct pidnstrace_bpf **skel)
{
	uint32_t mask = choose(options, k, errors), good;
	int err;

	*skel = open_object(options, k, mask);
	if (!*skel)
		return -errno;
	err = pidnstrace_bpf__load(*skel);
	if (!err)
		return 0;

	pidnstrace_bpf__destroy(*skel);
	*skel = NULL;
	good = find_loadable(options, k, mask, errors);
	if (good == mask || !good)
		return err;	/* it is not the programs: no memory, no ring */
	*skel = open_object(options, k, good);
	return *skel ? pidnstrace_bpf__load(*skel) : -errno;
}

/* --- what it is, when nothing can be loaded --- */

static int probe_ring(void)
{
	return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL);
}

static int probe_tracing(void)
{
	return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_TRACING, NULL);
}

static int probe_loop(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_loop,
				       NULL);
}

/* What the programs cannot do without, and the kernel that had it first. */
static const struct need {
	const char *what, *since;
	int (*probe)(void);	/* 1: it is there, 0: it is not */
} needs[] = {
	{ "BPF ring buffers", "5.8", probe_ring },
	{ "BPF programs on functions (fentry)", "5.5", probe_tracing },
	{ "bpf_loop()", "5.17", probe_loop },
};

/* Found by trying, not by the version: distributions carry things back. */
static const struct need *find_missing(void)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!needs[i].probe())
			return &needs[i];
	return NULL;
}

static void explain(const struct session_options *options, int err)
{
	const struct need *missing;
	struct utsname uts;

	if (err == -EPERM || err == -EACCES) {
		msg__error("BPF programs: %s: CAP_BPF and CAP_PERFMON are needed in the initial user namespace, and a kernel that is not locked down: run as root of the machine",
			   strerror(-err));
		return;
	}
	missing = find_missing();
	uname(&uts);
	if (missing)
		msg__error("this kernel, %s, has no %s, which came with %s: 6.1 or later is needed",
			   uts.release, missing->what, missing->since);
	else
		msg__error("BPF programs, with a ring buffer of %zu bytes: %s%s",
			   ring_size(options->ring_size), strerror(-err),
			   verbose ? "" : ": --verbose shows what the kernel says");
}

int object__load(const struct session_options *options, int errors[WIRE_NHOOKS],
		 struct pidnstrace_bpf **skel)
{
	struct kernel k = {};
	int err;

	*skel = NULL;
	verbose = options->verbose;
	libbpf_set_print(print);
	err = kernel__look(&k);
	if (err)
		return err;
	err = load(options, &k, errors, skel);
	if (!err)
		return 0;
	explain(options, err);
	pidnstrace_bpf__destroy(*skel);
	*skel = NULL;
	return err;
}
