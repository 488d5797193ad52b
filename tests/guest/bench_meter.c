// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures joins, with a new struct pid and with the caller's own, and mainline's setns()
 * plus fork, in guest instructions. Each row runs in its own process, so that all rows start from the same state.
 */
#include "bench_meter.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench_hand.h"
#include "ns.h"

enum cost {
	JOIN_SETNS,
	JOIN_WHOLE,
	OLD_SETNS,
	OLD_FORK,
	OLD_WHOLE,
	KEEP_SETNS,
	KEEP_WHOLE,
	COSTS
};

static const struct {
	const char *name, *what;
} costs[COSTS] = {
	[JOIN_SETNS] = { "join", "setns() that moves its caller" },
	[JOIN_WHOLE] = { "join, whole",
			 "fork, setsid, setns, exit, and the parent's wait" },
	[OLD_SETNS] = { "mainline, setns", "mainline's setns(), moves nobody" },
	[OLD_FORK] = { "mainline, fork",
		       "the fork after it, exit, and the parent's wait" },
	[OLD_WHOLE] = { "mainline, whole", "both" },
	[KEEP_SETNS] = { "keep",
			 "setns() that moves its caller, which keeps its struct pid" },
	[KEEP_WHOLE] = { "keep, whole",
			 "fork, setns, exit, and the parent's wait" },
};

static uint64_t now(void)
{
	return __rdtsc();
}

bool meter__counts_instructions(void)
{
	const uint64_t rounds = 10000;

	/* A timer tick of the guest may disturb one round. */
	for (int i = 0; i < 3; i++) {
		uint64_t left = rounds, took = now();

		asm volatile("1: dec %0; jnz 1b" : "+r"(left) : : "cc");
		took = now() - took;
		if (took >= 2 * rounds && took < 2 * rounds + rounds / 100)
			return true;
	}
	return false;
}

/* Is the caller, a child of a process outside, in the target? */
static bool inside(void)
{
	return !getppid();
}

/*
 * Measures the setns() call alone. The parent does not wait() meanwhile: a join
 * would wake it, and its instructions would be counted, too. A first setns(),
 * which fails, takes the page faults that the fork left. @leads: the caller has to lead
 * a session.
 */
static uint64_t join_setns(int nsfd, bool leads)
{
	int report[2], err = 0;
	uint64_t took;
	pid_t pid;

	must("pipe", or_errno(pipe(report)));
	pid = must("fork", ns__clone(0, NULL));
	if (!pid) {
		if (leads)
			must("setsid", or_errno(setsid()));
		for (int i = 0; i < 2; i++) {
			took = now();
			err = ns__set(i ? nsfd : -1, CLONE_NEWPID);
			took = now() - took;
		}
		must("setns", err);
		must_be("who joined is in the target", inside());
		must("report", or_errno(write(report[1], &took, sizeof(took))));
		_exit(0);
	}
	close(report[1]);
	must_be("a joiner reports",
		read(report[0], &took, sizeof(took)) == sizeof(took));
	close(report[0]);
	must_end_well("joiner", -1);
	return took;
}

/* Measures a program that has to fork first to be able to join. */
static uint64_t join_whole(int nsfd)
{
	uint64_t took = now();
	int status = 0;
	pid_t pid;

	pid = must("fork", ns__clone(0, NULL));
	if (!pid) {
		setsid();
		_exit(ns__set(nsfd, CLONE_NEWPID) || !inside());
	}
	/* -1 for any child, because the join changes the child's number. */
	pid = waitpid(-1, &status, 0);
	took = now() - took;
	must("wait for a joiner", or_errno(pid));
	must_be("who joined is in the target", !status);
	return took;
}

/* Measures the same without a session. The child keeps the number the parent knows. */
static uint64_t keep_whole(int nsfd)
{
	uint64_t took = now();
	int status = 0;
	pid_t pid;

	pid = must("fork", ns__clone(0, NULL));
	if (!pid)
		_exit(ns__set(nsfd, CLONE_NEWPID) || !inside());
	pid = waitpid(pid, &status, 0);
	took = now() - took;
	must("wait for a joiner by its number", or_errno(pid));
	must_be("who joined is in the target", !status);
	return took;
}

