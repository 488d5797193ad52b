/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - the BPF programs' life: load, attach, ready, read, stop.
 *
 *	session__open	load what this kernel has; nothing is attached
 *	session__attach	attach each hook by trying; nothing is recorded
 *	session__begin	one flag makes all programs record at once
 *	session__read	hand over what the ring holds, as often as fd is readable
 *	session__sweep	have each live thread looked at
 *	session__end	stop recording, detach, drain, hand over the statistics
 *	session__free	legal at any point: nothing stays attached
 *
 * Functions return 0 or a negative errno, and have said what is wrong, by name.
 */
#ifndef PIDNS_SESSION_H
#define PIDNS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/types.h>

#include "../bpf/wire.h"
#include "object.h"

struct record_sink;
struct session;

#define SESSION_RING_SIZE (8UL << 20)

struct session_options {
	size_t ring_size;	/* bytes, rounded up to what the kernel takes */
	uint32_t hooks;		/* mask of 1 << enum wire_hook */
	bool stacks;		/* of each change_pid(), not of the first of a setns alone */
	enum attach_way way;	/* the best that may be taken; ATTACH_AUTO: what the kernel needs */
	int copies;		/* how many of each program; 0: what the kernel needs */
	bool verbose;		/* libbpf's and the verifier's words on stderr */
};

/* What a type of record has come to, all CPUs together. */
struct session_counts {
	uint64_t hits, tried, lost_ring, lost_map, missed;
};

/*
 * May this process load programs at all? Names what is missing: privileges,
 * BTF. Returns 0, -EPERM or -ENOENT.
 */
int session__check(void);

int session__open(const struct session_options *options, struct session **out);
int session__attach(struct session *session);

/* The way to each hook and the copies that were chosen. The session owns them. */
const struct objects *session__objects(const struct session *session);

/*
 * 0, or -errno of the attempt to attach by the best way; -ECANCELED: the hook was not
 * asked for.
 */
int session__hook_error(const struct session *session, enum wire_hook hook);

/* Hands over a META_HOOK for each hook, then sets ready. */
int session__begin(struct session *session, struct record_sink *sink);

/* Hands over a META_COMMAND: @pid, as the caller sees it, is followed. */
int session__command(struct session *session, struct record_sink *sink,
		     pid_t pid);

/*
 * To poll for input. It becomes readable when an eighth of the ring is used,
 * so read at least every SESSION_READ_MS, too.
 */
#define SESSION_READ_MS 50
int session__fd(const struct session *session);

/*
 * Hands over what is there. Returns how many records that was, or the error of
 * a sink.
 */
int session__read(struct session *session, struct record_sink *sink);

/*
 * Makes the records of one sweep over all threads, to be read. -ENOENT: this
 * session has no such hook.
 */
int session__sweep(struct session *session, enum wire_sweep_reason reason);

/* Waits until the RCU callbacks queued before this call have run, or nearly. */
void session__wait_rcu(void);

/* Kernel records handed over so far. */
uint64_t session__records(const struct session *session);

/* One link, under that name; also for widen.h. Returns 0 or a negative errno. */
struct bpf_link;
int link__pin(struct bpf_link *link, const char *dir, const char *name);

/* For other programs: the map of who is inside of setns(); 0 if not known. */
int session__windows_fd(const struct session *session);
uint64_t session__tasklist_lock(const struct session *session);

/* Valid at any time after session__begin(), exact after session__end(). */
int session__count(const struct session *session,
		   struct session_counts of[WIRE_KERNEL_TYPES]);

int session__end(struct session *session, struct record_sink *sink);

/*
 * After session__end(): leaves the programs attached, and idle, as files in
 * @dir, of a bpffs. Returns 0, or a negative errno; session__free() then
 * detaches what could not be pinned.
 */
int session__pin(struct session *session, const char *dir);
void session__free(struct session *session);

#endif /* PIDNS_SESSION_H */
