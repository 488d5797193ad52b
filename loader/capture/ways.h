/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the list of ways to attach each hook, and the current position in the list:
 *
 *	hook_ways__init		list the ways to a hook, the best one first
 *	hook_ways__now		return the way to try, or the way that is attached
 *	hook_ways__refuse	the kernel has refused this way: go to the next
 */
#ifndef LOADER_CAPTURE_WAYS_H
#define LOADER_CAPTURE_WAYS_H

#include <stdbool.h>
#include <linux/types.h>

#include "bpf/wire.h"

enum way {
	WAY_NONE,
	WAY_TRAMPOLINE,		/* fentry, fexit */
	WAY_KPROBE_MULTI,
	WAY_KPROBE,
	WAY_SYSCALL,		/* the tracepoints of all system calls */
	WAY_TRACEPOINT,		/* tp_btf */
	WAY_PERF,		/* tp: perf's side of a tracepoint */
	WAY_ITERATOR,
	WAYS,
};

/* Both kinds of kprobes take the same program. */
#define WAYS_KPROBE (1U << WAY_KPROBE_MULTI | 1U << WAY_KPROBE)
/* Ways with preemption off. Their programs share one counter per CPU. */
#define WAYS_UNPREEMPTED (WAYS_KPROBE | 1U << WAY_PERF)
/* Ways that need ftrace. */
#define WAYS_FTRACE (1U << WAY_TRAMPOLINE | WAYS_KPROBE)

#define HOOK_WAYS_MAX 4

/* The best way that is allowed. */
enum attach_way {
	ATTACH_AUTO,		/* a way that loses no events on this kernel */
	ATTACH_TRAMPOLINE,
	ATTACH_KPROBE,
	ATTACH_SYSCALL,
};

struct ways_choice {
	enum attach_way attach;
	/* Programs are preempted there, so ATTACH_AUTO tries WAYS_UNPREEMPTED first. */
	bool in_functions, in_tracepoints;
	bool ftrace_is_off;	/* the sysctl kernel.ftrace_enabled is 0 */
};

struct hook_ways {
	enum wire_hook hook;
	enum way way[HOOK_WAYS_MAX];
	int error[HOOK_WAYS_MAX];	/* -errno of the refused ways, which come first */
	int n, nrefused;		/* equal: no way is left */
};

/*
 * Refuses at once the ways that @choice leaves out, with -EUNATCH, and the ways that
 * need ftrace while ftrace is off, with -ESHUTDOWN.
 */
void hook_ways__init(struct hook_ways *ways, enum wire_hook hook,
		     const struct ways_choice *choice);
enum way hook_ways__now(const struct hook_ways *ways);
void hook_ways__refuse(struct hook_ways *ways, int error);

/* Gives up ways, up to the next one in the mask @but (1 << enum way). */
void hook_ways__drop(struct hook_ways *ways, unsigned int but, int error);

/* Returns 0 if a way is left, else the error of the best way. */
int hook_ways__error(const struct hook_ways *ways);

/*
 * Returns true if this way may miss events without counting them. @counts_misses: this
 * kernel counts the skipped runs of programs of WAYS_UNPREEMPTED. @preempts: this kernel
 * preempts programs.
 */
bool hook_ways__is_partial(const struct hook_ways *ways, bool counts_misses,
			   bool preempts);

/* Returns the reason why a way was refused, for people. @error: -errno */
const char *way__explain(enum way way, int error);

/* Returns the name of a way for the programs of this hook: "kretprobe.multi". */
const char *way__name(enum wire_hook hook, enum way way);

#endif /* LOADER_CAPTURE_WAYS_H */