static void old_way(int nsfd, int own_nsfd, uint64_t *cost[COSTS], int i)
{
	uint64_t start, set, end;
	pid_t self = getpid(), pid;
	int status = 0, err;

	start = now();
	err = ns__set(nsfd, CLONE_NEWPID);
	set = now();
	pid = ns__clone(0, NULL);
	if (!pid)
		_exit(!inside());
	pid = waitpid(pid, &status, 0);
	end = now();
	must("setns", err);
	must("fork and wait", or_errno(pid));
	must_be("who was forked is in the target", !status);
	must_be("who called mainline's setns() stays", getpid() == self);
	must("setns back", ns__set(own_nsfd, CLONE_NEWPID));
	cost[OLD_SETNS][i] = set - start;
	cost[OLD_FORK][i] = end - set;
	cost[OLD_WHOLE][i] = end - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The only file descriptor besides stdio: a fork copies all open ones. */
#define TARGET_NSFD 3

struct row {
	const char *by;
	int n, nsfd, repeats;
};

static void measure(int repeats, uint64_t *cost[COSTS])
{
	int pidfd = must("pidfd", ns__pidfd(getpid(), 0));
	int own_nsfd = must("own pid namespace", ns__of_children(pidfd));

	close(pidfd);
	must(NS_KNOB, ns__knob_set(1));
	for (int i = 0; i < repeats; i++)
		cost[JOIN_SETNS][i] = join_setns(TARGET_NSFD, true);
	for (int i = 0; i < repeats; i++)
		cost[JOIN_WHOLE][i] = join_whole(TARGET_NSFD);
	must(NS_KNOB, ns__knob_set(2));
	for (int i = 0; i < repeats; i++)
		cost[KEEP_SETNS][i] = join_setns(TARGET_NSFD, false);
	for (int i = 0; i < repeats; i++)
		cost[KEEP_WHOLE][i] = keep_whole(TARGET_NSFD);
	must(NS_KNOB, ns__knob_set(0));
	for (int i = 0; i < repeats; i++)
		old_way(TARGET_NSFD, own_nsfd, cost, i);
	must(NS_KNOB, ns__knob_set(METER_KNOB));
}

/*
 * Returns the mean of the middle half. Most costs have two or three values,
 * which depend on whether the allocator has a free object at hand; the median
 * would jump between these values.
 */
static uint64_t middle(const uint64_t *sorted, int n)
{
	uint64_t sum = 0;

	for (int i = n / 4; i < n - n / 4; i++)
		sum += sorted[i];
	return sum / (n - n / 4 * 2);
}

static int print_row(void *arg)
{
	const struct row *r = arg;
	uint64_t *cost[COSTS];

	for (int c = 0; c < COSTS; c++) {
		cost[c] = calloc(r->repeats, sizeof(*cost[c]));
		must("memory", cost[c] ? 0 : -ENOMEM);
	}
	must("dup2", or_errno(dup2(r->nsfd, TARGET_NSFD)));
	must("close_range", or_errno(close_range(TARGET_NSFD + 1, ~0U, 0)));
	measure(r->repeats, cost);
	printf("%-10s %5d", r->by, r->n);
	for (int c = 0; c < COSTS; c++) {
		qsort(cost[c], r->repeats, sizeof(*cost[c]), compare);
		printf(" %8ju %8ju", cost[c][0],
		       middle(cost[c], r->repeats));
	}
	printf("\n");
	fflush(stdout);
	_exit(0);
}

void meter__header(int repeats)
{
	printf("# guest instructions: least of %d, and mean of the middle half\n",
	       repeats);
	for (int c = 0; c < COSTS; c++)
		printf("#   %-15s %s\n", costs[c].name, costs[c].what);
	printf("#%-9s %5s", "by", "n");
	for (int c = 0; c < COSTS; c++)
		printf(" %17s", costs[c].name);
	printf("\n");
	fflush(stdout);
}

void meter__row(const char *by, int n, int nsfd, int repeats)
{
	/*
	 * The offset of the stack in its page decides how many pages a forked
	 * child copies; a static stack makes the offset the same for all rows.
	 * The number of forks since the exec is the same, too: each generation
	 * makes the next fork slightly more expensive.
	 */
	static char stack[16 * 4096] __attribute__((aligned(4096)));
	struct row r = { by, n, nsfd, repeats };

	must_end_well("measurement",
		      must("fork", or_errno(clone(print_row,
						  stack + sizeof(stack),
						  SIGCHLD, &r))));
}
