/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways.h - the ways to each hook, and how far down the list this kernel has made us
 * go.
 *
 *	hook_ways__init		the ways to a hook, the best one first
 *	hook_ways__now		the way to be tried, or the one it is had by
 *	hook_ways__refuse	the kernel has refused it: on to the next
 */
#ifndef LOADER_WAYS_H
#define LOADER_WAYS_H

#include <stdbool.h>
#include <linux/types.h>

#include "../bpf/wire.h"

enum way {
	WAY_NONE,
	WAY_TRAMPOLINE,		/* fentry, fexit */
	WAY_KPROBE_MULTI,
	WAY_KPROBE,
	WAY_SYSCALL,		/* the tracepoints of all system calls */
	WAY_TRACEPOINT,		/* tp_btf */
	WAY_PERF,		/* tp: a tracepoint as perf has it */
	WAY_ITERATOR,
	WAYS,
};

/* Both kinds of kprobes take the same program. */
#define WAYS_KPROBE (1U << WAY_KPROBE_MULTI | 1U << WAY_KPROBE)
/* Programs run with preemption off, and share a counter of each CPU. */
#define WAYS_UNPREEMPTED (WAYS_KPROBE | 1U << WAY_PERF)
/* Ways that rest on ftrace. */
#define WAYS_FTRACE (1U << WAY_TRAMPOLINE | WAYS_KPROBE)

#define HOOK_WAYS_MAX 4

/* The best way that may be taken. */
enum attach_way {
	ATTACH_AUTO,		/* the one that loses nothing on this kernel */
	ATTACH_TRAMPOLINE,
	ATTACH_KPROBE,
	ATTACH_SYSCALL,
};

struct ways_choice {
	enum attach_way attach;
	/* Programs are preempted there: ATTACH_AUTO tries WAYS_UNPREEMPTED first. */
	bool in_functions, in_tracepoints;
	bool ftrace_is_off;	/* the sysctl kernel.ftrace_enabled is 0 */
};

struct hook_ways {
	enum wire_hook hook;
	enum way way[HOOK_WAYS_MAX];
	int error[HOOK_WAYS_MAX];	/* -errno of those before "at" */
	int n, at;			/* at == n: no way is left */
};

/*
 * Ways that @choice leaves out are refused at once, with -EUNATCH; those that rest on
 * ftrace while it is off, with -ESHUTDOWN.
 */
void hook_ways__init(struct hook_ways *ways, enum wire_hook hook,
		     const struct ways_choice *choice);
enum way hook_ways__now(const struct hook_ways *ways);
void hook_ways__refuse(struct hook_ways *ways, int error);

/* Gives up the ways from here on, up to the first in the mask @but, 1 << enum way. */
void hook_ways__drop(struct hook_ways *ways, unsigned int but, int error);

/* 0: the hook is had; else the error of the best way. */
int hook_ways__error(const struct hook_ways *ways);

/*
 * Can events be missed by this way that nobody counts? @counts_misses: this kernel
 * counts the events that programs of WAYS_UNPREEMPTED were skipped for. @preempts: it preempts
 * programs.
 */
bool hook_ways__is_partial(const struct hook_ways *ways, bool counts_misses,
			   bool preempts);

/* Why a way was refused, for people. @error: -errno */
const char *way__explain(enum way way, int error);

/* The name of a way, as of the programs of this hook: "kretprobe.multi". */
const char *way__name(enum wire_hook hook, enum way way);

#endif /* LOADER_WAYS_H */
