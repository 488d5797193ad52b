/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - what the running kernel has, as far as it must be known before the
 * programs are loaded.
 */
#ifndef LOADER_KERNEL_H
#define LOADER_KERNEL_H

#include <stdbool.h>
#include <linux/types.h>

#include "../bpf/wire.h"

struct pidnstrace_bpf;

struct kernel {
	bool has[WIRE_NHOOKS];		/* the hook's target is in BTF */
	bool has_symbol[WIRE_NHOOKS];	/* ... only in kallsyms, which is enough for a kprobe */
	bool change_pid_has_pids;
	bool has_task_from_pid;
	bool has_knob;
	bool ftrace_is_off;		/* the sysctl kernel.ftrace_enabled is 0 */
	/*
	 * A kernel that preempts does so in programs on tracepoints, too: 7.3 does, 6.18
	 * did not, and those between were not looked at.
	 */
	bool tracepoints_preempt;
	/* Programs find these: see find_symbols(). */
	int preempt_mode;
	bool fprobe_has_no_limit;
	bool kprobe_counts_misses;
};

/* Reads BTF and a sysctl. Returns 0, or a negative errno that has been reported. */
int kernel__look(struct kernel *kernel);

/*
 * Runs find_symbols() and find_function() of the object, where they are loaded. A
 * symbol that is not found is no error.
 */
void kernel__ask(struct kernel *kernel, struct pidnstrace_bpf *skel);

struct preemption {
	const char *name;	/* as for the boot parameter preempt=, or "no", "yes" */
	bool any;		/* programs are preempted */
};

struct preemption kernel__preemption(const struct kernel *kernel);

#endif /* LOADER_KERNEL_H */
