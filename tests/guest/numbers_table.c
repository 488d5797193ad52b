// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every number shown: each interface that hands a pid to user space gives each reader
 * the number that the reader's pid namespace has for the process, while it lives, as a
 * zombie, after it was reaped, and after it has moved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "numbers.h"
#include "ops.h"

static const char * const readers[READERS] = {
	[READER_OUTER]	= "outside",
	[READER_MIDDLE]	= "in the middle",
	[READER_INNER]	= "in an inner ns",
	[READER_OTHER]	= "in another ns",
};

/* The owner's fate after the mark. */
enum fate { ALIVE, ZOMBIE, REAPED, MOVED };

static long expected(const struct interface *x, const struct world *w,
		     enum fate fate, int reader)
{
	long shown = w->number[reader];

	if (shown && x->innermost)
		shown = w->own;
	if (!shown)
		shown = x->none;
	if (fate == ALIVE || (fate == ZOMBIE && !x->needs_life) || x->kept)
		return shown;
	if (x->kept_in_init || (x->recorded && fate == MOVED))
		return reader == READER_OUTER ? shown : x->none;
	return x->dead;
}

/* Compares what all readers read; @when describes the owner. */
static void read_all(const struct interface *x, const struct world *w,
		     enum fate fate, const char *when)
{
	char what[128];

	for (int i = 0; i < READERS; i++) {
		snprintf(what, sizeof(what), "%s, read %s", when, readers[i]);
		check__eq(what, actor__call(&w->reader[i], x->read,
					    w->handle[i], x->arg),
			  expected(x, w, fate, i));
	}
}

static void mark(const struct interface *x, struct world *w)
{
	world__forget(w);
	x->mark(w, x->arg);
}

/* A process of the middle namespace, then another that came in by setns() and fork(). */
static void stays(const void *arg)
{
	const struct interface *x = arg;
	struct world w;

	world__build(&w);
	world__add_child(&w);
	mark(x, &w);
	read_all(x, &w, ALIVE, "owner alive");
	world__kill(&w);
	read_all(x, &w, ZOMBIE, "owner a zombie");
	world__reap(&w);
	read_all(x, &w, REAPED, "owner reaped");

	world__add_entered(&w);
	mark(x, &w);
	read_all(x, &w, ALIVE, "owner entered by setns and fork");
}

/* A process that uses the interface, moves by a join, and uses the interface again. */
static void moves(const void *arg)
{
	const struct interface *x = arg;
	struct world before, w;

	world__build(&w);
	world__add_outsider(&w);
	mark(x, &w);
	read_all(x, &w, ALIVE, "owner outside");
	before = w;
	world__join(&w, 1);
	if (x->follows)
		read_all(x, &w, ALIVE, "owner has moved");
	else
		read_all(x, &before, MOVED, "owner has left that number");
	mark(x, &w);
	read_all(x, &w, ALIVE, "owner has joined");
}

/* Whoever has a number of such a process has it still, and the target one more. */
static void moves_and_keeps(const void *arg)
{
	const struct interface *x = arg;
	pid_t outside;
	struct world w;

	world__build(&w);
	world__add_outsider(&w);
	outside = w.number[READER_OUTER];
	mark(x, &w);
	read_all(x, &w, ALIVE, "owner outside");
	world__join(&w, 2);
	check__eq("the number outside", w.number[READER_OUTER], outside);
	read_all(x, &w, ALIVE, "owner has moved");
	mark(x, &w);
	read_all(x, &w, ALIVE, "owner has joined");
}

static void add(struct run_list *l, const struct interface *x)
{
	const struct {
		const char *when;
		struct test_case c;
		bool skip;
	} ways[] = {
		{ "", { WHERE_ALWAYS, .run_with = stays }, false },
		{ ", across a join",
		  { .modes = MODE_JOIN, .knob = KNOB_OFF, .run_with = moves },
		  x->no_join },
		{ ", across a join that keeps the struct pid",
		  { .modes = MODE_KEEP, .knob = KNOB_OFF,
		    .run_with = moves_and_keeps }, false },
	};
	struct test_case c;
	char *name;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (ways[i].skip)
			continue;
		if (asprintf(&name, "numbers: %s%s", x->name, ways[i].when) < 0)
			exit(2);
		c = ways[i].c;
		c.name = name;
		c.arg = x;
		run__add(l, &c, 1);
	}
}

void numbers_table__add(struct run_list *l)
{
	static const struct interface *const tables[] = {
		files_interfaces, sockets_interfaces, ipc_interfaces,
		pidfd_interfaces, nsfs_interfaces, cgroup_interfaces,
		tty_interfaces,
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct interface *x = tables[i]; x->name; x++)
			add(l, x);
}
