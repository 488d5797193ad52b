// SPDX-License-Identifier: GPL-2.0-only
/*
 * cgroup.procs and cgroup.threads: numbers for each reader, lists that are read while a
 * process exits or moves, and users who may move a process; pids.events, which is
 * announced when it changes; and pids.max, for which no reaped process counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "numbers.h"
#include "numbers_thread.h"
#include "ops.h"

#define MOUNT "/tmp/numbers-cgroup"

/* Mounts the hierarchy of version 2 in a mount namespace of the case. */
static void mount_cgroups(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		check__bail("mount namespace: %s", strerror(errno));
	mkdir("/tmp", 0777);
	if (mount("none", "/tmp", "tmpfs", 0, NULL) ||
	    mkdir(MOUNT, 0755) || mount("none", MOUNT, "cgroup2", 0, NULL))
		check__bail("cgroup2: %s", strerror(errno));
}

/* Makes a cgroup of this name for the case. Returns its path; the kernel keeps it. */
static const char *make_cgroup(const char *name)
{
	char *path = shared__alloc(128);

	snprintf(path, 128, MOUNT "/numbers-%d%s", getpid(), name);
	if (mkdir(path, 0755) && errno != EEXIST)
		check__bail("%s: %s", path, strerror(errno));
	return path;
}

static int write_to(const char *group, const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", group, file);
	return file__write(path, text);
}

static int put_into(const char *group, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return write_to(group, "cgroup.procs", text);
}

static int open_in(const char *group, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", group, file);
	return check__must(path, open(path, O_RDONLY | O_CLOEXEC));
}

/* --- numbers for each reader --- */

enum { PROCS, THREADS };

