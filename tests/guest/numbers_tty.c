// SPDX-License-Identifier: GPL-2.0-only
/* The session and the foreground group of a terminal, and what holds their numbers. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "joined.h"
#include "ns.h"
#include "numbers.h"
#include "ops.h"

/* A terminal that is not a pty, and needs no hardware behind it. */
#define SERIAL "/dev/ttyS3"

/* Opens a pty. Returns the master, and the slave by @slave. */
static int open_pty(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) || unlockpt(master))
		check__bail("no pty: %s", strerror(errno));
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0)
		check__bail("%s: %s", ptsname(master), strerror(errno));
	return master;
}

/* Makes the terminal that of a new session, with its leader's group in front. */
static long take_terminal(long fd, long b __maybe_unused)
{
	if (getsid(0) != getpid() && setsid() < 0)
		return -errno;
	signal(SIGHUP, SIG_IGN);
	return ioctl(fd, TIOCSCTTY, 0) ? -errno : 0;
}

static void mark_terminal(struct world *w, long b __maybe_unused)
{
	int slave, master = open_pty(&slave);

	world__mark(w, take_terminal, actor__give(&w->owner, slave), 0);
	world__share(w, master);
	w->fds[w->nr_fds++] = slave;
}

static long read_terminal(long fd, long request)
{
	pid_t number = -1;

	return ioctl(fd, request, &number) ? -errno : number;
}

#define TERMINAL(request, ...) \
	{ .name = #request, .mark = mark_terminal, .read = read_terminal, \
	  .arg = request, .needs_life = true, .no_join = true, __VA_ARGS__ }

const struct interface tty_interfaces[] = {
	TERMINAL(TIOCGPGRP),
	TERMINAL(TIOCGSID, .dead = -ENOTTY),
	{ }
};

/* --- two processes that set the foreground group --- */

#define SWITCHES 20000
#define IN_STEP 50		/* switches between two meetings of the setters */

/* The two setters share this. */
struct switching {
	pid_t group[2];
	int started, met;
};

/* Waits until both setters have called it @times times. */
static void meet(struct switching *s, int times)
{
	__atomic_fetch_add(&s->met, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&s->met, __ATOMIC_SEQ_CST) < 2 * times)
		sched_yield();
}

/* Sets @fd's foreground group to two groups in turn. */
static long switch_groups(long fd, long switching)
{
	struct switching *s = (struct switching *)switching;
	cpu_set_t cpu;

	/* The setters need two CPUs; the runner has pinned them to one. */
	CPU_ZERO(&cpu);
	CPU_SET(__atomic_fetch_add(&s->started, 1, __ATOMIC_SEQ_CST), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	for (int i = 0; i < SWITCHES; i++) {
		if (i % IN_STEP == 0)
			meet(s, i / IN_STEP + 1);
		if (ioctl(fd, TIOCSPGRP, &s->group[i & 1]))
			return -errno;
	}
	return 0;
}

static struct actor new_group(const struct actor *parent)
{
	struct actor x = actor__spawn("leader of a group", parent, 0);

	check__must("setpgid", actor__call(&x, op_setpgid, 0, 0));
	return x;
}

static long ignore(long sig, long b __maybe_unused)
{
	return signal(sig, SIG_IGN) == SIG_ERR ? -errno : 0;
}

/*
 * One process sets it through the master, another through the slave, on two CPUs. A
 * struct pid that loses a reference is freed too early, which the kernel reports.
 */
static void two_setters(void)
{
	struct actor leader, member, a, b;
	struct switching *s = shared__alloc(sizeof(*s));
	long fd[2];
	int slave, master;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		check__skip("needs two CPUs");
	master = open_pty(&slave);
	leader = actor__spawn("leader of the session", NULL, 0);
	fd[0] = actor__give(&leader, slave);
	check__must("TIOCSCTTY", actor__call(&leader, take_terminal, fd[0], 0));
	check__must("SIGTTOU", actor__call(&leader, ignore, SIGTTOU, 0));
	member = actor__spawn("member of the session", &leader, 0);
	fd[1] = actor__give(&member, master);
	a = new_group(&leader);
	b = new_group(&leader);
	s->group[0] = a.pid;
	s->group[1] = b.pid;
	actor__ask(&leader, switch_groups, fd[0], (long)s);
	actor__ask(&member, switch_groups, fd[1], (long)s);
	check__err("TIOCSPGRP through the slave", actor__answer(&leader), 0);
	check__err("TIOCSPGRP through the master", actor__answer(&member), 0);
	check__eq("the foreground group", read_terminal(master, TIOCGPGRP),
		  b.pid);
}

/* --- a session leader that ends, in a namespace that ends --- */

static const struct terminal_kind {
	bool serial;		/* else a pty */
	bool drop;		/* the leader gives it up before its exit */
} kinds[] = {
	{ }, { .drop = true }, { .serial = true },
	{ .serial = true, .drop = true },
};

static long drop_terminal(long fd, long b __maybe_unused)
{
	return ioctl(fd, TIOCNOTTY) ? -errno : 0;
}

static void terminal_outlives(const void *arg)
{
	const struct terminal_kind *k = arg;
	struct actor owner, init, leader;
	int slave, master = -1;
	long fd;

	if (k->serial)
		slave = open(SERIAL, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	else
		master = open_pty(&slave);
	if (slave < 0)
		check__skip("no %s: %s", SERIAL, strerror(errno));
	owner = actor__spawn("owner of a user ns", NULL, 0);
	check__must("user ns", actor__call(&owner, op_unshare, CLONE_NEWUSER, 0));
	check__must(MAX_PID_NS, actor__call(&owner, op_limit_pid_ns, 1, 0));
	init = actor__spawn("init", &owner, CLONE_NEWPID);
	leader = actor__spawn("leader of a session", &init, 0);
	fd = actor__give(&leader, slave);
	check__must("TIOCSCTTY", actor__call(&leader, take_terminal, fd, 0));
	if (k->drop)
		check__must("TIOCNOTTY", actor__call(&leader, drop_terminal, fd,
						     0));
	actor__exit(&leader, 0);
	actor__exit(&init, 0);
	check__must("end of the init", ns__wait_dead(init.pidfd,
						     run__patience()));
	close(leader.pidfd);
	check__eq("its parent reaps it", actor__call(&owner, op_waitpid,
						      -1, 0), init.pid);
	close(init.pidfd);
	check__err("the pid ns is gone while the terminal is open",
		   joined__await_room(&owner), 0);
	close(slave);
	close(master);
}

#define OUTLIVES(i, name) \
	CASE_WITH(WHERE_ALWAYS, "tty: no ns outlives its processes by a " name, \
		  terminal_outlives, &kinds[i])

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "tty: the group set through master and slave at once",
	     two_setters),
	OUTLIVES(0, "pty"),
	OUTLIVES(1, "pty, given up"),
	OUTLIVES(2, "serial line"),
	OUTLIVES(3, "serial line, given up"),
};

PROGRAM_PART(numbers_tty__add, cases)
