/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a session, and the functions that its files call in each other. No other
 * file includes this header.
 */
#ifndef LOADER_CAPTURE_SESSION_STATE_H
#define LOADER_CAPTURE_SESSION_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "bpf/wire.h"
#include "bpf/counts.h"
#include "loader/capture/object.h"
#include "loader/capture/ring.h"
#include "loader/capture/session.h"
#include "loader/capture/switches.h"
#include "pidnstrace.skel.h"

/* Addresses with a META_SYM: a stack has few, and callers repeat. */
#define SEEN_MAX 1024

/*
 * One program per hook, or two on kprobes; put_pid() and proc_flush_pid() have one
 * more, and two programs watch writes of the knob. Each way that was tried for a hook
 * has programs of its own.
 */
#define PROGRAMS_MAX ((WIRE_NHOOKS * 2 + 4) * OBJECTS_MAX)

struct program {
	struct bpf_program *bpf;
	struct bpf_link *link;
	enum wire_hook hook;
	int copy;
	bool tried;		/* attaching was tried */
	uint64_t missed_before;
	uint64_t missed;
};

struct session {
	struct objects objects;
	struct pidnstrace_bpf *skel;	/* the first object's */
	struct program programs[PROGRAMS_MAX];
	int nprograms;
	int nobjects;			/* objects whose programs are listed */
	uint32_t sweeps;
	struct ring *ring;
	struct record_sink *sink;	/* argument of the current session__read() */
	struct per_cpu *counts;		/* one per possible CPU; as last read */
	struct per_cpu *before, *after;	/* at the beginning and at the end */
	int ncpus;
	uint64_t records;
	struct cgroups *cgroups;
	uint64_t last_cgroup;		/* id in the last record that has one, or 0 */
	struct ksyms *ksyms;
	bool ksyms_tried;
	uint64_t seen[SEEN_MAX];
	struct switches switches;
	uint64_t looked_ns;	/* time of the last look at the switches */
	bool began, ended;
};

/* --- the programs --- */

/* Lists the programs of the objects loaded since the last call. */
void session__list_programs(struct session *s);

/*
 * Destroys the links. The kernel waits for an RCU tasks grace period per hook, some
 * 100 ms, unless the links are pinned or another process has them open (detacher.h).
 */
void session__detach(struct session *s);

/* --- the records --- */

/* Begins a record of the loader: zeroes its @size bytes and sets the header. */
void meta__init(struct wire_hdr *hdr, enum wire_type type, size_t size);

/* Callback of ring__read(): hands over a record, and names before it. */
int session__take(void *context, const struct wire_hdr *record);

/* Hands over what the programs had gathered when they stopped: bpf/links.h. */
int session__take_gathered(struct session *s, struct record_sink *sink);

/* --- the counters --- */

/*
 * Reads the misses and the turns taken for them until neither changes for a while: both
 * change while programs are attached, and cannot be read in one step.
 */
int session__read_still(struct session *s, struct per_cpu *counts);

/* Counts the records that the programs have put, or will soon put, in the ring. */
int session__sent(const struct session *s, uint64_t *sent);

/* Returns true if the programs of a type were not called for a while. */
bool session__was_off(const struct session *s, enum wire_type type);

#endif /* LOADER_CAPTURE_SESSION_STATE_H */
