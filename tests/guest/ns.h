/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Namespaces as the guest programs need them: forking into new ones, naming
 * them, the knob of the join series, the numbers a task has at every level,
 * and a small container (a pid namespace with an init that does nothing but
 * reap).
 *
 * All functions return 0 or a value >= 0 on success and a negative errno on
 * failure, print nothing, and leave nothing behind when they fail.
 */
#ifndef GUEST_NS_H
#define GUEST_NS_H

#include <stdbool.h>
#include <sys/types.h>

/* The knob: DESIGN.md section 4; absent on kernels without the series. */
#define NS_KNOB		"/proc/sys/kernel/setns_pid_join"

/* MAX_PID_NS_LEVEL of the kernel is 32, plus the root. */
#define NS_MAX_LEVELS	33

/*
 * fork() with clone flags: CLONE_NEW*, CLONE_PARENT, CLONE_VFORK|CLONE_VM are
 * the caller's business; SIGCHLD is sent at exit. Returns 0 in the child, its
 * number in the caller's active pid namespace in the parent. @pidfd, if not
 * NULL, receives a pidfd (close-on-exec, owned by the caller).
 * Unlike fork() it runs no atfork handlers: only for single-threaded callers.
 */
pid_t ns__clone(unsigned long long flags, int *pidfd);

/* pidfd_open(2). @flags: 0 or PIDFD_THREAD. */
int ns__pidfd(pid_t pid, unsigned int flags);

/* Opens /proc/PID/ns/NAME, close-on-exec. @pid 0: the caller's own. */
int ns__open(pid_t pid, const char *name);

/* The raw system call: no glibc wrapper between a test and its errno. */
int ns__set(int fd, int flags);

/* Inode number of a namespace given by fd: its identity. */
int ns__inum(int fd, ino_t *inum);

/*
 * Identity of the namespace /proc/PID/ns/NAME: its inode number, or a
 * negative errno. @pid 0: the caller's own.
 */
long ns__id(pid_t pid, const char *name);

/*
 * The pid namespace that the children of pidfd's task will be born into,
 * even one without an init (which /proc refuses to open): ioctl
 * PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE, 6.11 and newer. An fd or -errno.
 */
int ns__of_children(int pidfd);

/*
 * Value of the knob in the caller's active pid namespace (raw, not the
 * effective one). -ENOENT on kernels without it.
 */
int ns__knob_get(void);
int ns__knob_set(int value);

/* Reads or writes a number in a file of /proc. -errno; -EIO if not one. */
long file__get(const char *path);
int file__set(const char *path, long value);

/* Numbers of one id of a task, from the /proc mount's level downwards. */
struct ns_numbers {
	int nr;				/* levels seen, 0: no such line */
	pid_t number[NS_MAX_LEVELS];	/* [nr - 1] is the innermost */
};

/*
 * Reads line @key ("NSpid", "NStgid", "NSpgid", "NSsid") of
 * PROC/PID/status, @proc being the path of a proc mount and @pid a number in
 * it, or "self". -ESRCH, -ENOENT when there is no such task.
 */
int ns__numbers(const char *proc, const char *pid, const char *key,
		struct ns_numbers *out);

/*
 * Waits until pidfd's task is dead, at most @limit_ms. 0, or -ETIMEDOUT.
 * Does not reap.
 */
int ns__wait_dead(int pidfd, int limit_ms);

/*
 * A limit of so many ms, made longer on a slow kernel: the runner sets $SLOWER
 * to a factor.
 */
int ns__limit_ms(int ms);

/* CLOCK_MONOTONIC in ms: for limits of loops, a tick may be many ms long. */
long ns__now_ms(void);

/* Waits until @fd has one of @events, at most @limit_ms. revents or -errno. */
int ns__poll(int fd, short events, int limit_ms);

/* --- container: a pid namespace with an init ----------------------------- */

enum {
	CONTAINER_PROC = 1 << 0, /* own mount ns with its own /proc */
	CONTAINER_USER = 1 << 1, /* own user ns, root mapped to our euid */
	CONTAINER_NET  = 1 << 2, /* own net ns */
};

struct container {
	pid_t init;	/* number of its init in the creator's namespace */
	int pidfd;	/* pidfd of the init */
	int nsfd;	/* nsfs fd of the pid namespace */
	int hold;	/* the init lives until this is closed (or a kill) */
};

/*
 * Makes a container, a child of the caller's active pid namespace (of
 * pid_for_children, to be exact). Its init reaps whatever it inherits and
 * exits 0 when @hold is closed. Returns when the namespace and its mounts
 * are ready.
 */
int container__create(struct container *c, unsigned int flags);

/* Kills the init (and thus all in it), reaps it, closes the fds. */
void container__destroy(struct container *c);

/* Body of a plain init: reaps until @hold reads end of file. Never returns. */
void container__idle(int hold) __attribute__((noreturn));

/* Mounts a fresh proc on /proc in a private copy of the mount namespace. */
int ns__own_proc(void);

#endif