static void mark_cgroup(struct world *w, long b __maybe_unused)
{
	static const char *group;

	if (!group) {
		mount_cgroups();
		group = make_cgroup("");
	}
	check__must("cgroup.procs", put_into(group, w->number[READER_OUTER]));
	world__share(w, open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* Returns the only number in the file; 0 if the file is empty. */
static long read_cgroup(long dir, long which)
{
	int fd = openat(dir, which == PROCS ? "cgroup.procs" : "cgroup.threads",
			O_RDONLY | O_CLOEXEC);
	char text[64] = "", *end;
	ssize_t n;
	long number;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n <= 0)
		return n;
	number = strtol(text, &end, 10);
	check__str("the rest of the file", end, "\n");
	return number;
}

#define LIST(name_, which) \
	{ .name = name_, .mark = mark_cgroup, .read = read_cgroup, \
	  .arg = which, .needs_life = true, .follows = true }

const struct interface cgroup_interfaces[] = {
	LIST("cgroup.procs", PROCS),
	LIST("cgroup.threads", THREADS),
	{ }
};

/* --- a list that is read while it changes --- */

#define MEMBERS 5

/* The member that leaves after the reader has seen the first. */
static const struct leave {
	int which;
	bool moves;		/* to another cgroup; else it exits */
} leaves[] = {
	{ 2, false }, { 2, true }, { 1, false }, { 1, true },
	{ MEMBERS - 1, true }, { MEMBERS - 1, false },
};

/* Counts how often @text, a list of lines, has the number @pid. */
static int times_listed(const char *text, pid_t pid)
{
	int times = 0;
	char *end;

	for (long n; (n = strtol(text, &end, 10)), end != text; text = end)
		times += n == pid;
	return times;
}

static void leave(const struct leave *l, const struct actor member[],
		  const char *away)
{
	const struct actor *x = &member[l->which];

	if (l->moves) {
		check__must("move", put_into(away, x->pid));
		return;
	}
	actor__exit(x, 0);
	check__must("death", ns__wait_dead(x->pidfd, run__patience()));
	check__eq("reaped", waitpid(x->pid, NULL, 0), x->pid);
}

/*
 * A read of the size of one line shows one process, and the kernel keeps its place in
 * the list. A member that stays is listed once, and one that has left at most once.
 */
static void list_and_leave(const void *arg)
{
	const struct leave *l = arg;
	struct actor member[MEMBERS];
	const char *group, *away;
	char text[256];
	size_t len = 0;
	ssize_t n;
	int fd;

	mount_cgroups();
	group = make_cgroup("");
	away = make_cgroup("-away");
	for (int i = 0; i < MEMBERS; i++) {
		member[i] = actor__spawn("member", NULL, 0);
		check__must("cgroup.procs", put_into(group, member[i].pid));
	}
	fd = open_in(group, "cgroup.procs");
	for (;;) {
		n = read(fd, text + len, len ? sizeof(text) - 1 - len : 2);
		if (n <= 0)
			break;
		if (!len)
			leave(l, member, away);
		len += n;
	}
	check__err("read()", n, 0);
	text[len] = '\0';
	close(fd);
	check__note("cgroup.procs: %s", text);
	for (int i = 0; i < MEMBERS; i++) {
		n = times_listed(text, member[i].pid);
		check__note("member %d has number %d", i, member[i].pid);
		if (i == l->which)
			check__true("one that left is listed at most once",
				    n <= 1);
		else
			check__eq("times that one that stays is listed", n, 1);
	}
}

/* --- a leader that ended before its threads --- */

static void expect_file(const char *what, const char *group, const char *file,
			const char *want)
{
	char path[256], text[256];

	snprintf(path, sizeof(path), "%s/%s", group, file);
	check__must(path, file__read(path, text, sizeof(text)));
	check__str(what, text, want);
}

static void leader_before_thread(void)
{
	struct thread_process t;
	const char *group;
	char number[16];

	mount_cgroups();
	group = make_cgroup("");
	/* A process cannot be moved by a leader that has ended: it is born there. */
	check__must("cgroup.procs", put_into(group, getpid()));
	t = thread__start();
	check__must("cgroup.procs", put_into(MOUNT, getpid()));
	snprintf(number, sizeof(number), "%d\n", t.pid);
	expect_file("a process whose leader ended before its thread", group,
		    "cgroup.procs", number);
	thread__exec(&t);
	expect_file("when the thread has executed", group, "cgroup.procs",
		    number);
	expect_file("its threads", group, "cgroup.threads", number);
	thread__end(&t);
	check__eq("reaped", waitpid(t.pid, NULL, 0), t.pid);
	expect_file("when the process has ended", group, "cgroup.procs", "");
	check__err("the cgroup can go", rmdir(group) ? -errno : 0, 0);
}

/* --- users who may move a process --- */

#define USER 1000

/* A file that a user may write is opened by one user, and written by another. */
static const struct migration {
	const char *what;
	uid_t opener, writer;
	long result;
} migrations[] = {
	{ "opened and written by root", 0, 0, 0 },
	{ "opened by root, written by a user", 0, USER, 0 },
	{ "opened by a user, written by root", USER, 0, -EACCES },
	{ "opened and written by a user", USER, USER, -EACCES },
};

static void become(uid_t uid)
{
	check__must("seteuid", seteuid(uid) ? -errno : 0);
}

static long migrate(const struct migration *m, const char *path, pid_t pid)
{
	char text[16];
	ssize_t n;
	int fd;

	snprintf(text, sizeof(text), "%d", pid);
	become(m->opener);
	fd = check__must(path, open(path, O_WRONLY | O_CLOEXEC));
	become(0);
	become(m->writer);
	n = write(fd, text, strlen(text));
	if (n < 0)
		n = -errno;
	become(0);
	close(fd);
	return n < 0 ? n : 0;
}

/* A user who owns the new cgroup, but not that above both, may move nobody there. */
static void opener_decides(void)
{
	struct actor member;
	const char *group;
	char path[256], number[16];

	mount_cgroups();
	group = make_cgroup("");
	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	check__must("chown", chown(path, USER, USER) ? -errno : 0);
	member = actor__spawn("member", NULL, 0);
	snprintf(number, sizeof(number), "%d\n", member.pid);
	for (size_t i = 0; i < ARRAY_SIZE(migrations); i++) {
		const struct migration *m = &migrations[i];

		check__must("cgroup.procs", put_into(MOUNT, member.pid));
		check__err(m->what, migrate(m, path, member.pid), m->result);
		expect_file(m->what, group, "cgroup.procs", m->result ? "" : number);
	}
}

/* --- pids.events --- */

struct events {
	int fd;
	char text[64];
};

/* Reads the file, so that poll() waits for the next announcement. */
static void read_events(struct events *e)
{
	ssize_t n = pread(e->fd, e->text, sizeof(e->text) - 1, 0);

	check__must("pids.events", n < 0 ? -errno : n);
	e->text[n] = '\0';
}

/* A file whose contents have changed is announced, and no other. */
static void check_announced(const char *what, struct events *e)
{
	const struct events before = *e;
	int got = ns__poll(e->fd, POLLPRI, 0);
	bool changed;

	read_events(e);
	changed = strcmp(before.text, e->text);
	check__note("%s: before %safter %s", what, before.text, e->text);
	check__eq(what, got > 0 && got & POLLPRI, changed);
}

static const bool of_parent = true, of_child;

/* A fork exceeds the limit of the process's own cgroup, or of the one above. */
static void pids_events(const void *arg)
{
	const bool above = *(const bool *)arg;
	const char *group[2];
	struct events events[2];
	struct actor member;

	mount_cgroups();
	if (write_to(MOUNT, "cgroup.subtree_control", "+pids"))
		check__skip("no controller pids of version 2");
	group[1] = make_cgroup("");
	check__must("+pids", write_to(group[1], "cgroup.subtree_control", "+pids"));
	group[0] = make_cgroup("/child");
	member = actor__spawn("member", NULL, 0);
	check__must("cgroup.procs", put_into(group[0], member.pid));
	check__must("pids.max", write_to(group[above], "pids.max", "1"));
	for (int i = 0; i < 2; i++) {
		events[i].fd = open_in(group[i], "pids.events");
		read_events(&events[i]);
	}
	check__err("a fork above the limit", actor__run(&member, op_fork_sleeper),
		   -EAGAIN);
	/* Kernels differ in whose file counts the fork. */
	check__true("the fork is counted",
		    ns__poll(events[above].fd, POLLPRI, 0) > 0 ||
		    ns__poll(events[!above].fd, POLLPRI, run__patience()) > 0);
	check_announced("pids.events of the parent", &events[1]);
	check_announced("pids.events of the child", &events[0]);
}

/* --- pids.max --- */

#define ROUNDS 50

/* A child's flags, and whether the parent keeps a pidfd of it. */
static const struct rest {
	unsigned long long flags;
	bool pidfd;
} no_rest, a_pidfd = { .pidfd = true }, a_pid_ns = { .flags = CLONE_NEWPID };

/* Forks and reaps children, one at a time. Returns 0, or the -errno of a fork. */
static long fork_and_reap(long arg, long rounds)
{
	const struct rest *rest = (const struct rest *)arg;

	for (long i = 0; i < rounds; i++) {
		int fd;
		pid_t pid = ns__clone(rest->flags, rest->pidfd ? &fd : NULL);

		if (!pid)
			_exit(0);
		if (pid < 0)
			return pid;
		if (waitpid(pid, NULL, 0) != pid)
			return -errno;
	}
	return 0;
}

/* The limit leaves room for a single child, so that no dead one may be counted. */
static void reaped_is_uncounted(const void *arg)
{
	const char *group;
	struct actor member;

	mount_cgroups();
	if (write_to(MOUNT, "cgroup.subtree_control", "+pids"))
		check__skip("no controller pids of version 2");
	group = make_cgroup("");
	member = actor__spawn("member", NULL, 0);
	check__must("cgroup.procs", put_into(group, member.pid));
	check__must("pids.max", write_to(group, "pids.max", "2"));
	check__err("forks within the limit",
		   actor__call(&member, fork_and_reap, (long)arg, ROUNDS), 0);
	expect_file("processes in the end", group, "pids.current", "1\n");
	check__must("a child that lives", actor__run(&member, op_fork_sleeper));
	check__err("a fork above the limit", actor__run(&member, op_fork_sleeper),
		   -EAGAIN);
}

#define LEAVE(i, name) \
	CASE_WITH(WHERE_ALWAYS, "cgroup: cgroup.procs is read while " name, \
		  list_and_leave, &leaves[i])

#define REAPED(name, rest) \
	CASE_WITH(WHERE_ALWAYS, \
		  "cgroup: a reaped " name " no longer counts for pids.max", \
		  reaped_is_uncounted, &rest)

#define EVENTS(of, name) \
	CASE_WITH(WHERE_ALWAYS, \
		  "cgroup: pids.events is announced if it changes, limit of " name, \
		  pids_events, &of)

static const struct test_case cases[] = {
	LEAVE(0, "the next but one exits"),
	LEAVE(1, "the next but one moves away"),
	LEAVE(2, "the next exits"),
	LEAVE(3, "the next moves away"),
	LEAVE(4, "the last moves away"),
	LEAVE(5, "the last exits"),
	CASE(WHERE_ALWAYS, "cgroup: a process stays listed without its leader",
	     leader_before_thread),
	CASE(WHERE_ALWAYS, "cgroup: who has opened cgroup.procs decides about a move",
	     opener_decides),
	REAPED("process", no_rest),
	REAPED("process with a pidfd", a_pidfd),
	REAPED("init of a pid ns", a_pid_ns),
	EVENTS(of_parent, "the parent"),
	EVENTS(of_child, "the child"),
};

PROGRAM_PART(numbers_cgroup__add, cases)
