// SPDX-License-Identifier: GPL-2.0-only
/* Owners of files (F_SETOWN and its relatives) and of file locks. */
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "numbers.h"
#include "ops.h"

/* --- owners for signals --- */

/* F_OWNER_PGRP for F_SETOWN of a negative number. */
enum { BY_NUMBER = 100, BY_GROUP };

/*
 * Not fcntl(): the wrapper of the C library calls F_GETOWN_EX for F_GETOWN. The
 * library takes a small negative number, that of a group, for an error.
 */
static long getown(int fd)
{
	long owner = syscall(SYS_fcntl, fd, F_GETOWN);

	return owner == -1 ? -errno : owner;
}

static long setown(int fd, long how, pid_t who)
{
	struct f_owner_ex owner = { .type = how, .pid = who };

	if (how == BY_NUMBER)
		return syscall(SYS_fcntl, fd, F_SETOWN, who) ? -errno : 0;
	if (how == BY_GROUP)
		return syscall(SYS_fcntl, fd, F_SETOWN, -who) ? -errno : 0;
	return fcntl(fd, F_SETOWN_EX, &owner) ? -errno : 0;
}

static long set_own(long fd, long how)
{
	/* A leader of a session leads its group already. */
	if (getpgrp() != getpid() && setpgid(0, 0))
		return -errno;
	return setown(fd, how, getpid());
}

static void mark_owner(struct world *w, long how)
{
	int fd = check__must("memfd", memfd_create("owned", MFD_CLOEXEC));

	world__mark(w, set_own, world__share_all(w, fd), how);
}

static long read_owner(long fd, long how)
{
	long owner;

	if (how == BY_NUMBER)
		return getown(fd);
	owner = getown(fd);
	check__true("F_GETOWN of a group is not positive", owner <= 0);
	return -owner;
}

static long read_owner_ex(long fd, long how)
{
	struct f_owner_ex owner = { .type = -1, .pid = -1 };

	if (fcntl(fd, F_GETOWN_EX, &owner))
		return -errno;
	check__eq("type of the owner", owner.type, how);
	return owner.pid;
}

/* --- locks --- */

static long take_flock(long fd, long b __maybe_unused)
{
	return flock(fd, LOCK_EX) ? -errno : 0;
}

static void mark_lock(struct world *w, long how)
{
	int fd = check__must("memfd", memfd_create("locked", MFD_CLOEXEC));

	world__mark(w, how == LOCK_EX ? take_flock : op_lock,
		    world__share_all(w, fd), 0);
}

/* Returns the pid in the line about @fd of /proc/locks, or 0 if there is none. */
static long read_locks(long fd, long b __maybe_unused)
{
	char line[256], inode[32];
	long pid = 0;
	struct stat st;
	FILE *f;

	if (fstat(fd, &st))
		return -errno;
	snprintf(inode, sizeof(inode), ":%lu ", (unsigned long)st.st_ino);
	f = fopen("/proc/locks", "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (strstr(line, inode) &&
		    sscanf(line, "%*d: %*s %*s %*s %ld", &pid) != 1)
			pid = -EIO;
	fclose(f);
	return pid;
}

static long read_fdinfo_lock(long fd, long b __maybe_unused)
{
	char path[64], text[1024];
	const char *at;
	long pid;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%ld", fd);
	check__must("fdinfo", file__read(path, text, sizeof(text)));
	at = strstr(text, "lock:");
	if (!at || sscanf(at, "lock: %*d: %*s %*s %*s %ld", &pid) != 1)
		return -EIO;
	return pid;
}

static void ofd_lock(void)
{
	struct flock l = { .l_type = F_WRLCK };
	struct world w;
	long number;
	int fd;

	world__build(&w);
	fd = check__must("memfd", memfd_create("locked", MFD_CLOEXEC));
	if (fcntl(fd, F_OFD_SETLK, &l))
		check__bail("F_OFD_SETLK: %s", strerror(errno));
	for (int i = 0; i < READERS; i++) {
		number = actor__give(&w.reader[i], fd);
		check__eq("holder of an OFD lock",
			  actor__call(&w.reader[i], op_lock_holder, number, 0),
			  -1);
	}
}

#define OWNER(name_, read_, how) \
	{ .name = name_, .mark = mark_owner, .read = read_, .arg = how }
#define LOCK(name_, read_, ...) \
	{ .name = name_, .mark = mark_lock, .read = read_, __VA_ARGS__ }
#define POSIX .needs_life = true, .recorded = true
#define FLOCK .arg = LOCK_EX, .kept_in_init = true

