// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the processes of a container can do to one that joins it and keeps its struct
 * pid: what they can do to one that enters by mainline's setns() and fork(), and nothing
 * else. Each attack is tried on both, and both results have to be equal.
 *
 * Each victim belongs to a process group and a session outside. A peer, outside as well,
 * belongs to them, too, and must not be reached.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "keep_attack.h"
#include "ops.h"

#define UID 1000

enum entrance { BY_FORK, BY_KEEP, ENTRANCES };

/* The rights of the attacker and of the victim. */
static const struct setting {
	bool user_ns;		/* the container has a user namespace of its own */
	bool enters_user_ns;	/* the victim enters it, too */
	bool victim_is_user;	/* the victim has become a plain user */
	bool attacker_is_user;	/* the attacker is the same plain user */
} root_on_root = { 0 }, root_on_user = { .victim_is_user = true },
	user_on_user = { .victim_is_user = true, .attacker_is_user = true },
	user_on_root = { .attacker_is_user = true },
	contained = { .user_ns = true },
	contained_on_user = { .user_ns = true, .victim_is_user = true },
	contained_both = { .user_ns = true, .enters_user_ns = true };

struct battle {
	struct actor init, attacker, caller, victim, peer;
	long number;		/* the victim's, for the attacker */
};

/* The container is that of a plain user if it has a user namespace. */
static struct actor spawn_init(const struct setting *s)
{
	struct actor user, init;

	if (!s->user_ns)
		return actor__spawn("init", NULL, CLONE_NEWPID);
	user = actor__spawn("plain user", NULL, 0);
	check__must("become", actor__call(&user, op_become, UID, 0));
	init = actor__spawn("init", &user, CLONE_NEWUSER | CLONE_NEWPID |
			    CLONE_NEWNS);
	return init;
}

static void enter(struct battle *b, const struct setting *s, enum entrance how)
{
	int nsfd = check__must("target", ns__open(b->init.pid, "pid"));

	check__must("knob", ns__knob_set(how == BY_KEEP ? 2 : 0));
	check__err("setns", s->enters_user_ns ?
		   scene__enter(&b->caller, b->init.pidfd,
				CLONE_NEWUSER | CLONE_NEWPID) :
		   scene__enter(&b->caller, nsfd, CLONE_NEWPID), 0);
	close(nsfd);
	b->victim = b->caller;
	if (how == BY_FORK)
		b->victim = actor__spawn("victim", &b->caller, 0);
	b->number = actor__run(&b->victim, op_getpid);
	check__eq("the victim is inside", ns__id(b->victim.pid, "pid"),
		  ns__id(b->init.pid, "pid"));
}

static void block(const struct actor *x)
{
	check__must("block", actor__call(x, op_block, ATTACK_SIGNAL, 0));
}

/* A leader of a session, with a member of its group, enters a container. */
static struct battle battle__start(const struct setting *s, enum entrance how)
{
	struct battle b = { .init = spawn_init(s) };
	struct actor between;

	check__must("own /proc", actor__run(&b.init, op_own_proc));
	b.caller = actor__spawn("caller", NULL, 0);
	block(&b.caller);
	check__must("setsid", actor__run(&b.caller, op_setsid));
	between = actor__spawn("parent of the peer", &b.caller, 0);
	b.peer = actor__spawn("peer", &between, 0);
	actor__exit(&between, 0);
	check__eq("reaped", actor__call(&b.caller, op_waitpid, between.pid, 0),
		  between.pid);
	check__eq("the peer's group", getpgid(b.peer.pid), b.caller.pid);
	enter(&b, s, how);
	if (s->victim_is_user)
		check__must("become", actor__call(&b.victim, op_become, UID, 0));
	b.attacker = actor__spawn("attacker", &b.init, 0);
	check__must("setsid", actor__run(&b.attacker, op_setsid));
	if (s->attacker_is_user)
		check__must("become", actor__call(&b.attacker, op_become, UID, 0));
	return b;
}

static long take_signal(long a __maybe_unused, long b __maybe_unused)
{
	return signal__await(ATTACK_SIGNAL, 0, NULL) == ATTACK_SIGNAL;
}

static void check_peers(const char *what, const struct battle *b)
{
	check__note("after %s", what);
	check__eq("the peer's signal", actor__run(&b->peer, take_signal), 0);
	if (b->caller.pid != b->victim.pid)
		check__eq("the caller's signal",
			  actor__run(&b->caller, take_signal), 0);
}

