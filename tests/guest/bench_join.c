// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures the cost of both kinds of join and of mainline's way into a pid namespace, by
 * the namespace's depth, by the number of tasks in the namespace, and by idle
 * namespaces beside it. Prints a table on stdout, see bench_meter.h. With --slabs,
 * prints the size of a struct pid at each depth instead, see bench_slabs.h.
 *
 * Exit status: 0, 1 after an error, 2 if the guest does not count instructions
 * or lacks the series.
 */
#include <argp.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "bench_hand.h"
#include "bench_meter.h"
#include "bench_slabs.h"
#include "ns.h"

#define THREADS_MAX	"/proc/sys/kernel/threads-max"
#define NUMBERS		131072	/* more than all points need together */
/* The IDR of the outer namespace keeps its height from here, for all points. */
#define FIRST_NUMBER	4096

/* Stack of a task that only sleeps. */
#define STACK_SIZE 1024

static const int depths[] = { 1, 2, 4, 8, 12, 16, 20, 24, 28, 32 };
static const int tasks[] = { 1, 10, 100, 1000, 10000 };
static const int idle[] = { 1, 10, 100, 1000 };

static int repeats = 100;
static bool slabs;

static _Noreturn int sleeper(void *unused __maybe_unused)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/*
 * Adds sleepers until @size exist. All of them share one address space, because
 * 10,000 would not fit otherwise.
 */
static void crowd(int size, unsigned long long flags)
{
	static int present;
	int more = size - present;
	char *stacks;

	must_be("all sleepers are there", waitpid(-1, NULL, WNOHANG) <= 0);
	if (more <= 0)
		return;
	stacks = mmap(NULL, (size_t)more * STACK_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must("stacks", stacks == MAP_FAILED ? -errno : 0);
	for (; more; more--) {
		stacks += STACK_SIZE;
		must("one more sleeper",
		     or_errno(clone(sleeper, stacks, CLONE_VM | CLONE_FILES |
				    CLONE_FS | flags | SIGCHLD, NULL)));
	}
	present = size;
}

/* The calling init counts as one of the tasks. */
static int fill(int size)
{
	crowd(size - 1, 0);
	return 0;
}

static int strew(int size)
{
	crowd(size, CLONE_NEWPID);
	return 0;
}

static int no_work(int unused)
{
	return unused;
}

static int make_child_namespace(int unused __maybe_unused)
{
	struct hand init;

	hand__start(&init, CLONE_NEWPID, no_work);
	return init.nsfd;
}

/* Uses mainline's way: the caller stays where it is. */
static void let_children_be_born_in(int nsfd)
{
	must(NS_KNOB, ns__knob_set(0));
	must("setns", ns__set(nsfd, CLONE_NEWPID));
	must(NS_KNOB, ns__knob_set(METER_KNOB));
}

static bool is_measured(int depth)
{
	for (size_t i = 0; i < ARRAY_SIZE(depths); i++)
		if (depths[i] == depth)
			return true;
	return false;
}

static void by_depth(void)
{
	int own = must("own namespace", ns__open(0, "pid"));
	struct hand makers[NS_MAX_LEVELS];
	int depth, target;

	for (depth = 1; depth < NS_MAX_LEVELS; depth++) {
		struct hand *m = &makers[depth];

		hand__start(m, 0, make_child_namespace);
		target = hand__take(m, hand__ask(m, 0));
		if (is_measured(depth))
			meter__row("depth", depth, target, repeats);
		let_children_be_born_in(target);
		close(target);
	}
	let_children_be_born_in(own);
	close(own);
	while (--depth)
		hand__end(&makers[depth]);
}

static void by_tasks(void)
{
	struct hand init;

	hand__start(&init, CLONE_NEWPID, fill);
	for (size_t i = 0; i < ARRAY_SIZE(tasks); i++) {
		hand__ask(&init, tasks[i]);
		meter__row("tasks", tasks[i], init.nsfd, repeats);
		hand__ask(&init, tasks[i]);	/* check that all still live */
	}
	hand__end(&init);
}

/*
 * A separate owner has the idle namespaces as children: wait() for any child
 * looks at all children, which would add to the measured cost.
 */
static void by_idle(void)
{
	struct hand init, owner;

	hand__start(&owner, 0, strew);
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++) {
		hand__ask(&owner, idle[i]);
		/*
		 * A new init each time, so all rows use the same numbers in its
		 * namespace.
		 */
		hand__start(&init, CLONE_NEWPID, no_work);
		meter__row("idle", idle[i], init.nsfd, repeats);
		hand__end(&init);
		hand__ask(&owner, idle[i]);	/* check that all still live */
	}
	hand__end(&owner);
}

static const struct argp_option options[] = {
	{ "repeats", 'r', "N", 0, "Take each cost N times (default 100)", 0 },
	{ "slabs", 's', NULL, 0, "Print the sizes of struct pids instead", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	char *end;

	if (key == 's')
		slabs = true;
	if (key != 'r')
		return key == 's' ? 0 : ARGP_ERR_UNKNOWN;
	repeats = strtol(arg, &end, 10);
	if (*end || repeats < 1 || repeats > 1000)
		argp_error(state, "--repeats %s: 1 to 1000", arg);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options, .parser = parse,
		.doc = "What a join costs, in guest instructions.",
	};

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (slabs) {
		slabs__print(NS_MAX_LEVELS);
		return 0;
	}
	if (!meter__counts_instructions()) {
		fprintf(stderr, "bench_join: the TSC does not count instructions: run it by vmtest --icount=0\n");
		return 2;
	}
	if (ns__knob_set(METER_KNOB)) {
		fprintf(stderr, "bench_join: %s does not take %d: give vmtest a target with the series keep, as keep-6.12\n",
			NS_KNOB, METER_KNOB);
		return 2;
	}
	must(PID_MAX, file__set(PID_MAX, NUMBERS));
	must(THREADS_MAX, file__set(THREADS_MAX, NUMBERS));
	must(MAX_PID_NS, file__set(MAX_PID_NS, NUMBERS));
	must(LAST_PID, file__set(LAST_PID, FIRST_NUMBER));
	meter__header(repeats);
	by_depth();
	by_tasks();
	by_idle();
	return 0;
}
