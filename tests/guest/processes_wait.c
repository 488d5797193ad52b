// SPDX-License-Identifier: GPL-2.0-only
/*
 * wait4() and waitid(): errors, children that nothing has happened to, kinds of
 * children and tracees, and who may reap whom how often.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* The raw calls, so that libc corrects nothing. */
static long wait4_raw(long pid, int *status, int options, struct rusage *usage)
{
	return syscall(SYS_wait4, pid, status, options, usage) < 0 ? -errno : 0;
}

static long waitid_raw(int which, long id, siginfo_t *info, int options,
		       struct rusage *usage)
{
	return syscall(SYS_waitid, which, id, info, options, usage) < 0 ? -errno : 0;
}

/* --- errors -------------------------------------------------------------- */

/* Numbers that stand for processes of the case. */
enum { NOBODY = 1 << 30, STRANGER, OWN_GROUP };

static const struct wait4_error {
	const char *what;
	long pid;
	int options, err;
} wait4_errors[] = {
	{ "the least number", INT_MIN, 0, -ESRCH },
	{ "the least number, WNOHANG", INT_MIN, WNOHANG, -ESRCH },
	{ "the least number but one", INT_MIN + 1, 0, -ECHILD },
	{ "any child", -1, 0, -ECHILD },
	{ "any child, WNOHANG", -1, WNOHANG, -ECHILD },
	{ "any child, __WALL", -1, __WALL, -ECHILD },
	{ "a child of the own group", 0, 0, -ECHILD },
	{ "no process", NOBODY, 0, -ECHILD },
	{ "a stranger", STRANGER, 0, -ECHILD },
	{ "a stranger, __WALL", STRANGER, __WALL, -ECHILD },
	{ "a child of group 2", -2, 0, -ECHILD },
	{ "an option that does not exist", -1, 0x100, -EINVAL },
	{ "an option of waitid() alone", -1, WNOWAIT, -EINVAL },
};

static const struct waitid_error {
	const char *what;
	int which;
	long id;
	int options, err;
} waitid_errors[] = {
	{ "any child", P_ALL, 0, WEXITED, -ECHILD },
	{ "no event", P_ALL, 0, 0, -EINVAL },
	{ "no event but WNOHANG", P_ALL, 0, WNOHANG, -EINVAL },
	{ "an option that does not exist", P_ALL, 0, WEXITED | 0x100, -EINVAL },
	{ "a type that does not exist", 17, 0, WEXITED, -EINVAL },
	{ "process 0", P_PID, 0, WEXITED, -EINVAL },
	{ "process -1", P_PID, -1, WEXITED, -EINVAL },
	{ "the least process", P_PID, INT_MIN, WEXITED, -EINVAL },
	{ "no process", P_PID, NOBODY, WEXITED, -ECHILD },
	{ "a stranger", P_PID, STRANGER, WEXITED, -ECHILD },
	{ "group -1", P_PGID, -1, WEXITED, -EINVAL },
	{ "the least group", P_PGID, INT_MIN, WEXITED, -EINVAL },
	{ "the own group", P_PGID, 0, WEXITED, -ECHILD },
	{ "pidfd -1", P_PIDFD, -1, WEXITED, -EINVAL },
	{ "a number that is no pidfd", P_PIDFD, 0, WEXITED, -EBADF },
	{ "a closed pidfd", P_PIDFD, 1000, WEXITED, -EBADF },
};

/* The director has no child here: its parent is the stranger. */
static long stand_in(long id)
{
	return id == STRANGER ? getppid() : id == NOBODY ? INT_MAX : id;
}

static void errors(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(wait4_errors); i++) {
		const struct wait4_error *e = &wait4_errors[i];

		check__note("wait4 of %s", e->what);
		check__err(e->what, wait4_raw(stand_in(e->pid), NULL, e->options, NULL),
			   e->err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(waitid_errors); i++) {
		const struct waitid_error *e = &waitid_errors[i];

		check__note("waitid of %s", e->what);
		check__err(e->what, waitid_raw(e->which, stand_in(e->id), NULL,
					       e->options, NULL), e->err);
	}
}

/* The number of a process of an outer namespace is nobody's inside. */
static long errors_inside(long outer, long b __maybe_unused)
{
	return wait4_raw(outer, NULL, 0, NULL) != -ECHILD ? 1 :
	       wait4_raw(INT_MIN, NULL, 0, NULL) != -ESRCH ? 2 :
	       wait4_raw(-1, NULL, 0, NULL) != -ECHILD ? 3 : 0;
}

static void init_without_children(void)
{
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);

	check__eq("the call with a wrong error",
		  actor__call(&init, errors_inside, getpid(), 0), 0);
}

/* --- nothing has happened ------------------------------------------------ */

#define UNTOUCHED 0xAA

static bool is_filled(const void *data, size_t size, unsigned char byte)
{
	const unsigned char *at = data;

	while (size--)
		if (*at++ != byte)
			return false;
	return true;
}

/* waitid() of a living child writes a siginfo of zeros and no usage. */
static void check_idle(const char *what, int which, long id, int options)
{
	struct rusage usage;
	siginfo_t info;

	memset(&usage, UNTOUCHED, sizeof(usage));
	memset(&info, UNTOUCHED, sizeof(info));
	check__note("waitid of %s", what);
	check__err(what, waitid_raw(which, id, &info, options | WNOHANG, &usage), 0);
	check__eq("si_pid", info.si_pid, 0);
	check__eq("si_signo", info.si_signo, 0);
	check__eq("si_code", info.si_code, 0);
	check__eq("si_uid", info.si_uid, 0);
	check__eq("si_status", info.si_status, 0);
	check__true("the usage is untouched",
		    is_filled(&usage, sizeof(usage), UNTOUCHED));
}

