/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * object.h - loading the BPF programs that this kernel has hooks for.
 */
#ifndef PIDNS_OBJECT_H
#define PIDNS_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "../bpf/wire.h"
#include "ways.h"

struct bpf_program;
struct pidnstrace_bpf;
struct session_options;
struct plan;

#define COPIES_MAX 8
/* Each hook that is refused goes on to its next way, in further objects. */
#define OBJECTS_MAX (1 + COPIES_MAX * HOOK_WAYS_MAX)

struct object {
	struct pidnstrace_bpf *skel;
	int copy;
};

struct objects {
	struct object object[OBJECTS_MAX];	/* the first one has the maps of all, and no hook */
	int n;
	struct hook_ways ways[WIRE_NHOOKS];
	int copies;
	bool kprobe_counts_misses;
	const char *preemption;	/* as for the boot parameter preempt=, or "no", "yes" */
	struct plan *plan;
};

/*
 * Loads the programs of options->hooks, by the first way that the kernel does not
 * refuse to load, and as many copies of each as it needs.
 *
 * Returns 0 and *objects, for objects__free(); or a negative errno that has been
 * reported.
 */
int objects__load(const struct session_options *options, struct objects *objects);

/*
 * Loads, in further objects, the hooks of the mask @hooks by the way that each has
 * got to. Returns 0, or a negative errno: none of them could be loaded.
 */
int objects__load_more(struct objects *objects, uint32_t hooks);

/* Can events of the hook be missed that nobody counts? */
bool objects__is_partial(const struct objects *objects, enum wire_hook hook);

void objects__free(struct objects *objects);

/*
 * The hook that a program is for, an enum wire_hook; -ENOENT: none. A program of
 * another way has the name of the one on a trampoline, and a suffix.
 */
int program__hook(const struct pidnstrace_bpf *skel,
		  const struct bpf_program *program);

/* The hook can do without this program, which may therefore be refused. */
bool program__is_optional(const struct bpf_program *program);

/* Attaches a program of a hook that is had by @way. NULL and errno: refused. */
struct bpf_link *program__attach(const struct bpf_program *program, enum way way);

#endif /* PIDNS_OBJECT_H */
