/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Manages the life of the BPF programs: load, attach, ready, read, stop.
 *
 *	session__open	load the programs that this kernel supports
 *	session__attach	attach each hook by trying; nothing is recorded
 *	session__begin	start recording in all programs at once, by one flag
 *	session__read	hand over the records in the ring, whenever fd is readable
 *	session__sweep	visit each live thread
 *	session__end	stop recording, drain, hand over the statistics
 *	session__free	detach; legal at any point
 *
 * Functions return 0, or a negative errno after a message with the cause.
 */
#ifndef LOADER_CAPTURE_SESSION_H
#define LOADER_CAPTURE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/types.h>

#include "bpf/wire.h"
#include "loader/capture/object.h"
#include "loader/trace/hook_mask.h"

struct record_sink;
struct session;

#define SESSION_RING_SIZE (8UL << 20)

struct session_options {
	uint64_t ring_size;	/* bytes, rounded up to a size that the kernel accepts */
	hook_mask hooks;		/* mask of 1 << enum wire_hook */
	bool stacks;		/* for each change_pid(), not only a setns's first */
	bool failed_allocs;	/* record alloc_pid() only if it failed */
	enum attach_way way;	/* best way allowed; ATTACH_AUTO: as the kernel needs */
	uint64_t copies;	/* per program; 0: as the kernel needs */
	bool verbose;		/* progress, libbpf's and the verifier's messages on stderr */
};

/* Counters of a record type, summed over all CPUs. */
struct session_counts {
	uint64_t hits, tried, lost_ring, lost_map, missed;
};

/*
 * Checks that this process may load programs, and reports what is missing: privileges
 * or BTF. Returns 0, -EPERM or -ENOENT.
 */
int session__check(void);

int session__open(const struct session_options *options, struct session **out);
int session__attach(struct session *session);

/* Returns the chosen way to each hook and the copies. The session owns them. */
const struct objects *session__objects(const struct session *session);

/*
 * Returns 0, or -errno of the attempt to attach by the best way, or -ECANCELED for a
 * hook that was not selected.
 */
int session__hook_error(const struct session *session, enum wire_hook hook);

/* Hands over a META_HOOK for each hook, then sets ready. */
int session__begin(struct session *session, struct record_sink *sink);

/* Hands over a META_COMMAND for the command @pid, a number as the caller sees it. */
int session__command(struct session *session, struct record_sink *sink,
		     pid_t pid);

/*
 * Returns the fd to poll for input. The fd becomes readable when an eighth of the ring
 * is used, so read at least every SESSION_READ_MS, too.
 */
#define SESSION_READ_MS 50
int session__fd(const struct session *session);

/*
 * Hands over the records that are in the ring at the time of the call. Returns their
 * number, or the error of a sink.
 */
long session__read(struct session *session, struct record_sink *sink);

/*
 * Puts the records of one sweep over all threads into the ring. Returns -ENOENT if the
 * sweep hook is not attached.
 */
int session__sweep(struct session *session, enum wire_sweep_reason reason);

/* Waits until most RCU callbacks queued before this call have run. */
void session__wait_rcu(void);

/* Returns the number of kernel records handed over so far. */
uint64_t session__records(const struct session *session);

/* Pins a link as @dir/@name; also for widen.h. Returns 0 or a negative errno. */
struct bpf_link;
int link__pin(struct bpf_link *link, const char *dir, const char *name);

/* For other programs: the map of tasks inside setns(), and an address, 0: not known. */
int session__windows_fd(const struct session *session);
uint64_t session__tasklist_lock(const struct session *session);

/* Reads the counters: any time after session__begin(), exact after session__end(). */
int session__count(const struct session *session,
		   struct session_counts of[WIRE_KERNEL_TYPES]);

int session__end(struct session *session, struct record_sink *sink);

/* Adds the links of all programs. */
struct detacher;
void session__add_links(const struct session *session, struct detacher *detacher);

/*
 * After session__end(): leaves the programs attached, but idle, as files in @dir, on a
 * bpffs. Returns 0, or a negative errno; session__free() then detaches the programs
 * that could not be pinned.
 */
int session__pin(struct session *session, const char *dir);
void session__free(struct session *session);

#endif /* LOADER_CAPTURE_SESSION_H */