static void check_same(const struct attack *a, const struct battle b[ENTRANCES])
{
	long err[ENTRANCES], got[ENTRANCES];

	for (int i = 0; i < ENTRANCES; i++) {
		err[i] = actor__call(&b[i].attacker, a->fn, b[i].number, a->arg);
		got[i] = actor__run(&b[i].victim, take_signal);
		check_peers(a->name, &b[i]);
	}
	check__eq("a signal for the victim", got[BY_KEEP], got[BY_FORK]);
	/* For mainline, a process that leads no group has an empty one. */
	if (a->on != ON_OWNER && a->on != ON_FRONT)
		check__err(a->name, err[BY_KEEP], err[BY_FORK]);
	/* A kernel may lack the calls for priorities of block devices. */
	if (a->on != ON_PROCESS && err[BY_KEEP] != -ENOSYS)
		check__err("a group outside", err[BY_KEEP], -ESRCH);
}

static void attack_all(const void *arg)
{
	const struct setting *s = arg;
	struct battle b[ENTRANCES];
	long got[ENTRANCES], err[ENTRANCES];

	for (int i = 0; i < ENTRANCES; i++)
		b[i] = battle__start(s, i);
	for (const struct attack *a = attacks; a->name; a++)
		check_same(a, b);
	for (int i = 0; i < ENTRANCES; i++) {
		err[i] = actor__call(&b[i].attacker, op_kill, -1, ATTACK_SIGNAL);
		got[i] = actor__run(&b[i].victim, take_signal);
		check_peers("kill(-1)", &b[i]);
	}
	check__err("kill(-1)", err[BY_KEEP], err[BY_FORK]);
	check__eq("a signal for the victim", got[BY_KEEP], got[BY_FORK]);
}

/* --- from inside the session --------------------------------------------- */

/*
 * The insider has entered by fork from another job of the same session, so it may change
 * between groups of the session that it can name. It must not get into the victim's.
 */
struct insider {
	struct actor shell, init, victim, peer, insider;
	long number;		/* the victim's, for the insider */
	long tty;		/* the terminal of the session, in the insider */
	int master;
};

static long take_terminal(long fd, long b __maybe_unused)
{
	return setsid() < 0 || ioctl(fd, TIOCSCTTY, 0) ? -errno : 0;
}

static struct actor spawn_job(const struct actor *shell, int nsfd, int knob)
{
	struct actor job = actor__spawn("job", shell, 0);

	check__must("setpgid", actor__call(&job, op_setpgid, 0, 0));
	check__must("knob", ns__knob_set(knob));
	check__must("setns", scene__enter(&job, nsfd, CLONE_NEWPID));
	return knob ? job : actor__spawn("process that entered", &job, 0);
}

static struct insider insider__start(enum entrance how)
{
	struct insider n = {
		.shell = actor__spawn("shell", NULL, 0),
		.init = actor__spawn("init", NULL, CLONE_NEWPID),
		.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC),
	};
	int nsfd = check__must("target", ns__open(n.init.pid, "pid")), slave;

	if (n.master < 0 || unlockpt(n.master))
		check__bail("no pty: %m");
	slave = ioctl(n.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	check__must("terminal", actor__call(&n.shell, take_terminal,
					    actor__give(&n.shell, slave), 0));
	n.victim = spawn_job(&n.shell, nsfd, how == BY_KEEP ? 2 : 0);
	n.number = actor__run(&n.victim, op_getpid);
	n.peer = actor__spawn("peer", &n.shell, 0);
	block(&n.peer);
	check__must("block", actor__call(&n.peer, op_block, SIGINT, 0));
	check__must("setpgid", actor__call(&n.peer, op_setpgid, 0,
					   getpgid(n.victim.pid)));
	n.insider = spawn_job(&n.shell, nsfd, 0);
	n.tty = actor__give(&n.insider, slave);
	close(slave);
	close(nsfd);
	return n;
}

static void enters_no_group(void)
{
	for (int how = 0; how < ENTRANCES; how++) {
		struct insider n = insider__start(how);

		check__note(how == BY_KEEP ? "by keep" : "by fork");
		block(&n.insider);
		check__err("setpgid() to the victim's number",
			   actor__call(&n.insider, op_setpgid, 0, n.number), -EPERM);
		actor__call(&n.insider, op_kill, 0, ATTACK_SIGNAL);
		check__eq("the peer's signal", actor__run(&n.peer, take_signal), 0);
	}
}

