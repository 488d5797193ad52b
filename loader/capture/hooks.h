/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the table of hooks, indexed by enum wire_hook. section__btf_type() returns
 * what to look for in the kernel's BTF; hook__of_section() finds the hook of a program.
 */
#ifndef LOADER_CAPTURE_HOOKS_H
#define LOADER_CAPTURE_HOOKS_H

#include <stdbool.h>
#include <linux/types.h>

#include "bpf/wire.h"

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

#define BTF_NAME_SIZE 64

/*
 * Stores the name of the BTF type of a section's or a hook's target ("fentry/alloc_pid",
 * "fentry:alloc_pid"), and returns the BTF_KIND_* of the type; an unknown kind of section:
 * "" and 0. A target in BTF may still not be attachable.
 */
int section__btf_type(const char *section, char name[BTF_NAME_SIZE]);

/* Explains the result of attaching: @error is 0 or -errno. */
const char *hook__explain(int error);

#endif /* LOADER_CAPTURE_HOOKS_H */
