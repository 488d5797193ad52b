/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the table of hooks, indexed by enum wire_hook. hook__want() and
 * section__want() set what btf_scan() looks for; hook__of_section() finds the hook of a
 * program.
 */
#ifndef LOADER_CAPTURE_HOOKS_H
#define LOADER_CAPTURE_HOOKS_H

#include <stdbool.h>
#include <linux/types.h>

#include "bpf/wire.h"

struct btf_want;

struct hook {
	const char *name;	/* "fentry:alloc_pid": kind and target */
	enum wire_type type;	/* type of the hook's records */
};

extern const struct hook hooks[WIRE_NHOOKS];

/* Handler of the sysctl kernel.setns_pid_join, which few kernels have. */
#define KNOB_HANDLER "pid_ns_join_handler"

/* Returns the function, tracepoint or iterator of a hook: "alloc_pid". */
const char *hook__target(enum wire_hook hook);

/* Returns false for a hook on a tracepoint or an iterator. */
bool hook__is_on_function(enum wire_hook hook);

/*
 * Finds the hook of a BPF program's section ("fentry/alloc_pid").
 * Returns an enum wire_hook, or -ENOENT if the section does not belong to a hook.
 */
int hook__of_section(const char *section);

/* Sets the BTF type to look for. A target in BTF may still not be attachable. */
void hook__want(enum wire_hook hook, struct btf_want *want);

/* Does the same for a section, "fentry/alloc_pid"; an unknown kind: empty name. */
void section__want(const char *section, struct btf_want *want);

/* Explains the result of attaching: @error is 0 or -errno. */
const char *hook__explain(int error);

#endif /* LOADER_CAPTURE_HOOKS_H */