static long put_in_front(long fd, long group)
{
	pid_t pgrp = group;

	signal(SIGTTOU, SIG_IGN);
	return ioctl(fd, TIOCSPGRP, &pgrp) ? -errno : 0;
}

static void puts_no_group_in_front(void)
{
	for (int how = 0; how < ENTRANCES; how++) {
		struct insider n = insider__start(how);

		check__note(how == BY_KEEP ? "by keep" : "by fork");
		check__note("TIOCSPGRP: %ld", actor__call(&n.insider, put_in_front,
							  n.tty, n.number));
		check__eq("^C", write(n.master, "\3", 1), 1);
		/* The terminal echoes the key when it has sent the signal. */
		check__must("echo", ns__poll(n.master, POLLIN, run__patience()));
		check__eq("the peer's SIGINT",
			  actor__call(&n.peer, op_pending, SIGINT, 0), 0);
	}
}

/* --- outwards ------------------------------------------------------------ */

/* A victim that has joined can do no more to those outside than one born inside. */
static void attack_peers(void)
{
	struct battle b[ENTRANCES];
	long err[ENTRANCES];

	for (int i = 0; i < ENTRANCES; i++)
		b[i] = battle__start(&root_on_root, i);
	for (const struct attack *a = attacks; a->name; a++) {
		for (int i = 0; i < ENTRANCES; i++) {
			err[i] = actor__call(&b[i].victim, a->fn, b[i].peer.pid,
					     a->arg);
			check_peers(a->name, &b[i]);
		}
		check__err(a->name, err[BY_KEEP], err[BY_FORK]);
	}
	for (int i = 0; i < ENTRANCES; i++) {
		long pidfd = actor__give(&b[i].victim, b[i].peer.pidfd);

		check__err("a signal through a pidfd",
			   actor__call(&b[i].victim, op_pidfd_signal, pidfd,
				       ATTACK_SIGNAL), -EINVAL);
		check__err("kill(0)", actor__call(&b[i].victim, op_kill, 0,
						  ATTACK_SIGNAL), 0);
		check__eq("reaches the own group, outside as well",
			  actor__run(&b[i].peer, take_signal), 1);
		actor__run(&b[i].caller, take_signal);
		block(&b[i].attacker);
		check__err("kill(-1)", actor__call(&b[i].victim, op_kill, -1,
						   ATTACK_SIGNAL), 0);
		check__eq("reaches those inside",
			  actor__run(&b[i].attacker, take_signal), 1);
		check_peers("kill(-1)", &b[i]);
	}
}

/* The attacks on groups do reach one, if a process outside tries them. */
static void attacks_work(void)
{
	struct battle b = battle__start(&root_on_root, BY_KEEP);

	for (const struct attack *a = attacks; a->name; a++) {
		long err;

		if (a->on == ON_PROCESS || a->on == ON_FRONT)
			continue;
		err = a->fn(b.caller.pid, a->arg);
		check__true(a->name, err >= 0 || err == -ENOSYS);
		if (strstr(a->name, "prio"))
			continue;
		check__eq(a->name, actor__run(&b.peer, take_signal), 1);
		check__eq(a->name, actor__run(&b.victim, take_signal), 1);
	}
}

#define ATTACK(name, setting) \
	KEEP_WITH("security: " name, attack_all, &setting)

static const struct test_case cases[] = {
	KEEP("security: the attacks reach a group from outside", attacks_work),
	KEEP("security: one of the same session inside enters no group outside",
	     enters_no_group),
	KEEP("security: one of the same session inside puts no group in front",
	     puts_no_group_in_front),
	KEEP("security: one that has joined attacks those outside", attack_peers),
	ATTACK("root inside attacks root", root_on_root),
	ATTACK("root inside attacks a plain user", root_on_user),
	ATTACK("a plain user inside attacks the same user", user_on_user),
	ATTACK("a plain user inside attacks root", user_on_root),
	ATTACK("a container's root attacks the machine's root", contained),
	ATTACK("a container's root attacks a plain user", contained_on_user),
	ATTACK("a container's root attacks one that entered its user ns",
	       contained_both),
};

PROGRAM_PART(keep_security__add, cases)
