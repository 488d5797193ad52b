/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * object.h - loading the BPF programs that this kernel has hooks for.
 */
#ifndef PIDNS_OBJECT_H
#define PIDNS_OBJECT_H

#include <stdbool.h>
#include <linux/types.h>

#include "../bpf/wire.h"

struct bpf_program;
struct pidnstrace_bpf;
struct session_options;

#define COPIES_MAX 8

/* How programs are called by the functions that tasks call: see bpf/ways.h. */
enum attach_way {
	ATTACH_AUTO,
	ATTACH_TRAMPOLINE,	/* fentry, fexit */
	ATTACH_KPROBE,		/* kprobe.multi */
};

struct objects {
	struct pidnstrace_bpf *copy[COPIES_MAX];	/* 0 is always there */
	int copies;
	enum attach_way way;	/* the one taken */
	const char *preemption;	/* as for the boot parameter preempt=, or "no", "yes" */
};

/*
 * Loads the programs of options->hooks, as far as the kernel takes them, and as
 * many copies of each as it needs; the errno of each hook that it does not take is
 * in @errors.
 *
 * Returns 0 and *objects, for objects__free(); or a negative errno that has been
 * reported.
 */
int objects__load(const struct session_options *options,
		  int errors[WIRE_NHOOKS], struct objects *objects);
void objects__free(struct objects *objects);

/*
 * The hook that a program is for, an enum wire_hook; -ENOENT: none. A program on a
 * kprobe is named after the one on a trampoline.
 */
int program__hook(const struct pidnstrace_bpf *skel,
		  const struct bpf_program *program);

#endif /* PIDNS_OBJECT_H */
