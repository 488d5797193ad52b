// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs test cases, each in a forked tree with a time limit, and cleans up after
 * each: processes, the sysctl and pid_max.
 */
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beat.h"
#include "lib/array.h"
#include "check.h"
#include "ns.h"

/* Time to kill and reap a case's tasks; tasks that survive it hang in the kernel. */
#define CLEANUP_LIMIT_MS ns__limit_ms(3000)

/* The limit of a case, as a multiple of the limit for a single event. */
#define CASE_PATIENCE 5

/* TAINT_WARN, include/linux/panic.h: a WARN fired. */
#define TAINTED_WARN (1L << 9)

struct machine {		/* state to restore after each case */
	int knob;		/* -ENOENT: kernel without it */
	long pid_max;
};

static unsigned int mode;
static int signal_fd = -1;
static bool interrupted;

int run__patience(void)
{
	return ns__limit_ms(mode == MODE_SEED ? 500 : 3000);
}

bool run__keeps(void)
{
	return mode & MODE_KEEP;
}

unsigned int run__parse_mode(const char *text)
{
	static const struct {
		const char *name;
		unsigned int mode;
	} modes[] = {
		{ "mainline", MODE_MAINLINE },
		{ "join", MODE_JOIN },
		{ "seed", MODE_SEED },
		{ "keep", MODE_KEEP | MODE_JOIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(text, modes[i].name))
			return modes[i].mode;
	return 0;
}

void run__add(struct run_list *l, const struct test_case *cases, size_t nr)
{
	struct test_case *grown;

	grown = realloc(l->cases, (l->nr + nr) * sizeof(*grown));
	if (!grown) {
		fputs("out of memory for the list of cases\n", stderr);
		exit(2);
	}
	memcpy(grown + l->nr, cases, nr * sizeof(*cases));
	l->cases = grown;
	l->nr += nr;
}

void run__free(struct run_list *l)
{
	free(l->cases);
	memset(l, 0, sizeof(*l));
}

/* Kills and reaps the tree of a case. A subreaper inherits every visible orphan. */
static bool kill_tree(void)
{
	const long end = beat__now_ms() + CLEANUP_LIMIT_MS;

	while (beat__now_ms() < end) {
		pid_t pid;

		ns__kill_children();
		while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
			;
		if (pid < 0)
			return true;
		/* No event covers the death of a future child, so poll. */
		poll(NULL, 0, 1);
	}
	return false;
}

/*
 * Waits for the case's first process. Returns true if the process ended by
 * itself in time. A signal to the runner ends the wait and the run.
 */
static bool wait_case(int pidfd, int limit_ms)
{
	struct pollfd p[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	const long end = beat__now_ms() + limit_ms;
	int n;

	do {
		n = poll(p, 2, beat__timeout_ms(end));
	} while (n < 0 ? errno == EINTR : !n && beat__now_ms() < end);
	if (p[1].revents & POLLIN)
		interrupted = true;
	return n > 0 && !interrupted;
}

/* Runs one case; errors are in the report. */
static void run_forked(const struct test_case *c, int limit_ms)
{
	int pidfd = -1, status = 0;
	bool in_time;
	pid_t pid;

	pid = ns__clone(0, &pidfd);
	if (pid < 0) {
		check__fail("cannot fork the case: %s", strerror(-pid));
		return;
	}
	if (!pid) {
		signal__unblock_all();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* The case reaps its own orphans. */
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		setsid();
		if (c->run)
			c->run();
		else
			c->run_with(c->arg);
		_exit(0);
	}
	in_time = wait_case(pidfd, limit_ms);
	if (in_time) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFSIGNALED(status))
			check__fail("the case was killed by signal %d",
				    WTERMSIG(status));
		else if (WEXITSTATUS(status) && !report__explained())
			check__fail("the case exited with status %d",
				    WEXITSTATUS(status));
	} else if (!interrupted) {
		check__fail("no end within %d ms", limit_ms);
	}
	close(pidfd);
	if (!kill_tree())
		check__fail("processes of the case survive SIGKILL");
}

