/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attacks of a process on another one that it names by a number in its own pid
 * namespace.
 */
#ifndef TESTS_GUEST_KEEP_ATTACK_H
#define TESTS_GUEST_KEEP_ATTACK_H

#include <stdbool.h>
#include <stddef.h>

#include "actor.h"

/* The signal that the attacks send; its receivers block it. */
#define ATTACK_SIGNAL SIGURG

struct attack {
	enum {
		ON_PROCESS,
		ON_GROUP,	/* the process group with that number */
		ON_OWNER,	/* the same; one that is empty may have that number */
		ON_FRONT,	/* the same, if it is in the attacker's session */
	} on;
	const char *name;
	actor_fn *fn;		/* (number, arg): returns a value or -errno */
	long arg;
};

/* The array ends with an entry without a name. */
extern const struct attack attacks[];

#endif /* TESTS_GUEST_KEEP_ATTACK_H */
