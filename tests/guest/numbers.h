/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the program numbers: a world of processes in four pid namespaces, the
 * table of interfaces that show the number of a process, and cases about what the
 * same interfaces promise besides.
 */
#ifndef TESTS_GUEST_NUMBERS_H
#define TESTS_GUEST_NUMBERS_H

#include <stdbool.h>

#include "actor.h"
#include "program.h"

/* Where a reader is, seen from the pid namespace "middle" below the director's. */
enum reader {
	READER_OUTER,		/* in the director's */
	READER_MIDDLE,		/* its init */
	READER_INNER,		/* the init of a namespace below it */
	READER_OTHER,		/* the init of an unrelated one, beside it */
	READERS
};

/* Reads a number through an interface: (fd or id, arg of the interface). */
typedef actor_fn read_fn;

struct world {
	struct actor reader[READERS];
	struct actor owner;		/* the process whose number is shown */
	pid_t number[READERS];		/* the owner's for each reader, 0: none */
	pid_t own;			/* the owner's in its own namespace */
	pid_t parent;			/* the owner's parent, for the director */
	long handle[READERS];		/* first argument of the reads */
	int nsfd;			/* the middle namespace */
	int fds[4];			/* the director's; the next mark closes them */
	int nr_fds;
};

/*
 * An interface that shows the number of a process. mark() makes an object, has the
 * owner use it, and gives it to the readers by world__share() or world__set_handle().
 */
struct interface {
	const char *name;
	void (*mark)(struct world *w, long arg);
	read_fn *read;
	long arg;
	bool innermost;		/* shows the number in the owner's own namespace */
	bool needs_life;	/* a zombie is gone, too */
	bool kept;		/* the number outlasts the process */
	bool kept_in_init;	/* ... but only in the initial pid namespace */
	bool recorded;		/* so does the number of a process that moved */
	bool follows;		/* shows a process that moved by its new number */
	bool no_join;		/* the object keeps its owner from joining */
	long none;		/* shown where the owner has no number */
	long dead;		/* shown when the owner is gone */
};

/* Fork the world: readers with /proc of their own namespace, no owner yet. */
void world__build(struct world *w);

/* An owner in the middle: a child of its init, or of a process that entered it. */
void world__add_child(struct world *w);
void world__add_entered(struct world *w);

/*
 * An owner outside, which can join the middle later; world__join() moves it, with the
 * sysctl at @how: 1, or 2 to keep its struct pid.
 */
void world__add_outsider(struct world *w);
void world__join(struct world *w, int how);

/* The owner exits and stays a zombie; its parent reaps it. */
void world__kill(struct world *w);
void world__reap(struct world *w);

/* Gives @fd to all readers as their handle, and closes it at the next mark. */
void world__share(struct world *w, int fd);

/* Gives @fd to all readers as world__share(), and to the owner. Returns its number. */
long world__share_all(struct world *w, int fd);

/* Closes what the last mark left in the director and the readers. */
void world__forget(struct world *w);

/* Makes @id, which is the same for everybody, the handle of all readers. */
void world__set_handle(struct world *w, long id);

/* Calls @fn of the owner, or bails if the call fails. */
long world__mark(struct world *w, actor_fn *fn, long a, long b);

/* Arrays of interfaces; each ends with an entry without a name. */
extern const struct interface files_interfaces[], sockets_interfaces[], ipc_interfaces[],
	pidfd_interfaces[], nsfs_interfaces[], cgroup_interfaces[], tty_interfaces[];

/* The cases of the table, and the others. */
program_add_fn numbers_table__add, numbers_files__add, numbers_sockets__add,
	       numbers_ipc__add, numbers_pidfd__add, numbers_nsfs__add,
	       numbers_cgroup__add, numbers_tty__add, numbers_proc__add,
	       numbers_mounts__add, numbers_calls__add, numbers_wait__add,
	       numbers_bpf__add;

/* Where such a case runs. */
#define WHERE_ALWAYS .modes = MODE_MAINLINE | MODE_JOIN, .knob = KNOB_OFF

#endif /* TESTS_GUEST_NUMBERS_H */
