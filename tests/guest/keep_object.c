// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects that belong to a process, across a join that keeps the struct pid: undo values
 * of semaphores, file locks, the cgroup, and files of /proc opened before. The program
 * numbers has the numbers that all of them show.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

/* --- semaphores ---------------------------------------------------------- */

#define VALUE 5

static long take_with_undo(long id, long nr)
{
	struct sembuf down = { .sem_op = -nr, .sem_flg = SEM_UNDO };

	return semop(id, &down, 1) ? -errno : 0;
}

static void sem_undo(void)
{
	union { int val; } value = { .val = VALUE };
	struct kept k;
	int id;

	if (unshare(CLONE_NEWIPC))
		check__bail("unshare(CLONE_NEWIPC): %m");
	k = kept__start(NULL);
	id = semget(IPC_PRIVATE, 1, 0600);
	if (id < 0 || semctl(id, 0, SETVAL, value))
		check__bail("semaphore: %m");
	check__must("semop", actor__call(&k.s.caller, take_with_undo, id, 2));
	kept__finish(&k);
	check__eq("the value after the join", semctl(id, 0, GETVAL), VALUE - 2);
	check__eq("GETPID outside", semctl(id, 0, GETPID), k.pid);
	check__err("semop() after the join",
		   actor__call(&k.s.caller, take_with_undo, id, 1), 0);
	check__eq("the value then", semctl(id, 0, GETVAL), VALUE - 3);
	actor__exit(&k.s.caller, 0);
	check__must("death",
		    ns__wait_dead(k.s.caller.pidfd, run__patience()));
	check__eq("the exit undoes both", semctl(id, 0, GETVAL), VALUE);
}

/* --- locks --------------------------------------------------------------- */

static long take_flock(long fd, long b __maybe_unused)
{
	return flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

static long take_ofd(long fd, long b __maybe_unused)
{
	struct flock l = { .l_type = F_WRLCK };

	return fcntl(fd, F_OFD_SETLK, &l) ? -errno : 0;
}

static long unlock(long fd, long b __maybe_unused)
{
	struct flock l = { .l_type = F_UNLCK };

	return fcntl(fd, F_SETLK, &l) ? -errno : 0;
}

/* Opens the file of @fd anew: a lock of flock() or of OFD type conflicts then. */
static int reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return check__must("open", open(path, O_RDWR | O_CLOEXEC));
}

static int make_file(void)
{
	return check__must("memfd", memfd_create("locked", MFD_CLOEXEC));
}

static void posix_lock(void)
{
	struct kept k = kept__start(NULL);
	const struct actor *x = &k.s.caller;
	int fd = make_file();
	long there = actor__give(x, fd), inside = actor__give(&k.s.init, fd);

	check__err("the lock", actor__call(x, op_lock, there, 0), 0);
	kept__finish(&k);
	check__eq("its holder, outside", op_lock_holder(fd, 0), k.pid);
	check__eq("its holder, inside",
		  actor__call(&k.s.init, op_lock_holder, inside, 0), k.inner);
	check__err("the lock, for another", op_lock(fd, 0), -EAGAIN);
	check__err("the lock, once more", actor__call(x, op_lock, there, 0), 0);
	check__err("unlock", actor__call(x, unlock, there, 0), 0);
	check__err("the lock, for another", op_lock(fd, 0), 0);
	check__err("unlock", unlock(fd, 0), 0);
	check__err("the lock, after it", actor__call(x, op_lock, there, 0), 0);
	actor__exit(x, 0);
	check__must("death", ns__wait_dead(x->pidfd, run__patience()));
	check__err("the lock, after the caller's exit", op_lock(fd, 0), 0);
}

/* A process that waits for the lock gets it when the caller lets go of it. */
static long await_lock(long fd, long b __maybe_unused)
{
	struct flock l = { .l_type = F_WRLCK };

	return fcntl(fd, F_SETLKW, &l) ? -errno : 0;
}

static void waited_for(void)
{
	struct actor waiter = actor__spawn("waiter", NULL, 0);
	struct kept k = kept__start(NULL);
	int fd = make_file();
	long there = actor__give(&k.s.caller, fd);

	check__err("the lock", actor__call(&k.s.caller, op_lock, there, 0), 0);
	actor__ask(&waiter, await_lock, actor__give(&waiter, fd), 0);
	actor__wait_asleep(&waiter);
	kept__finish(&k);
	check__true("the waiter sleeps on", actor__pending(&waiter, 50));
	check__err("unlock", actor__call(&k.s.caller, unlock, there, 0), 0);
	check__err("the waiter has the lock", actor__answer(&waiter), 0);
	check__err("the lock then", actor__call(&k.s.caller, op_lock, there, 0),
		   -EAGAIN);
}

static const struct open_lock {
	actor_fn *take;
} by_flock = { take_flock }, by_ofd = { take_ofd };

static void open_file_lock(const void *arg)
{
	const struct open_lock *l = arg;
	struct kept k = kept__start(NULL);
	int fd = make_file(), other = reopen(fd);
	long there = actor__give(&k.s.caller, fd);

	close(fd);
	check__err("the lock", actor__call(&k.s.caller, l->take, there, 0), 0);
	kept__finish(&k);
	check__err("for another", l->take(other, 0), -EAGAIN);
	check__err("once more", actor__call(&k.s.caller, l->take, there, 0), 0);
	actor__exit(&k.s.caller, 0);
	check__must("death",
		    ns__wait_dead(k.s.caller.pidfd, run__patience()));
	check__err("after the caller's exit", l->take(other, 0), 0);
}