const struct interface files_interfaces[] = {
	OWNER("F_GETOWN", read_owner, BY_NUMBER),
	OWNER("F_GETOWN of a group", read_owner, BY_GROUP),
	OWNER("F_GETOWN_EX of a thread", read_owner_ex, F_OWNER_TID),
	OWNER("F_GETOWN_EX of a process", read_owner_ex, F_OWNER_PID),
	OWNER("F_GETOWN_EX of a group", read_owner_ex, F_OWNER_PGRP),
	LOCK("F_GETLK", op_lock_holder, POSIX),
	LOCK("/proc/locks of a POSIX lock", read_locks, POSIX),
	LOCK("/proc/locks of a flock", read_locks, FLOCK),
	LOCK("fdinfo of a flock", read_fdinfo_lock, FLOCK),
	{ }
};

/* --- a number that nobody has --- */

static const struct setter {
	const char *name;
	long how;		/* as for setown() */
	unsigned long request;	/* or by this ioctl */
} setters[] = {
	{ .name = "F_SETOWN", .how = BY_NUMBER },
	{ .name = "F_SETOWN of a group", .how = BY_GROUP },
	{ .name = "F_SETOWN_EX of a thread", .how = F_OWNER_TID },
	{ .name = "F_SETOWN_EX of a process", .how = F_OWNER_PID },
	{ .name = "F_SETOWN_EX of a group", .how = F_OWNER_PGRP },
	{ .name = "FIOSETOWN", .request = FIOSETOWN },
	{ .name = "SIOCSPGRP", .request = SIOCSPGRP },
};

static long set_by(const struct setter *s, int fd, pid_t who)
{
	if (s->request)
		return ioctl(fd, s->request, &who) ? -errno : 0;
	return setown(fd, s->how, who);
}

/* In an actor: each setter refuses @nobody, and the owner stays. */
static long refuse_nobody(long nobody, long b __maybe_unused)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	check__err("F_SETOWN to the caller", setown(fd, BY_NUMBER, getpid()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(setters); i++) {
		check__err(setters[i].name, set_by(&setters[i], fd, nobody),
			   -ESRCH);
		check__eq("the owner is still the caller", getown(fd), getpid());
	}
	close(fd);
	return 0;
}

static void owner_of_nobody(void)
{
	struct world w;

	world__build(&w);
	world__add_child(&w);
	/* The outer number is large, and few processes are in the middle. */
	for (int i = READER_MIDDLE; i < READERS; i++)
		actor__call(&w.reader[i], refuse_nobody, w.owner.pid, 0);
	world__kill(&w);
	world__reap(&w);
	actor__call(&w.reader[READER_OUTER], refuse_nobody, w.owner.pid, 0);
	check__err("F_SETOWN of INT_MIN", setown(w.nsfd, BY_NUMBER, INT_MIN),
		   -EINVAL);
}

/* --- whom SIGIO reaches --- */

static long arm_sigio(long fd, long owner)
{
	long err = setown(fd, BY_NUMBER, owner);

	if (err)
		return err;
	if (fcntl(fd, F_SETSIG, SIGRTMIN) ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC))
		return -errno;
	return 0;
}

static long await_sigio(long b __maybe_unused, long c __maybe_unused)
{
	siginfo_t info;

	if (signal__await(SIGRTMIN, run__patience() / 2, &info) < 0)
		return -errno;
	return info.si_code;
}

/* A process of @setter's namespace names the owner by the number that it has there. */
static void sigio_from(const struct world *w, int setter)
{
	long number;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		check__bail("socketpair: %s", strerror(errno));
	number = actor__give(&w->reader[setter], pair[0]);
	check__err("F_SETOWN and O_ASYNC",
		   actor__call(&w->reader[setter], arm_sigio, number,
			       w->number[setter]), 0);
	check__eq("a byte", write(pair[1], "x", 1), 1);
	check__eq("the owner gets the signal with POLL_IN",
		  actor__run(&w->owner, await_sigio), POLL_IN);
	/* The end with O_ASYNC goes first, so that no hang-up is signalled. */
	actor__call(&w->reader[setter], op_close, number, 0);
	close(pair[0]);
	close(pair[1]);
}

static void sigio(void)
{
	struct world w;

	world__build(&w);
	world__add_child(&w);
	check__must("block", actor__call(&w.owner, op_block, SIGRTMIN, 0));
	sigio_from(&w, READER_OUTER);
	sigio_from(&w, READER_MIDDLE);
}

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "files: an OFD lock has no owner: -1 for everybody",
	     ofd_lock),
	CASE(WHERE_ALWAYS, "files: an owner that nobody is: ESRCH, and no change",
	     owner_of_nobody),
	CASE(WHERE_ALWAYS, "files: SIGIO reaches the owner named in each ns",
	     sigio),
};

PROGRAM_PART(numbers_files__add, cases)
