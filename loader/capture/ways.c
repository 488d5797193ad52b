// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists the ways to attach each hook, and keeps the position in the list after the
 * refusals of this kernel. Where the kernel preempts programs, the ways without
 * preemption come first. bpf/ways.h describes the ways and their limits.
 */
#include "loader/capture/ways.h"

#include <errno.h>
#include <string.h>

#include "loader/capture/hooks.h"

/* Where a task may be preempted while a program on a trampoline or tp_btf runs. */
enum preempted {
	NOWHERE,		/* called under locks or in softirqs */
	IN_FUNCTION,
	IN_TRACEPOINT,
};

struct list {
	enum preempted preempted;
	enum way way[HOOK_WAYS_MAX];
};

#define BY_FUNCTION WAY_TRAMPOLINE, WAY_KPROBE_MULTI, WAY_KPROBE
#define TASKS		{ IN_FUNCTION, { BY_FUNCTION } }
#define ATOMIC		{ NOWHERE, { BY_FUNCTION } }
#define SYSTEM_CALL	{ IN_FUNCTION, { BY_FUNCTION, WAY_SYSCALL } }
#define TRACEPOINT	{ NOWHERE, { WAY_TRACEPOINT } }
#define OF_CURRENT	{ IN_TRACEPOINT, { WAY_TRACEPOINT, WAY_PERF } }
/* perf's tracepoint has no pointer to the child; the function called next has one. */
#define OF_CHILD	{ IN_TRACEPOINT, { WAY_TRACEPOINT, WAY_KPROBE_MULTI } }
#define ITERATOR	{ NOWHERE, { WAY_ITERATOR } }

static const struct list lists[WIRE_NHOOKS] = {
#define X(e, s, t, w) [WIRE_HOOK_##e] = w,
	WIRE_HOOKS(X)
#undef X
};

/* Returns the mask of the ways that --attach leaves out. */
static unsigned int ways_left_out(enum attach_way attach)
{
	switch (attach) {
	case ATTACH_KPROBE:
		return 1U << WAY_TRAMPOLINE;
	case ATTACH_SYSCALL:
		return WAYS_FTRACE;
	default:
		return 0;
	}
}

/* Returns 0, or -errno with the reason not to try the way. */
static int why_not(enum way way, const struct ways_choice *choice)
{
	if (1U << way & ways_left_out(choice->attach))
		return -EUNATCH;
	return choice->ftrace_is_off && 1U << way & WAYS_FTRACE ? -ESHUTDOWN : 0;
}

/* Adds the ways of the list that are in @mask (1 << enum way) and not added yet. */
static void add(struct hook_ways *w, const struct list *list, unsigned int mask,
		const struct ways_choice *choice)
{
	for (int i = 0; i < w->n; i++)
		mask &= ~(1U << w->way[i]);
	for (int i = 0; i < HOOK_WAYS_MAX && list->way[i]; i++) {
		int error = why_not(list->way[i], choice);

		/* A way not to be tried is listed only if it is better than the rest. */
		if (!(mask & 1U << list->way[i]) || (error && w->n > w->nrefused))
			continue;
		w->way[w->n++] = list->way[i];
		if (error)
			hook_ways__refuse(w, error);
	}
}

void hook_ways__init(struct hook_ways *w, enum wire_hook hook,
		     const struct ways_choice *choice)
{
	const struct list *list = &lists[hook];
	bool preempted = (list->preempted == IN_FUNCTION && choice->in_functions) ||
			 (list->preempted == IN_TRACEPOINT && choice->in_tracepoints);

	*w = (struct hook_ways){ .hook = hook };
	/* A plain kprobe is the last resort. */
	if (preempted && choice->attach == ATTACH_AUTO)
		add(w, list, WAYS_UNPREEMPTED & ~(1U << WAY_KPROBE), choice);
	add(w, list, ~0U, choice);
}

enum way hook_ways__now(const struct hook_ways *w)
{
	return w->nrefused < w->n ? w->way[w->nrefused] : WAY_NONE;
}

void hook_ways__refuse(struct hook_ways *w, int error)
{
	if (w->nrefused < w->n)
		w->error[w->nrefused++] = error;
}

void hook_ways__drop(struct hook_ways *w, unsigned int but, int error)
{
	while (w->nrefused < w->n && !(1U << w->way[w->nrefused] & but))
		hook_ways__refuse(w, error);
}

int hook_ways__error(const struct hook_ways *w)
{
	if (w->nrefused < w->n)
		return 0;
	/* The kernel's error takes precedence over -EUNATCH, which is from --attach. */
	for (int i = 0; i < w->n; i++)
		if (w->error[i] != -EUNATCH)
			return w->error[i];
	return -EUNATCH;
}

bool hook_ways__is_partial(const struct hook_ways *w, bool counts_misses,
			   bool preempts)
{
	/* The kernel counts all missed system calls, not the setns() calls among them. */
	if (hook_ways__now(w) == WAY_SYSCALL)
		return preempts;
	if (!(1U << hook_ways__now(w) & WAYS_UNPREEMPTED))
		return false;
	/* Only trampolines have a program at the end of put_pid(). */
	return !counts_misses || w->hook == WIRE_HOOK_PID_GONE;
}

const char *way__explain(enum way way, int error)
{
	if (way == WAY_PERF && error == -ENOENT)
		return "tracefs is not mounted";
	return hook__explain(error);
}

const char *way__name(enum wire_hook hook, enum way way)
{
	static const char *const names[WAYS][2] = {
		[WAY_NONE] = { "none", "none" },
		[WAY_TRAMPOLINE] = { "fentry", "fexit" },
		[WAY_KPROBE_MULTI] = { "kprobe.multi", "kretprobe.multi" },
		[WAY_KPROBE] = { "kprobe", "kretprobe" },
		[WAY_SYSCALL] = { "tp_btf:sys_enter", "tp_btf:sys_exit" },
		[WAY_TRACEPOINT] = { "tp_btf", "tp_btf" },
		[WAY_PERF] = { "tp", "tp" },
		[WAY_ITERATOR] = { "iter", "iter" },
	};

	return names[way][!strncmp(hooks[hook].name, "fexit:", 6)];
}