/* --- the cgroup ---------------------------------------------------------- */

#define MOUNT "/tmp/keep-cgroup"
#define GROUP MOUNT "/keep"

static void read_text(const char *path, char *text, size_t size)
{
	check__must(path, file__read(path, text, size));
}

static void cgroup(void)
{
	char before[256], after[256], path[64], number[32];
	struct kept k = kept__start(NULL);

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE,
					  NULL) ||
	    (mkdir("/tmp", 0777) && errno != EEXIST) ||
	    mount("none", "/tmp", "tmpfs", 0, NULL) || mkdir(MOUNT, 0755) ||
	    mount("none", MOUNT, "cgroup2", 0, NULL))
		check__bail("cgroup2: %m");
	if (mkdir(GROUP, 0755) && errno != EEXIST)
		check__bail(GROUP ": %m");
	check__must("cgroup.procs", file__set(GROUP "/cgroup.procs", k.pid));
	snprintf(path, sizeof(path), "/proc/%d/cgroup", k.pid);
	read_text(path, before, sizeof(before));
	check__true("it is in the group", strstr(before, "/keep\n"));
	kept__finish(&k);
	read_text(path, after, sizeof(after));
	check__str("/proc/PID/cgroup", after, before);
	read_text(GROUP "/cgroup.procs", after, sizeof(after));
	snprintf(number, sizeof(number), "%d\n", k.pid);
	check__str("cgroup.procs", after, number);
	check__err("it is moved by its old number",
		   file__set(MOUNT "/cgroup.procs", k.pid), 0);
	/* The end of the file: the group has no process. */
	check__eq("cgroup.procs then",
		  file__read(GROUP "/cgroup.procs", after, sizeof(after)), 0);
	check__err("the group can go", rmdir(GROUP) ? -errno : 0, 0);
}

/* --- /proc --------------------------------------------------------------- */

static void check_status(int fd, const struct kept *k)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	struct ns_numbers now;

	check__must("read", n < 0 ? -errno : n);
	text[n] = '\0';
	check__must("NSpid", ns__parse(text, "NSpid", &now));
	check__eq("levels", now.nr, k->inner ? 2 : 1);
	check__eq("number outside", now.number[0], k->pid);
	if (k->inner)
		check__eq("number inside", now.number[1], k->inner);
}

static int open_at(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void proc_files(void)
{
	struct kept k = kept__start(NULL);
	char path[64];
	int dir, status, mem, fd;

	snprintf(path, sizeof(path), "/proc/%d", k.pid);
	dir = check__must(path, open_at(AT_FDCWD, path));
	status = check__must("status", open_at(dir, "status"));
	mem = check__must("mem", open_at(dir, "mem"));
	check_status(status, &k);
	kept__finish(&k);
	check_status(status, &k);
	fd = check__must("status, by the directory", open_at(dir, "status"));
	check_status(fd, &k);
	close(fd);
	check__must("task, by the directory", open_at(dir, "task"));
	check__eq("memory of the caller", pread(mem, path, 1, (off_t)check_status),
		  1);
	actor__exit(&k.s.caller, 0);
	check__eq("the caller is reaped", waitpid(k.pid, NULL, 0), k.pid);
	check__err("the directory then", open_at(dir, "status"), -ESRCH);
	check__err("the file then", pread(status, path, 1, 0) < 0 ? -errno : 0,
		   -ESRCH);
}

/* Limits and priorities set by the old number, before and after. */
static long limit_of_self(long a __maybe_unused, long b __maybe_unused)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_CORE, &limit) ? -errno : (long)limit.rlim_cur;
}

static void limits(void)
{
	struct rlimit limit = { 4096, 8192 }, old;
	struct kept k = kept__start(NULL);
	cpu_set_t one, set;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	check__must("prlimit", prlimit(k.pid, RLIMIT_CORE, &limit, NULL) ? -errno :
		    0);
	check__must("nice", setpriority(PRIO_PROCESS, k.pid, 3) ? -errno : 0);
	kept__finish(&k);
	check__eq("the limit", actor__run(&k.s.caller, limit_of_self), 4096);
	check__eq("the priority", getpriority(PRIO_PROCESS, k.pid), 3);
	limit.rlim_cur = 2048;
	check__err("prlimit by the old number",
		   prlimit(k.pid, RLIMIT_CORE, &limit, &old) ? -errno : 0, 0);
	check__eq("the limit of before", old.rlim_cur, 4096);
	check__eq("the limit then", actor__run(&k.s.caller, limit_of_self), 2048);
	check__err("sched_setaffinity by the old number",
		   sched_setaffinity(k.pid, sizeof(one), &one) ? -errno : 0, 0);
	check__must("affinity", sched_getaffinity(k.pid, sizeof(set), &set) ?
		    -errno : 0);
	check__true("the affinity", CPU_EQUAL(&one, &set));
}

#define OBJECT(name, fn) KEEP("object: " name, fn)

static const struct test_case cases[] = {
	OBJECT("SEM_UNDO of before and after is carried out at its exit", sem_undo),
	OBJECT("a POSIX lock stays its own", posix_lock),
	OBJECT("a process that waits for its POSIX lock sleeps on", waited_for),
	KEEP_WITH("object: a lock of flock() stays its own", open_file_lock,
		  &by_flock),
	KEEP_WITH("object: an OFD lock stays its own", open_file_lock, &by_ofd),
	OBJECT("it stays in its cgroup", cgroup),
	OBJECT("files of /proc opened before show it", proc_files),
	OBJECT("limits, priority and affinity, by the old number", limits),
};

PROGRAM_PART(keep_object__add, cases)