static void nothing_happened(const void *arg)
{
	const int *flags = arg;
	struct actor child = actor__spawn("child", NULL, *flags);
	struct rusage usage;
	int status;

	check_idle("any child", P_ALL, 0, WEXITED);
	check_idle("any child, all events", P_ALL, 0, WEXITED | WSTOPPED | WCONTINUED);
	check_idle("any child, WNOWAIT", P_ALL, 0, WEXITED | WNOWAIT);
	check_idle("the child", P_PID, child.pid, WEXITED);
	check_idle("the pidfd", P_PIDFD, child.pidfd, WEXITED);
	check_idle("the group", P_PGID, 0, WEXITED);
	check__err("without a usage",
		   waitid_raw(P_ALL, 0, NULL, WEXITED | WNOHANG, NULL), 0);

	memset(&usage, UNTOUCHED, sizeof(usage));
	memset(&status, UNTOUCHED, sizeof(status));
	check__err("wait4", wait4_raw(-1, &status, WNOHANG, &usage), 0);
	check__true("the usage is untouched",
		    is_filled(&usage, sizeof(usage), UNTOUCHED));
	check__true("the status is untouched",
		    is_filled(&status, sizeof(status), UNTOUCHED));
}

static const int plain, new_pid_ns = CLONE_NEWPID;

/* --- events and their numbers -------------------------------------------- */

/* Returns the number that waitid() reports, or -errno. */
static long number_of(int which, long id, int options)
{
	siginfo_t info = { .si_pid = 0 };
	long err = waitid_raw(which, id, &info, options, NULL);

	return err ? err : info.si_pid;
}

static void events(const void *arg)
{
	const int *flags = arg;
	struct actor child = actor__spawn("child", NULL, *flags);
	int status;

	check__must("SIGSTOP", op_kill(child.pid, SIGSTOP));
	await_state(child.pid, 'T');
	check__eq("stopped, WNOWAIT", number_of(P_ALL, 0, WSTOPPED | WNOWAIT),
		  child.pid);
	check__eq("stopped", number_of(P_PIDFD, child.pidfd, WSTOPPED), child.pid);
	check__eq("once", number_of(P_ALL, 0, WSTOPPED | WNOHANG), 0);
	check__must("SIGCONT", op_kill(child.pid, SIGCONT));
	check__eq("continued", waitpid(child.pid, &status, WCONTINUED), child.pid);
	check__true("so says the status", WIFCONTINUED(status));
	check__must("SIGKILL", op_kill(child.pid, SIGKILL));
	await_state(child.pid, 'Z');
	check__eq("dead, WNOWAIT", number_of(P_PID, child.pid, WEXITED | WNOWAIT),
		  child.pid);
	check__eq("dead, WNOWAIT again", number_of(P_PGID, 0, WEXITED | WNOWAIT),
		  child.pid);
	check__eq("dead", number_of(P_PIDFD, child.pidfd, WEXITED), child.pid);
	check__err("reaped", wait4_raw(-1, NULL, __WALL, NULL), -ECHILD);
	check__err("reaped, by pidfd", number_of(P_PIDFD, child.pidfd, WEXITED),
		   -ECHILD);
}

/* A child that does not end with SIGCHLD is for __WCLONE and __WALL alone. */
static void clone_child(const void *arg)
{
	const int *option = arg;
	pid_t pid = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit(4);
	check__true("clone", pid > 0);
	await_state(pid, 'Z');
	check__err("wait4", wait4_raw(pid, NULL, 0, NULL), -ECHILD);
	check__err("wait4 of any child", wait4_raw(-1, NULL, 0, NULL), -ECHILD);
	check__eq("with the option", waitpid(pid, NULL, *option), pid);
}

static const int wclone = __WCLONE, wall = __WALL;

/* Threads have children together, unless __WNOTHREAD asks for the caller's own. */
static void children_of_threads(void)
{
	struct actor father = actor__spawn("father", NULL, 0);
	struct actor child = actor__spawn("child", &father, 0);

	check__must("a second thread", actor__call(&father, actor__move, 1, 0));
	check__err("__WNOTHREAD", actor__call(&father, op_waitpid, child.pid,
					      WNOHANG | __WNOTHREAD), -ECHILD);
	actor__exit(&child, 0);
	check__eq("the other thread reaps it", reap_by(&father, &child), child.pid);
}

#define WAIT(name, fn) PROCESS("wait: " name, fn)
#define WAIT_WITH(name, fn, arg) PROCESS_WITH("wait: " name, fn, arg)

static const struct test_case cases[] = {
	WAIT("errors without children", errors),
	WAIT("errors in an init without children", init_without_children),
	WAIT_WITH("a living child writes zeros and no usage", nothing_happened, &plain),
	WAIT_WITH("a living init writes zeros and no usage", nothing_happened,
		  &new_pid_ns),
	WAIT_WITH("the events of a child", events, &plain),
	WAIT_WITH("the events of an init", events, &new_pid_ns),
	WAIT_WITH("a child without SIGCHLD needs __WCLONE", clone_child, &wclone),
	WAIT_WITH("a child without SIGCHLD needs __WALL", clone_child, &wall),
	WAIT("threads have their children together", children_of_threads),
};

PROGRAM_PART(wait__add, cases)
