// SPDX-License-Identifier: GPL-2.0-only
/* Processes in four pid namespaces, and an owner whose number they read. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "joined.h"
#include "ns.h"
#include "numbers.h"
#include "ops.h"

void world__build(struct world *w)
{
	memset(w, 0, sizeof(*w));
	/* SysV objects and message queues end with the case. */
	if (unshare(CLONE_NEWIPC))
		check__bail("unshare(CLONE_NEWIPC): %s", strerror(errno));
	w->reader[READER_OUTER] = actor__spawn("reader outside", NULL, 0);
	w->reader[READER_MIDDLE] = actor__spawn("init in the middle", NULL,
						CLONE_NEWPID);
	w->reader[READER_INNER] = actor__spawn("init of the inner ns",
					       &w->reader[READER_MIDDLE],
					       CLONE_NEWPID);
	w->reader[READER_OTHER] = actor__spawn("init of another ns", NULL,
					       CLONE_NEWPID);
	for (int i = READER_MIDDLE; i < READERS; i++)
		check__must("own /proc", actor__run(&w->reader[i], op_own_proc));
	w->nsfd = check__must("pid ns in the middle",
			      ns__open(w->reader[READER_MIDDLE].pid, "pid"));
}

static void set_numbers(struct world *w, pid_t outer, pid_t middle)
{
	memset(w->number, 0, sizeof(w->number));
	w->number[READER_OUTER] = outer;
	w->number[READER_MIDDLE] = middle;
	w->own = middle ?: outer;
}

void world__add_child(struct world *w)
{
	w->parent = w->reader[READER_MIDDLE].pid;
	w->owner = actor__spawn("owner", &w->reader[READER_MIDDLE], 0);
	set_numbers(w, w->owner.pid, actor__run(&w->owner, op_getpid));
}

void world__add_entered(struct world *w)
{
	struct actor parent = actor__spawn("parent of the owner", NULL, 0);

	check__must("setns", scene__enter(&parent, w->nsfd, CLONE_NEWPID));
	w->parent = parent.pid;
	w->owner = actor__spawn("owner", &parent, 0);
	set_numbers(w, w->owner.pid, actor__run(&w->owner, op_getpid));
	check__ne("number in the middle of one that entered", w->own,
		  w->owner.pid);
}

void world__add_outsider(struct world *w)
{
	w->parent = getpid();
	w->owner = actor__spawn("owner", NULL, 0);
	check__must("setsid", actor__run(&w->owner, op_setsid));
	set_numbers(w, w->owner.pid, 0);
}

void world__join(struct world *w, int how)
{
	long inner;
	pid_t outer;

	check__must(NS_KNOB, ns__knob_set(how));
	check__must("setns", scene__enter(&w->owner, w->nsfd, CLONE_NEWPID));
	check__must(NS_KNOB, ns__knob_set(0));
	inner = actor__run(&w->owner, op_gettid);
	outer = joined__find(getpid(), inner, 2);
	if (outer <= 0)
		check__bail("no child has number %ld in the middle", inner);
	set_numbers(w, outer, inner);
}

void world__kill(struct world *w)
{
	actor__exit(&w->owner, 0);
	check__must("death of the owner",
		    ns__wait_dead(w->owner.pidfd, run__patience()));
}

void world__reap(struct world *w)
{
	check__eq("the owner's parent reaps it",
		  actor__call(&w->reader[READER_MIDDLE], op_waitpid, w->own, 0),
		  w->own);
}

void world__share(struct world *w, int fd)
{
	for (int i = 0; i < READERS; i++)
		w->handle[i] = actor__give(&w->reader[i], fd);
	w->fds[w->nr_fds++] = fd;
}

long world__share_all(struct world *w, int fd)
{
	world__share(w, fd);
	return actor__give(&w->owner, fd);
}

void world__forget(struct world *w)
{
	if (w->nr_fds)
		for (int i = 0; i < READERS; i++)
			actor__call(&w->reader[i], op_close, w->handle[i], 0);
	while (w->nr_fds)
		close(w->fds[--w->nr_fds]);
}

void world__set_handle(struct world *w, long id)
{
	for (int i = 0; i < READERS; i++)
		w->handle[i] = id;
}

long world__mark(struct world *w, actor_fn *fn, long a, long b)
{
	return check__must("the owner's call", actor__call(&w->owner, fn, a, b));
}
