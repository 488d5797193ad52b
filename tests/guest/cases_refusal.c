// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the errors of setns(pid namespace) on join kernels, in the order in which setns
 * checks for them (docs/setns_pid_join.7, CHECKS AND ERRORS), and mainline's results
 * for the same scenes.
 *
 * One table drives three groups of cases: each condition alone on a join kernel; each
 * condition alone where setns does not move its caller (a stock kernel, or the sysctl
 * at 0); and, on a join kernel, two conditions at once: the earlier row decides. The
 * cases check that a refusal changes nothing.
 *
 * Limits: no races. All conditions are stable while setns runs.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/nsfs.h>

#include "lib/array.h"
#include "cases.h"
#include "ns.h"
#include "refusal.h"
#include "scene.h"

enum {
	/* The condition represents its row in the pairs of rows. */
	ROW_REPRESENTATIVE = 1 << 0,
	/* The seed lacks this check, and its kernel may not survive the case. */
	ROW_SEED_BREAKS = 1 << 1,
	/* ... and the remaining tasks never end, so that wait() blocks forever. */
	ROW_SEED_HANGS = 1 << 2,
};

struct condition {
	const char *name;
	int row;		/* in the errno table; 0: success */
	int join;		/* setns on a join kernel, sysctl 1 */
	int mainline;		/* setns on others; 0: success */
	unsigned int flags;
	struct scene_spec spec;
};

static const struct condition conditions[] = {
	{ "caller without CAP_SYS_ADMIN", 1, -EPERM, -EPERM,
	  ROW_REPRESENTATIVE, { .creds = CREDS_NONE } },
	{ "caller that owns the target but lacks caps in its own user ns", 1,
	  -EPERM, -EPERM, ROW_REPRESENTATIVE, { .creds = CREDS_TARGET_ONLY } },
	{ "caller with all caps in a user ns below the target's", 1,
	  -EPERM, -EPERM, ROW_REPRESENTATIVE, { .creds = CREDS_OWN_ONLY } },

	{ "caller is the init of its pid ns", 2, -EINVAL, 0,
	  ROW_REPRESENTATIVE, { .role = ROLE_INIT } },
	{ "caller is a second thread of the init", 2, -EINVAL, 0, 0,
	  { .role = ROLE_INIT, .leader = LEADER_THREAD } },

	{ "target is the own pid ns", 3, -EPERM, 0, ROW_REPRESENTATIVE,
	  { .target = TARGET_OWN } },
	{ "target is a sibling", 3, -EPERM, -EINVAL, 0,
	  { .target = TARGET_SIBLING } },
	{ "target is a cousin", 3, -EPERM, -EINVAL, 0,
	  { .target = TARGET_COUSIN } },
	{ "target is a grandchild", 3, -EPERM, 0, ROW_REPRESENTATIVE,
	  { .target = TARGET_GRANDCHILD } },
	{ "target is the parent", 3, -EPERM, -EINVAL, 0,
	  { .target = TARGET_PARENT } },

	{ "target without an init", 4, -EINVAL, 0,
	  ROW_REPRESENTATIVE | ROW_SEED_BREAKS,
	  { .target = TARGET_INITLESS } },

	{ "caller leads neither process group nor session", 5, -EPERM, 0, 0,
	  { .leader = LEADER_NOT_GROUP } },
	{ "caller leads its process group but not its session", 5, -EPERM, 0,
	  ROW_REPRESENTATIVE, { .leader = LEADER_NOT_SESSION } },
	{ "caller is a leader's second thread", 5, -EPERM, 0, 0,
	  { .leader = LEADER_THREAD } },

	{ "caller is multi-threaded", 6, -EUSERS, 0,
	  ROW_REPRESENTATIVE | ROW_SEED_BREAKS, { .threads = true } },

	{ "caller has a live child", 7, -EBUSY, 0,
	  ROW_REPRESENTATIVE | ROW_SEED_BREAKS | ROW_SEED_HANGS,
	  { .busy = BUSY_CHILD } },
	{ "caller has a zombie", 7, -EBUSY, 0, ROW_SEED_BREAKS | ROW_SEED_HANGS,
	  { .busy = BUSY_ZOMBIE } },
	{ "caller has a tracee", 7, -EBUSY, 0, ROW_SEED_BREAKS | ROW_SEED_HANGS,
	  { .busy = BUSY_TRACEE } },
	{ "caller is traced", 7, -EBUSY, 0, 0,
	  { .busy = BUSY_TRACED } },
	{ "caller shares its session", 7, -EBUSY, 0,
	  ROW_REPRESENTATIVE, { .busy = BUSY_SESSION } },
	{ "caller has a controlling terminal", 7, -EBUSY, 0, 0,
	  { .busy = BUSY_TTY } },
	{ "caller has a POSIX timer", 7, -EBUSY, 0,
	  ROW_REPRESENTATIVE, { .busy = BUSY_TIMER } },

	{ "caller lacks caps over its active pid ns", 8, -EPERM, 0,
	  ROW_REPRESENTATIVE,
	  { .creds = CREDS_NOT_ACTIVE } },
	{ "caller is root of user and pid ns of its own", 8, -EPERM, 0, 0,
	  { .creds = CREDS_NOT_ABOVE } },

	{ "target's init is dying", 9, -ENOMEM, 0,
	  ROW_REPRESENTATIVE | ROW_SEED_BREAKS, { .target = TARGET_DYING } },
	{ "target's init is dead and reaped", 9, -ENOMEM, 0, ROW_SEED_BREAKS,
	  { .target = TARGET_REAPED } },

	{ "no free number", 9, -EAGAIN, 0,
	  ROW_REPRESENTATIVE | ROW_SEED_BREAKS, { .full = true } },
};

