// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reproduces a bug of mainline: if setns() gets no memory for the copy of its
 * fs_struct, it leaks the credentials that it has prepared.
 *
 * prepare_nsset() (kernel/nsproxy.c) sets the flags that put_nsset() depends on only
 * after everything is prepared. The limit of a memory cgroup, whose tasks the kernel
 * must not kill, makes the allocation fail. The leaked credentials pin the user
 * namespace of their process, which is counted for ever: with a limit of one, no second
 * user namespace can be created.
 *
 * The test needs root and a mountable cgroup2. The exit status is 0 if the bug is
 * present, 1 if the bug did not show, 2 if the test could not run.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOT "/tmp/cgroup-of-setns-creds"
#define GROUP ROOT "/small"
#define FILES_MAX 20000
#define TRIES 150
#define ROUNDS 10
#define FREED_S 10	/* the kernel frees a namespace after a grace period */

/* syslog(2) */
#define LOG_CONSOLE_OFF 6
#define LOG_CONSOLE_ON 7

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(2, "%s", path);
	close(fd);
}

/*
 * Runs a process in a user namespace of its own, as soon as one can be created. Returns
 * 0, or -ENOSPC if the previous namespace still exists.
 */
static int in_user_namespace(void (*run)(void))
{
	time_t last = time(NULL) + FREED_S;
	int status;
	pid_t pid;

	do {
		pid = fork();
		if (pid < 0)
			err(2, "fork");
		if (!pid) {
			if (unshare(CLONE_NEWUSER))
				_exit(errno == ENOSPC ? 1 : 2);
			run();
			_exit(0);
		}
		waitpid(pid, &status, 0);
		if (!status)
			return 0;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 1)
			errx(2, "a child ended with status %#x", status);
		usleep(50000);
	} while (time(NULL) < last);
	return -ENOSPC;
}

static void nothing(void)
{
}

/* Freezes the group at its current size: no further page can be charged. */
static void close_group(void)
{
	char current[32] = "";
	int fd = open(GROUP "/memory.current", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, current, sizeof(current) - 1) < 1)
		err(2, "memory.current");
	close(fd);
	put(GROUP "/memory.max", current);
}

/* Allocates files of some hundred bytes each, until the memory is used up. */
static int fill_group(int *fds)
{
	int n = 0;

	while (n < FILES_MAX) {
		fds[n] = eventfd(0, EFD_CLOEXEC);
		if (fds[n] < 0)
			break;
		n++;
	}
	if (n == FILES_MAX || errno != ENOMEM)
		err(2, "%d files, and the memory goes on", n);
	return n;
}

/*
 * With the group full, setns() fails at the first object that does not fit in the rest
 * of the last page. Random changes vary that rest until it is large enough for every
 * object but the copy of the fs_struct.
 */
static void leak(void)
{
	static int fds[FILES_MAX];
	const int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS;
	struct epoll_event event = { .events = EPOLLIN };
	int pidfd = syscall(SYS_pidfd_open, getppid(), 0);
	int epoll = epoll_create1(EPOLL_CLOEXEC), n;

	if (pidfd < 0 || epoll < 0)
		err(2, "pidfd_open, epoll_create1");
	put(GROUP "/cgroup.procs", "0");
	/* A page fault of the process itself would be retried for ever. */
	if (mlockall(MCL_CURRENT))
		err(2, "mlockall");
	close_group();
	n = fill_group(fds);
	for (int i = 0; i < TRIES; i++) {
		if (i % 3 == 0 && n)
			close(fds[--n]);
		else if (n)
			epoll_ctl(epoll, EPOLL_CTL_ADD, fds[rand() % n], &event);
		setns(pidfd, flags);
	}
}

/* Each CPU keeps the rest of a charged page for itself. */
static void stay_on_one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		err(2, "sched_setaffinity");
}

static void prepare(void)
{
	if (mkdir(ROOT, 0700) && errno != EEXIST)
		err(2, ROOT);
	if (mount("none", ROOT, "cgroup2", 0, NULL))
		err(2, "cgroup2");
	put(ROOT "/cgroup.subtree_control", "+memory");
	if (mkdir(GROUP, 0700) && errno != EEXIST)
		err(2, GROUP);
	put("/proc/self/oom_score_adj", "-1000");
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){ FILES_MAX + 20, FILES_MAX + 20 }))
		err(2, "setrlimit");
	stay_on_one_cpu();
	/* Each failure logs a page of text: keep it off the console. */
	klogctl(LOG_CONSOLE_OFF, NULL, 0);
}

static void clean_up(void)
{
	rmdir(GROUP);
	umount2(ROOT, MNT_DETACH);
	klogctl(LOG_CONSOLE_ON, NULL, 0);
	rmdir(ROOT);
}

/* The limit of one is that of an outer user namespace. */
static int look(void)
{
	if (unshare(CLONE_NEWUSER))
		err(2, "unshare(CLONE_NEWUSER)");
	/* The creator of a user namespace needs a uid mapped in the current one. */
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 0 1");
	put("/proc/self/gid_map", "0 0 1");
	put("/proc/sys/user/max_user_namespaces", "1");
	if (in_user_namespace(nothing))
		errx(2, "not even the first user namespace can be made");
	/* A namespace leaked in one round makes the unshare() of the next fail. */
	for (int i = 0; i < ROUNDS; i++) {
		put(GROUP "/memory.max", "max");
		if (in_user_namespace(leak))
			return 1;
	}
	return in_user_namespace(nothing) != 0;
}

int main(void)
{
	int status;
	pid_t pid;

	prepare();
	pid = fork();
	if (pid < 0)
		err(2, "fork");
	if (!pid)
		_exit(look() ? 0 : 1);
	waitpid(pid, &status, 0);
	clean_up();
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return 2;
	if (WEXITSTATUS(status)) {
		printf("No user namespace was left by setns() without memory.\n");
		return 1;
	}
	printf("A user namespace that setns() without memory has leaked is still counted after %d s.\n",
	       FREED_S);
	return 0;
}
