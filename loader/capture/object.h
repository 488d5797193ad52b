/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads the BPF programs that this kernel has hooks for. After objects__load(),
 * program__attach() attaches one program; for a hook whose program is refused then,
 * objects__load_more() loads the programs of its next attach method.
 */
#ifndef LOADER_CAPTURE_OBJECT_H
#define LOADER_CAPTURE_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "bpf/wire.h"
#include "loader/capture/ways.h"
#include "loader/trace/hook_mask.h"

struct bpf_program;
struct pidnstrace_bpf;
struct session_options;
struct plan;

#define COPIES_MAX 8
/* A refused hook is loaded by its next attach method, in further objects. */
#define OBJECTS_MAX (1 + COPIES_MAX * HOOK_WAYS_MAX)

struct object {
	struct pidnstrace_bpf *skel;
	int copy;
};

struct objects {
	struct object object[OBJECTS_MAX];	/* the first one: all maps, no hook */
	int n;
	struct hook_ways ways[WIRE_NHOOKS];
	int copies;
	bool kprobe_counts_misses;
	const char *preemption;	/* value of the boot parameter preempt=, or "no", "yes" */
	struct plan *plan;
};

/*
 * Loads the programs of options->hooks, each by the first attach method that the
 * kernel accepts, and in as many copies as needed.
 *
 * Returns 0 and *objects, for objects__free(); or a negative errno that has been
 * reported.
 */
int objects__load(const struct session_options *options, struct objects *objects);

/*
 * Loads the hooks of the mask @hooks into further objects, each by its current attach
 * method. Returns 0, or a negative errno: no hook was loaded.
 */
int objects__load_more(struct objects *objects, hook_mask hooks);

/* Returns true if the hook may miss events that no counter counts. */
bool objects__is_partial(const struct objects *objects, enum wire_hook hook);

void objects__free(struct objects *objects);

/*
 * Returns the enum wire_hook that a program is for, or -ENOENT. A program of another
 * attach method has the name of the trampoline's program and a suffix.
 */
int program__hook(const struct pidnstrace_bpf *skel,
		  const struct bpf_program *program);

/* Returns true if the hook works without this program, so that a refusal is harmless. */
bool program__is_optional(const struct bpf_program *program);

/* Attaches a program by the attach method @way. Returns NULL and errno if refused. */
struct bpf_link *program__attach(const struct bpf_program *program, enum way way);

#endif /* LOADER_CAPTURE_OBJECT_H */
