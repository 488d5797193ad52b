/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scene: a caller of setns, a pid namespace as target, and what stands in
 * the way. What is asked for is data (struct scene_spec, all zero is the
 * plain case that succeeds); scene__build() makes it so.
 */
#ifndef GUEST_SCENE_H
#define GUEST_SCENE_H

#include <stdbool.h>

#include "actor.h"
#include "snap.h"

enum scene_creds {
	CREDS_FULL,
	CREDS_NONE,		/* no CAP_SYS_ADMIN anywhere */
	CREDS_TARGET_ONLY,	/* owns the target's user ns, nothing in its own */
	CREDS_OWN_ONLY,		/* root of a user ns, target owned above it */
	CREDS_NOT_ACTIVE,	/* root of a user ns below that of the active pid ns */
	CREDS_NOT_ABOVE,	/* a plain user, root of a user ns that owns the
				   active pid ns and nothing above */
};

enum scene_role {
	ROLE_PLAIN,
	ROLE_INIT,		/* pid 1 of its own container */
};

enum scene_target {
	TARGET_CHILD,
	TARGET_OWN,
	TARGET_SIBLING,		/* other child of the active ns's parent */
	TARGET_COUSIN,		/* child of the sibling: level fits, parent not */
	TARGET_GRANDCHILD,
	TARGET_PARENT,
	TARGET_INITLESS,	/* child that never had a process */
	TARGET_DYING,		/* child whose init is a zombie */
	TARGET_REAPED,		/* child whose init is dead and reaped */
};

enum scene_leader {
	LEADER_BOTH,		/* of its own session and process group */
	LEADER_NOT_GROUP,	/* of neither */
	LEADER_NOT_SESSION,	/* of a process group in another's session */
	LEADER_THREAD,		/* a leader's second thread makes the call */
};

enum scene_busy {
	BUSY_NOTHING,
	BUSY_CHILD,
	BUSY_ZOMBIE,
	BUSY_TRACEE,
	BUSY_TRACED,
	BUSY_SESSION,		/* a stranger is in the caller's session */
	BUSY_TTY,
	BUSY_TIMER,
};

struct scene_spec {
	enum scene_creds creds;
	enum scene_role role;
	enum scene_target target;
	enum scene_leader leader;
	enum scene_busy busy;
	bool threads;		/* a second, idle, thread */
	bool full;		/* no free number in the machine */
};

struct scene {
	struct scene_spec spec;
	struct actor caller;
	struct actor parent;	/* the caller's; .pid 0: the director */
	struct actor init;	/* the target's; .pid 0: none, or none of ours */
	int nsfd;		/* the target, director's fd */
	int pidfd;		/* of a task active in the target, or -1 */
	int caller_nsfd;	/* the same two fds in the caller */
	int caller_pidfd;
};

/* Builds it or bails (skips, if this kernel has no such thing). */
void scene__build(struct scene *s, const struct scene_spec *spec);

/* setns by the caller, from the thread the spec asks for. */
long scene__setns(const struct scene *s, int number, int flags);

/* Snapshot of the caller with the target's init looking from inside. */
struct snap *scene__snap(const struct scene *s);

/*
 * Uses up all numbers, until scene__refill_numbers(); nobody else in the
 * machine can fork meanwhile. (The runner restores pid_max in any case.)
 */
void scene__exhaust_numbers(void);
void scene__refill_numbers(void);

#endif