static void set_knob(const struct test_case *c, const struct machine *m)
{
	const int values[] = {
		[KNOB_LEAVE] = m->knob,
		[KNOB_OFF] = 0,
		[KNOB_ON] = 1,
		[KNOB_KEEP] = 2,
	};
	int err;

	if (m->knob < 0)
		return;
	err = ns__knob_set(values[c->knob]);
	if (err)
		check__fail(NS_KNOB ": %s", strerror(-err));
}

static void machine__restore(const struct machine *m)
{
	if (m->pid_max > 0 && file__get(PID_MAX) != m->pid_max)
		file__set(PID_MAX, m->pid_max);
	if (m->knob >= 0)
		ns__knob_set(m->knob);
}

static void run_case(struct ktap *k, const struct test_case *c,
		     const struct run_options *o, const struct machine *m)
{
	long tainted = file__get("/proc/sys/kernel/tainted");

	report__reset();
	set_knob(c, m);
	run_forked(c, o->limit_ms ? o->limit_ms :
		   CASE_PATIENCE * run__patience());
	machine__restore(m);
	if (!(tainted & TAINTED_WARN) &&
	    file__get("/proc/sys/kernel/tainted") & TAINTED_WARN)
		check__fail("the kernel warned: see its log");
	/*
	 * An interrupted case has no result; the plan shows that the result is
	 * missing.
	 */
	if (!interrupted)
		report__write(k, c->name);
}

/*
 * Cases that may crash the seed's kernel are a separate, last run, so that the
 * results before a crash count.
 */
static bool selected(const struct test_case *c, const struct run_options *o)
{
	if (!(c->modes & o->mode))
		return false;
	if (o->only && !strstr(c->name, o->only))
		return false;
	return !!(o->mode == MODE_SEED && c->flags & CASE_DANGEROUS) ==
	       o->dangerous;
}

/*
 * The kernel may not survive a dangerous case: give a tracer the time to write
 * the records of the previous case first.
 */
#define DANGEROUS_PAUSE_US 1000000

static void run_selected(struct ktap *k, const struct run_list *l,
			 const struct run_options *o, const struct machine *m,
			 bool hanging)
{
	for (size_t i = 0; i < l->nr && !interrupted; i++) {
		const struct test_case *c = &l->cases[i];

		if (!selected(c, o) || !!(c->flags & CASE_HANGS) != hanging)
			continue;
		/* No event shows that a tracer has written its records. */
		if (o->dangerous)
			usleep(DANGEROUS_PAUSE_US);
		run_case(k, c, o, m);
	}
}

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return signal_fd < 0 ? -errno : 0;
}

/*
 * Pins the runner to one CPU. Cases do not race: their processes call each
 * other and wait, which takes half the time on one CPU (under TCG, waking
 * another CPU is expensive).
 */
static void stay_on_one_cpu(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	/* Ignore errors: without the pinning, cases are only slower. */
	sched_setaffinity(0, sizeof(set), &set);
}

int run__all(const struct run_list *l, const struct run_options *o)
{
	struct machine m = {
		.knob = ns__knob_get(),
		.pid_max = file__get(PID_MAX),
	};
	unsigned int planned = 0;
	struct ktap k;
	int err;

	mode = o->mode;
	for (size_t i = 0; i < l->nr; i++)
		planned += selected(&l->cases[i], o);
	err = report__create();
	if (!err)
		err = block_signals();
	if (!err && prctl(PR_SET_CHILD_SUBREAPER, 1))
		err = -errno;
	if (err) {
		fprintf(stderr, "cannot set up the runner: %s\n",
			strerror(-err));
		return 2;
	}

	stay_on_one_cpu();
	ktap__begin(&k, stdout, planned);
	if (!planned)
		ktap__note(&k, "no case matches");
	if (o->mode & MODE_JOIN && m.knob < 0)
		ktap__note(&k, "mode join or keep, but there is no %s", NS_KNOB);
	run_selected(&k, l, o, &m, false);
	run_selected(&k, l, o, &m, true);
	if (interrupted)
		ktap__note(&k, "interrupted");
	return ktap__end(&k);
}
