/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hooks.h - the hooks by name, and which of them a kernel has.
 */
#ifndef PIDNS_HOOKS_H
#define PIDNS_HOOKS_H

#include <stdbool.h>
#include <linux/types.h>

#include "../bpf/wire.h"

struct btf_want;

struct hook {
	const char *name;	/* "fentry:alloc_pid": kind and target */
	enum wire_type type;	/* of the records it makes */
};

extern const struct hook hooks[WIRE_NHOOKS];

/* All of them, as a mask of 1 << enum wire_hook. */
#define HOOKS_ALL ((1U << WIRE_NHOOKS) - 1)
_Static_assert(WIRE_NHOOKS < 32, "a mask holds them");

/* What reads and writes kernel.setns_pid_join; few kernels have it. */
#define KNOB_HANDLER "pid_ns_join_handler"

/* "alloc_pid": the function or tracepoint a hook is on. */
const char *hook__target(enum wire_hook hook);

/* false: the hook is a tracepoint's or an iterator's. */
bool hook__is_on_function(enum wire_hook hook);

/*
 * The hook a BPF program's section ("fentry/alloc_pid") is for.
 * Returns an enum wire_hook, or -ENOENT: the section is no hook's.
 */
int hook__of_section(const char *section);

/* What to look for in BTF: its being there says nothing of being attachable. */
void hook__want(enum wire_hook hook, struct btf_want *want);

/* The same for any section, "fentry/alloc_pid"; of no hook: an empty name. */
void section__want(const char *section, struct btf_want *want);

/* What became of an attempt to attach: @error is 0 or -errno. */
const char *hook__explain(int error);

#endif /* PIDNS_HOOKS_H */
