/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Namespaces as the guest programs need them: forking into new ones, opening
 * them, the sysctl of the join series, and the numbers of a task at every level.
 *
 * Functions return a value >= 0 on success and a negative errno on failure, unless
 * stated otherwise. They print nothing.
 */
#ifndef TESTS_GUEST_NS_H
#define TESTS_GUEST_NS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* Marks a parameter that only the type of a function pointer demands. */
#define __maybe_unused __attribute__((unused))

/* The sysctl, see setns_pid_join(7); absent on kernels without the series. */
#define NS_KNOB		"/proc/sys/kernel/setns_pid_join"

#define PID_MAX		"/proc/sys/kernel/pid_max"
#define LAST_PID	"/proc/sys/kernel/ns_last_pid"
#define MAX_PID_NS	"/proc/sys/user/max_pid_namespaces"

/* The root, and the kernel's MAX_PID_NS_LEVEL (32) levels below. */
#define NS_MAX_LEVELS	33

/*
 * Forks with clone flags: CLONE_NEW*, CLONE_PARENT, CLONE_VFORK|CLONE_VM. SIGCHLD is
 * sent at exit. Returns 0 in the child, and in the parent the child's number in the
 * parent's active pid namespace. @pidfd, if not NULL, receives a pidfd (close-on-exec,
 * owned by the caller). Unlike fork(), the function runs no atfork handlers: only for
 * single-threaded callers.
 */
pid_t ns__clone(unsigned long long flags, int *pidfd);

/* Calls pidfd_open(2). @flags: 0 or PIDFD_THREAD. */
int ns__pidfd(pid_t pid, unsigned int flags);

/* Opens /proc/PID/ns/NAME, close-on-exec. @pid 0: the caller's own. */
int ns__open(pid_t pid, const char *name);

/* Calls setns(2), without the wrapper of glibc. Returns 0 or -errno. */
int ns__set(int fd, int flags);

/*
 * Returns the identity of the namespace /proc/PID/ns/NAME: its inode number, or
 * a negative errno. @pid 0: the caller's own.
 */
long ns__id(pid_t pid, const char *name);

/*
 * Opens the pid namespace of the future children of pidfd's task, even a
 * namespace without an init (which /proc refuses to open): ioctl
 * PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE, 6.11 and newer. Returns an fd or
 * -errno.
 */
int ns__of_children(int pidfd);

/*
 * Read or write the sysctl of the caller's active pid namespace, whatever its value in
 * the ancestors. Return -ENOENT on a kernel without the series.
 */
int ns__knob_get(void);
int ns__knob_set(int value);

/*
 * file__read() reads up to @size - 1 bytes by one read(), terminates the text, and
 * returns the number of bytes. file__write() writes an existing file by one write().
 */
ssize_t file__read(const char *path, char *text, size_t size);
int file__write(const char *path, const char *text);

/* Read or write a number in a file of /proc. file__get(): -EIO without a number. */
long file__get(const char *path);
int file__set(const char *path, long value);

/* Returns the number in a symbolic link such as /proc/self. */
long link__number(const char *path);

/* Numbers of a task's pid, tgid, pgid or sid, from the proc mount's level downwards. */
struct ns_numbers {
	int nr;				/* number of levels */
	pid_t number[NS_MAX_LEVELS];	/* [nr - 1] is the innermost */
};

/*
 * Parse line @key ("NSpid", "NStgid", "NSpgid", "NSsid") of the file PROC/PID/status, or
 * of such a file's text. @proc is the path of a proc mount, and @pid a number in it.
 * Return 0, -ENOENT without such a line, and -ESRCH or -ENOENT without such a task.
 */
int ns__numbers(const char *proc, pid_t pid, const char *key,
		struct ns_numbers *out);
int ns__parse(const char *status, const char *key, struct ns_numbers *out);

/* Reads the numbers of up to @max children of @parent. Returns how many. */
int ns__children(pid_t parent, pid_t child[], int max);

/* Sends SIGKILL to each child of the caller once. Returns the number of children. */
int ns__kill_children(void);

/* Returns the state of a task, such as 'S', from /proc/PID/stat; 0: unknown. */
char ns__state(pid_t pid);

/*
 * Returns whether an init sleeps at the end of zap_pid_ns_processes(), until no process but
 * its own has a number in the namespace. The sleep is idle on some kernels ('I'), and
 * interruptible on others; these show the function (/proc/PID/wchan, CONFIG_KALLSYMS).
 */
bool ns__init_waits(pid_t pid);

/*
 * Returns the time of the creation of a process, from /proc/PID/stat, in ticks of
 * CLOCK_BOOTTIME: NS_TICK_MS each.
 */
#define NS_TICK_MS 10
long ns__start_time(pid_t pid);

/*
 * Waits until pidfd's task is dead, at most @limit_ms. Returns 0 or -ETIMEDOUT.
 * Does not reap.
 */
int ns__wait_dead(int pidfd, int limit_ms);

/*
 * Extends a time limit on a slow kernel: multiplies @ms by the factor $SLOWER,
 * set by the runner.
 */
int ns__limit_ms(int ms);

/* CLOCK_MONOTONIC in ms. For limits: beat__now_ms(). */
long ns__now_ms(void);

/*
 * Limits are in milliseconds of beat__now_ms(), which take longer on a busy host.
 *
 * Waits at most @limit_ms for one of @events on @fd. Returns revents or -errno.
 */
int ns__poll(int fd, short events, int limit_ms);

/* Converts milliseconds. */
struct timespec ns__timespec(long ms);

/* Mounts a fresh proc on /proc in a new mount namespace, which outlasts a failure. */
int ns__own_proc(void);

/* Block a signal; unblock all signals. */
void signal__block(int sig);
void signal__unblock_all(void);

/*
 * Waits for a blocked signal. Returns @sig, or -1 and sets errno. @info, if not NULL,
 * receives the details.
 */
int signal__await(int sig, long limit_ms, siginfo_t *info);

#endif /* TESTS_GUEST_NS_H */
