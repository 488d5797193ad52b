// SPDX-License-Identifier: GPL-2.0-only
/*
 * A power switch outside the container: a task joins the container and calls
 * reboot(2). The container's init ends with the signal that reboot(2)
 * documents.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "purposes.h"
#include "tool.h"

static const struct reboot {
	const char *how;
	int cmd;
	int signal;	/* reboot(2), "Behavior inside PID namespaces" */
} reboots[] = {
	{ "restart", RB_AUTOBOOT, SIGHUP },
	{ "halt", RB_HALT_SYSTEM, SIGINT },
	{ "power-off", RB_POWER_OFF, SIGINT },
};

int purpose_reboot__call(const char *how)
{
	/* Outside, the call would reboot the machine: never make it there. */
	if (!victim__has(gettid()))
		return STATUS_OUTSIDE;
	for (size_t i = 0; i < ARRAY_SIZE(reboots); i++)
		if (!strcmp(reboots[i].how, how)) {
			reboot(reboots[i].cmd);
			/* Success kills this task with the rest of the container. */
			return 1;
		}
	return 2;
}

/* reboot() does not return: the task exits in it, or its namespace kills it. */
static void check_rebooter(int status)
{
	check__true("it ends in its reboot",
		    (WIFEXITED(status) && !WEXITSTATUS(status)) ||
		    (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

static void check_init(const struct victim *v, int sig)
{
	int status = 0;

	check__eq("the container's init ends",
		  tool__finish(v->init.pid, &status), v->init.pid);
	check__true("by a signal", WIFSIGNALED(status));
	check__eq("which", WTERMSIG(status), sig);
}

/* setsid nsenter -F: without a fork, the tool's own task joins. */
static void from_outside(const void *arg)
{
	const struct reboot *r = arg;
	struct victim v = victim__make(0);
	const char *const argv[] = {
		TOOL_SETSID, TOOL_NSENTER, "-F", "-p", "-t", v.target,
		tool__self(), REBOOT_ARGUMENT, r->how, NULL
	};
	int status = 0;
	pid_t pid;

	pid = tool__start(argv);
	check__ne("the joined task has another number",
		  tool__finish(-1, &status), pid);
	check_rebooter(status);
	check_init(&v, r->signal);
}

/* No setsid: the tool is an ordinary child, and its number outside stays. */
static void wait_for_foreground(const struct victim *v, const struct reboot *r,
				const char *const argv[])
{
	int status = 0;
	pid_t pid;

	pid = tool__start(argv);
	check__eq("the joined task has its number still",
		  tool__finish(pid, &status), pid);
	check_rebooter(status);
	check_init(v, r->signal);
}

static void foreground(const void *arg)
{
	const struct reboot *r = arg;
	struct victim v = victim__make(0);

	wait_for_foreground(&v, r, (const char *const[]){
		TOOL_NSENTER, "-p", "-t", v.target,
		tool__self(), REBOOT_ARGUMENT, r->how, NULL });
}

static void foreground_no_fork(const void *arg)
{
	const struct reboot *r = arg;
	struct victim v = victim__make(0);

	wait_for_foreground(&v, r, (const char *const[]){
		TOOL_NSENTER, "-F", "-p", "-t", v.target,
		tool__self(), REBOOT_ARGUMENT, r->how, NULL });
}

/* The same where setns does not move its caller. */
static void stays_outside(const void *arg)
{
	const struct reboot *r = arg;
	struct victim v = victim__make(0);
	const char *const argv[] = {
		TOOL_SETSID, TOOL_NSENTER, "-F", "-p", "-t", v.target,
		tool__self(), REBOOT_ARGUMENT, r->how, NULL
	};

	check__eq("what would reboot finds itself outside", tool__run(argv),
		  STATUS_OUTSIDE);
	check__err("the container's init lives",
		   ns__wait_dead(v.init.pidfd, 0), -ETIMEDOUT);
}

/* nsenter forks, and its child is inside: mainline's way to the same result. */
static void by_a_fork(const void *arg)
{
	const struct reboot *r = arg;
	struct victim v = victim__make(0);
	const char *const argv[] = {
		TOOL_NSENTER, "-p", "-t", v.target,
		tool__self(), REBOOT_ARGUMENT, r->how, NULL
	};
	int status = 0;
	pid_t pid;

	/* nsenter passes on how its child ended. */
	pid = tool__start(argv);
	check__eq("nsenter ends", tool__finish(pid, &status), pid);
	check_rebooter(status);
	check_init(&v, r->signal);
}

#define JOINED(name, i) \
	CASE_WITH(WHERE_MOVES, "reboot: " name, from_outside, &reboots[i])
#define KEPT(name, fn, i) \
	CASE_WITH(WHERE_KEEP, "reboot: foreground: " name, fn, &reboots[i])
#define MAINLINE(name, fn, i) \
	CASE_WITH(WHERE_STAYS, "reboot: mainline: " name, fn, &reboots[i])

static const struct test_case cases[] = {
	JOINED("setsid nsenter -F, restart: init ends with SIGHUP", 0),
	JOINED("setsid nsenter -F, halt: init ends with SIGINT", 1),
	JOINED("setsid nsenter -F, power off: init ends with SIGINT", 2),
	KEPT("nsenter, restart: init ends with SIGHUP", foreground, 0),
	KEPT("nsenter, halt: init ends with SIGINT", foreground, 1),
	KEPT("nsenter, power off: init ends with SIGINT", foreground, 2),
	KEPT("nsenter -F, restart: init ends with SIGHUP", foreground_no_fork,
	     0),
	KEPT("nsenter -F, halt: init ends with SIGINT", foreground_no_fork, 1),
	KEPT("nsenter -F, power off: init ends with SIGINT",
	     foreground_no_fork, 2),
	MAINLINE("setsid nsenter -F stays outside", stays_outside, 0),
	MAINLINE("nsenter that forks, restart: init ends with SIGHUP",
		 by_a_fork, 0),
	MAINLINE("nsenter that forks, halt: init ends with SIGINT",
		 by_a_fork, 1),
};

PROGRAM_PART(purpose_reboot__add, cases)
