// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the features of the running kernel: in its BTF, in a sysctl, and by BPF
 * programs that look up symbols.
 *
 * Whether the kernel preempts programs on tracepoints is only guessed, from the version
 * of the kernel.
 */
#include "loader/capture/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/counts.h"
#include "lib/msg.h"
#include "loader/capture/hooks.h"
#include "loader/capture/switches.h"
#include "pidnstrace.skel.h"

static bool is_later_than(int major, int minor)
{
	struct utsname uts = {};
	int running_major = 0, running_minor = 0;

	uname(&uts);
	sscanf(uts.release, "%d.%d", &running_major, &running_minor);
	return running_major > major ||
	       (running_major == major && running_minor > minor);
}

const struct btf_type *section__find(const struct btf *btf, const char *section)
{
	char name[BTF_NAME_SIZE];
	int kind = section__btf_type(section, name);
	int id = btf__find_by_name_kind(btf, name, kind);

	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

/* Returns the number of arguments of a function; NULL: 0. */
static int count_arguments(const struct btf *btf, const struct btf_type *function)
{
	return function ? btf_vlen(btf__type_by_id(btf, function->type)) : 0;
}

int kernel__read_btf(struct kernel *k)
{
	struct btf *btf = btf__parse_raw(BTF_FILE);
	const char *change_pid = hooks[WIRE_HOOK_CHANGE_PID].name;

	if (!btf) {
		int err = -errno;

		msg__error(BTF_FILE ": %s", strerror(-err));
		return err;
	}
	for (int h = 0; h < WIRE_NHOOKS; h++)
		k->has[h] = section__find(btf, hooks[h].name);
	/* since 6.15, the first argument is struct pid **pids */
	k->change_pid_has_pids =
		count_arguments(btf, section__find(btf, change_pid)) == 4;
	k->has_cast = section__find(btf, "fentry/bpf_rdonly_cast");
	k->has_task_from_pid = section__find(btf, "fentry/bpf_task_from_pid");
	k->has_knob = section__find(btf, "fentry/" KNOB_HANDLER);
	k->ftrace_is_off = switches__ftrace_is_off();
	k->tracepoints_preempt = is_later_than(6, 18);
	btf__free(btf);
	return 0;
}

/* Returns whether a kprobe for the hook needs only the function's symbol. */
static bool needs_no_btf(enum wire_hook hook)
{
	/* The arguments of these two vary among kernels; only BTF has their number. */
	return hook__is_on_function(hook) && hook != WIRE_HOOK_CHANGE_PID &&
	       hook != WIRE_HOOK_DETACH_PID;
}

static void find_functions(struct kernel *k, struct pidnstrace_bpf *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	for (int h = 0; h < WIRE_NHOOKS; h++) {
		if (k->has[h] || !needs_no_btf(h))
			continue;
		strncpy(skel->bss->function_name, hook__target(h),
			sizeof(skel->bss->function_name) - 1);
		bpf_prog_test_run_opts(bpf_program__fd(skel->progs.find_function),
				       &opts);
		k->has_symbol[h] = skel->bss->function_address;
		memset(skel->bss->function_name, 0,
		       sizeof(skel->bss->function_name));
	}
}

void kernel__find_symbols(struct kernel *k, struct pidnstrace_bpf *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	bpf_prog_test_run_opts(bpf_program__fd(skel->progs.find_symbols), &opts);
	k->preempt_mode = skel->data->preempt_mode;
	k->fprobe_has_no_limit = skel->bss->fprobe_has_no_limit;
	k->kprobe_counts_misses = skel->bss->kprobe_counts_misses;
	find_functions(k, skel);
}

/*
 * A preemptible kernel has PREEMPT in its version, "#1 SMP PREEMPT_DYNAMIC"
 * (init/Makefile). With PREEMPT_DYNAMIC, the boot parameter preempt= selects the mode.
 */
struct preemption kernel__preemption(const struct kernel *k)
{
	static const struct preemption modes[] = {
		[PREEMPT_MODE_NONE] = { "none", false },
		[PREEMPT_MODE_VOLUNTARY] = { "voluntary", false },
		[PREEMPT_MODE_FULL] = { "full", true },
		[PREEMPT_MODE_LAZY] = { "lazy", true },
	};
	struct utsname uts = {};

	uname(&uts);
	if (!strstr(uts.version, " PREEMPT"))
		return (struct preemption){ "no", false };
	if (strstr(uts.version, " PREEMPT_RT"))
		return (struct preemption){ "rt", true };
	if (k->preempt_mode >= 0 &&
	    k->preempt_mode < (int)ARRAY_SIZE(modes))
		return modes[k->preempt_mode];
	return (struct preemption){ "yes", true };
}