#define NR_CONDITIONS (ARRAY_SIZE(conditions))

/* --- alone, on a join kernel --------------------------------------------- */

static void refuse(const void *arg)
{
	const struct condition *c = arg;
	struct scene s = scene__build(&c->spec);

	refusal__try(&s, REFUSAL_WAYS, c->join, NULL);
}

/* --- alone, where setns does not move its caller ------------------------- */

/*
 * Success changes pid_for_children and nothing else. Its link names no
 * namespace while the target has no init that could be shown.
 */
static void stay(const void *arg)
{
	const struct condition *c = arg;
	struct scene s = scene__build(&c->spec);

	refusal__try(&s, REFUSAL_WAYS, c->mainline,
		 c->mainline ? NULL : "ns/pid_for_children");
}

/* --- two at once: the earlier row wins ----------------------------------- */

struct pair {
	int join;		/* the result of the earlier row */
	struct scene_spec spec;
	char name[160];
};

static void refuse_pair(const void *arg)
{
	const struct pair *p = arg;
	struct scene s = scene__build(&p->spec);

	refusal__try(&s, 1, p->join, NULL);
}

static struct pair pairs[NR_CONDITIONS * NR_CONDITIONS];
static size_t nr_pairs;

static void make_pair(const struct condition *a, const struct condition *b)
{
	struct pair *p = &pairs[nr_pairs];

	/* The results of rows with the same errno are indistinguishable. */
	if (a->row >= b->row || a->join == b->join)
		return;
	if (!(a->flags & b->flags & ROW_REPRESENTATIVE))
		return;
	if (!refusal__combine(&a->spec, &b->spec, &p->spec))
		return;
	p->join = a->join;
	snprintf(p->name, sizeof(p->name), "order: %s, before: %s", a->name,
		 b->name);
	nr_pairs++;
}

/* --- the caller's own namespace, not its children's ----------------------- */

/*
 * With the sysctl at 0, setns lets the caller's children be born into a child
 * namespace. With the sysctl at 1, a child of that namespace is still not a
 * child of the caller's own namespace.
 */
static void refuse_past_children(void)
{
	static const struct scene_spec spec = { .target = TARGET_GRANDCHILD };
	struct scene s = scene__build(&spec);
	int fd;

	fd = check__must("NS_GET_PARENT", ioctl(s.nsfd, NS_GET_PARENT));
	check__must("knob 0", ns__knob_set(0));
	check__must("setns to the parent of the target",
		    scene__enter(&s.caller, fd, 0));
	check__must("knob 1", ns__knob_set(1));
	refusal__try(&s, REFUSAL_WAYS, -EPERM, NULL);
}

/* --- the list ------------------------------------------------------------ */

static const char *case_name(const char *prefix, const struct condition *c,
			     int err)
{
	char *name;

	if (asprintf(&name, "%s%s: %s", prefix, c->name,
		     err ? strerrorname_np(-err) : "allowed") < 0)
		abort();
	return name;		/* lives as long as the program */
}

static void add_alone(struct run_list *l, const struct condition *c)
{
	const struct test_case join = {
		.name = case_name("refused: ", c, c->join),
		WHERE_MOVES,
		.flags = (c->flags & ROW_SEED_BREAKS ? CASE_DANGEROUS : 0) |
			 (c->flags & ROW_SEED_HANGS ? CASE_HANGS : 0),
		.run_with = refuse, .arg = c,
	};
	const struct test_case mainline = CASE_WITH(WHERE_STAYS,
		case_name("mainline: ", c, c->mainline), stay, c);

	run__add(l, &join, 1);
	run__add(l, &mainline, 1);
}

void cases_refusal__add(struct run_list *l)
{
	static const struct test_case past_children = CASE(WHERE_JOIN,
		"refused: target is a child of the ns of the caller's children: EPERM",
		refuse_past_children);

	for (size_t i = 0; i < NR_CONDITIONS; i++)
		add_alone(l, &conditions[i]);
	run__add(l, &past_children, 1);
	for (size_t i = 0; i < NR_CONDITIONS; i++)
		for (size_t j = 0; j < NR_CONDITIONS; j++)
			make_pair(&conditions[i], &conditions[j]);
	for (size_t i = 0; i < nr_pairs; i++) {
		const struct test_case order = CASE_WITH(WHERE_JOIN,
			pairs[i].name, refuse_pair, &pairs[i]);

		run__add(l, &order, 1);
	}
}
