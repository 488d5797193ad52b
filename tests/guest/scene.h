/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scene: a caller of setns(), a target pid namespace, and obstacles to the
 * join. Struct scene_spec describes a scene as data (all zero: the plain case,
 * which succeeds); scene__build() builds it.
 */
#ifndef TESTS_GUEST_SCENE_H
#define TESTS_GUEST_SCENE_H

#include <stdbool.h>

#include "actor.h"
#include "snap.h"

enum scene_creds {
	CREDS_FULL,
	CREDS_NONE,		/* no CAP_SYS_ADMIN anywhere */
	CREDS_TARGET_ONLY,	/* owner of the target's user ns, without
				   capabilities in its own */
	CREDS_OWN_ONLY,		/* root of a user ns; the target's owner is above it */
	CREDS_NOT_ACTIVE,	/* root of a user ns below that of the active pid ns */
	CREDS_NOT_ABOVE,	/* plain user, root of a user ns that owns the active
				   pid ns and nothing above */
};

enum scene_role {
	ROLE_PLAIN,
	ROLE_INIT,		/* pid 1 of its own container */
};

enum scene_target {
	TARGET_CHILD,
	TARGET_OWN,
	TARGET_SIBLING,		/* another child of the active ns's parent */
	TARGET_COUSIN,		/* child of the sibling: right level, wrong parent */
	TARGET_GRANDCHILD,
	TARGET_PARENT,
	TARGET_INITLESS,	/* child that never had a process */
	TARGET_DYING,		/* child whose init is a zombie */
	TARGET_REAPED,		/* child whose init is dead and reaped */
};

enum scene_leader {
	LEADER_BOTH,		/* leader of its session and process group */
	LEADER_NOT_GROUP,	/* leader of neither */
	LEADER_NOT_SESSION,	/* leader of a process group in another task's session */
	LEADER_THREAD,		/* the second thread of a leader makes the call */
};

enum scene_busy {
	BUSY_NOTHING,
	BUSY_CHILD,
	BUSY_ZOMBIE,
	BUSY_TRACEE,
	BUSY_TRACED,
	BUSY_SESSION,		/* an unrelated task is in the caller's session */
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
	bool full;		/* no free pid number in the machine */
	bool full_inside;	/* no free pid number in the target */
	bool no_room;		/* the caller's struct pid is full of levels; the knob
				   is 2 */
};

struct scene {
	struct scene_spec spec;
	struct actor caller;
	struct actor parent;	/* parent of the caller; .pid 0: the director */
	struct actor init;	/* init of the target; .pid 0: none, or not ours */
	int nsfd;		/* the target; an fd of the director */
	int pidfd;		/* a task active in the target, or -1 */
	int caller_nsfd;	/* the same two fds in the caller */
	int caller_pidfd;
	long pid_max, last_pid;	/* before they made the numbers scarce */
};

/* Builds the scene or bails out (skips, if this kernel lacks a feature). */
struct scene scene__build(const struct scene_spec *spec);

/* Makes the caller call setns(), from the thread that the spec names. */
long scene__setns(const struct scene *s, int number, int flags);

/* Makes @who call setns() with a copy of @fd, which the actor then closes. */
long scene__enter(const struct actor *who, int fd, int flags);

/* Takes a snapshot of the caller; the target's init adds the view from inside. */
struct snap *scene__snap(const struct scene *s);

/* Ends the shortage of numbers of a scene that is "full", there or inside. */
void scene__refill_numbers(const struct scene *s);

/* Returns whether the target has an init, which the scene knows as an actor. */
bool scene__has_init(const struct scene_spec *spec);

#endif /* TESTS_GUEST_SCENE_H */
