/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the features of the running kernel that decide which programs are loaded and
 * how they are attached. kernel__read_btf() needs no program; kernel__find_symbols() runs programs
 * of a loaded skeleton.
 */
#ifndef LOADER_CAPTURE_KERNEL_H
#define LOADER_CAPTURE_KERNEL_H

#include <stdbool.h>
#include <linux/types.h>

#include "bpf/wire.h"

struct btf;
struct btf_type;
struct pidnstrace_bpf;

/* BTF of the running kernel. */
#define BTF_FILE "/sys/kernel/btf/vmlinux"

struct kernel {
	bool has[WIRE_NHOOKS];		/* the hook's target is in BTF */
	bool has_symbol[WIRE_NHOOKS];	/* ... only in kallsyms: enough for a kprobe */
	bool change_pid_has_pids;
	bool has_cast;			/* bpf_rdonly_cast() */
	bool has_task_from_pid;
	bool has_knob;
	bool ftrace_is_off;		/* the sysctl kernel.ftrace_enabled is 0 */
	/*
	 * Kernels after 6.18, if preemptible, also preempt programs on tracepoints: 7.3
	 * does, 6.18 does not, the releases between them were not checked.
	 */
	bool tracepoints_preempt;
	/* Set by kernel__find_symbols(), from the BPF program find_symbols(). */
	int preempt_mode;
	bool fprobe_has_no_limit;
	bool kprobe_counts_misses;
};

/*
 * Returns the BTF type of the target of a section or a hook (section__btf_type()), or
 * NULL.
 */
const struct btf_type *section__find(const struct btf *btf, const char *section);

/* Reads BTF and a sysctl. Returns 0, or a negative errno that has been reported. */
int kernel__read_btf(struct kernel *kernel);

/*
 * Runs the BPF programs find_symbols() and find_function(), if they are loaded. A
 * missing symbol is not an error.
 */
void kernel__find_symbols(struct kernel *kernel, struct pidnstrace_bpf *skel);

struct preemption {
	const char *name;	/* boot parameter preempt=, or "no", "rt", "yes" */
	bool any;		/* the kernel preempts programs */
};

struct preemption kernel__preemption(const struct kernel *kernel);

#endif /* LOADER_CAPTURE_KERNEL_H */
