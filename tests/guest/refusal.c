// SPDX-License-Identifier: GPL-2.0-only
/* Tries setns() in scenes where it is refused, and combines two such scenes. */
#include "refusal.h"

#include <sched.h>
#include <unistd.h>

#include "lib/array.h"
#include "run.h"

/*
 * Keeps the state after an unexpected result long enough for a tracer that
 * scans all tasks periodically.
 */
#define LOOKED_AT_MS 700

/* Ways to name the namespace; the result must not depend on the way. */
static const struct way {
	const char *name;
	bool pidfd;
	int flags;
} ways[] = {
	{ "setns(nsfd, 0)", false, 0 },
	{ "setns(nsfd, CLONE_NEWPID)", false, CLONE_NEWPID },
	{ "setns(pidfd, CLONE_NEWPID)", true, CLONE_NEWPID },
};

_Static_assert(ARRAY_SIZE(ways) == REFUSAL_WAYS, "refusal.h counts the ways");

void refusal__try(const struct scene *s, size_t nr, long wanted,
		  const char *changes)
{
	struct snap *before = scene__snap(s);

	for (const struct way *w = ways; w < ways + nr; w++) {
		int number = w->pidfd ? s->caller_pidfd : s->caller_nsfd;

		if (number < 0)
			continue;
		if (!check__err(w->name, scene__setns(s, number, w->flags),
				wanted)) {
			usleep(LOOKED_AT_MS * 1000);
			break;
		}
		snap__same(w->name, before, scene__snap(s), changes);
	}
	if (s->spec.full || s->spec.full_inside)
		scene__refill_numbers(s);
}

bool refusal__combine(const struct scene_spec *a, const struct scene_spec *b,
		      struct scene_spec *both)
{
#define MERGE(field) do { \
		if (a->field && b->field) \
			return false; \
		both->field = a->field ? a->field : b->field; \
	} while (0)
	MERGE(creds);
	MERGE(role);
	MERGE(target);
	MERGE(leader);
	MERGE(busy);
	MERGE(threads);
	MERGE(full);
	MERGE(full_inside);
	MERGE(no_room);
#undef MERGE
	/* Only an init that lives can use up the numbers of its namespace. */
	if (both->full_inside && !scene__has_init(both))
		return false;
	/*
	 * A caller that is an init already has the target's init as its child, and
	 * an outside observer cannot determine what it leads. Its struct pid is as
	 * the fork has made it.
	 */
	return !(both->role == ROLE_INIT && (both->leader || both->no_room));
}

