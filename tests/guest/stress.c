// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins pid namespaces while other tasks race with the joins.
 *
 * The same seed gives the same operations in the same order in each worker; the kernel
 * decides how the workers interleave. Every operation knows which results each of its
 * calls may return, checks them, and counts its effects, for comparison with the tracer
 * (stress_count.h).
 *
 * Limits: the program does not look into the kernel (the tracer does), and does not
 * change the sysctl (the knob) while operations run, which would leave them without
 * expected results.
 */
#include "stress.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "ktap.h"
#include "ns.h"
#include "stress_options.h"
#include "stress_view.h"

/*
 * Stress reports a hang if no operation ends within this time. A single
 * operation gives up earlier; the VM runner, which then sees no output, gives
 * up later.
 */
#define STALL_MS	(5 * WORD_LIMIT_MS)

/* Interval of progress diagnostics; printed only if there was progress. */
#define PROGRESS_MS	1000

struct shared *shared;

struct boss {
	struct options opt;
	struct tree common;
	unsigned int workers;
	unsigned int share[STRESS_MAX_WORKERS];
	int knob;		/* initial value, or -errno if there is no knob */
	pid_t pid;		/* number in the namespace of /proc */
	bool broken;		/* a worker failed or was killed */
	int interrupted;	/* the signal, or 0 */
};

/* --- setting the stage -------------------------------------------------- */

static int fail_setup(const char *what, const char *why)
{
	fprintf(stderr, "stress: %s: %s\n", what, why);
	return 2;
}

/* The knob takes effect when a namespace is made: set it before making any. */
static int set_knob(struct boss *b)
{
	static const int want[MODE__NR] = {
		[MODE_JOIN] = 1, [MODE_KEEP] = 2,
	};
	int err = 0;

	if (b->knob == -ENOENT && want[shared->mode])
		return fail_setup(NS_KNOB,
				  "this kernel has no join series; try --mode mainline");
	if (b->knob >= 0 && shared->mode != MODE_SEED)
		err = ns__knob_set(want[shared->mode]);
	return err ? fail_setup(NS_KNOB, strerrorname_np(-err)) : 0;
}

static void restore_knob(const struct boss *b)
{
	if (b->knob >= 0 && b->opt.mode != MODE_SEED)
		ns__knob_set(b->knob);
}

/* Only watch() takes these signals. */
static void waited_for(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

/* Returns how many operations the current mode has. */
static unsigned int nr_kinds(void)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < ops_nr; i++)
		nr += ops__weight(i) > 0;
	return nr;
}

static int set_stage(struct boss *b)
{
	struct ns_numbers id[VIEW__NR];
	sigset_t waited;
	int err;

	if (geteuid())
		return fail_setup("not root", "run it as root, in a guest");
	err = view__status("self", id);
	if (err)
		return fail_setup("/proc/self/status", strerrorname_np(-err));
	b->pid = id[VIEW_PID].number[0];
	if (id[VIEW_PID].number[id[VIEW_PID].nr - 1] != getpid())
		return fail_setup("/proc",
				  "belongs to another pid namespace; mount it anew");

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return fail_setup("shared memory", strerrorname_np(errno));
	shared->mode = b->opt.mode;
	shared->seed = b->opt.seed;
	shared->only = b->opt.only;
	shared->levels = id[VIEW_PID].nr;
	if (!nr_kinds())
		return fail_setup("--only",
				  "none of these operations is for this mode");

	/* Become the reaper of orphans in the initial namespace. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		return fail_setup("PR_SET_CHILD_SUBREAPER",
				  strerrorname_np(errno));
	waited_for(&waited);
	sigprocmask(SIG_BLOCK, &waited, NULL);
	b->knob = ns__knob_get();
	return 0;
}

/* All operations of a mode, in trees that are grown for it. */
static int set_phase(struct boss *b, enum stress_mode mode)
{
	struct rng r;
	int err;

	memset(shared->stats, 0, sizeof(shared->stats));
	memset(shared->worker, 0, sizeof(shared->worker));
	memset(shared->common, 0, sizeof(shared->common));
	shared->mode = mode;
	err = set_knob(b);
	if (err)
		return err;
	rng__init(&r, b->opt.seed, STRESS_MAX_WORKERS * 2, 0);
	b->workers = rng__range(&r, 2, STRESS_MAX_WORKERS);
	err = tree__grow(&b->common, shared->common, &r, TREE_DEPTH, 3);
	return err ? fail_setup("growing the common tree",
				strerrorname_np(-err)) : 0;
}

static void deal_ops(const struct boss *b)
{
	unsigned int kinds[COUNT_MAX_OPS], nr = 0;
	struct rng r;

	for (unsigned int i = 0; i < ops_nr; i++)
		if (ops__weight(i))
			kinds[nr++] = i;
	rng__init(&r, b->opt.seed, STRESS_MAX_WORKERS * 2, 1);
	deal__make(&shared->deal, &r, kinds, nr, b->opt.ops, b->workers);
}

static int start_workers(struct boss *b)
{
	deal_ops(b);
	for (unsigned int i = 0; i < b->workers; i++) {
		pid_t pid;

		b->share[i] = b->opt.ops / b->workers +
			      (i < b->opt.ops % b->workers);
		fflush(stdout);
		pid = fork();
		if (!pid)
			worker__run(i, b->share[i], &b->common);
		if (pid < 0)
			return fail_setup("fork", strerrorname_np(errno));
		shared->worker[i].pid = pid;
		atomic_fetch_add(&shared->counts.forks, 1);
	}
	return 0;
}

/* --- watching ----------------------------------------------------------- */

static unsigned int ops_done(const struct boss *b)
{
	unsigned int done = 0;

	for (unsigned int i = 0; i < b->workers; i++)
		done += atomic_load(&shared->worker[i].done);
	return done;
}

static void note_worker(struct ktap *k, struct boss *b, unsigned int i)
{
	struct worker_area *a = &shared->worker[i];

	ktap__note(k, "worker %u (pid %d): %u/%u done, in %s", i, a->pid,
		   atomic_load(&a->done), b->share[i],
		   ops[atomic_load(&a->op)].name);
}

/* Reaps all dead children and returns the number of workers among them. */
static unsigned int reap_workers(struct ktap *k, struct boss *b)
{
	unsigned int ended = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned int i = 0; i < b->workers; i++) {
			if (shared->worker[i].pid != pid)
				continue;
			ended++;
			if (!status && atomic_load(&shared->worker[i].over))
				continue;
			b->broken = true;
			ktap__note(k, "worker %u ended with status %#x", i,
				   status);
			note_worker(k, b, i);
		}
		if (pid == b->common.root) {
			b->broken = true;
			b->common.root = 0;
			ktap__note(k, "the init of the common tree died: status %#x",
				   status);
		}
	}
	return ended;
}

static void kill_workers(struct ktap *k, struct boss *b)
{
	b->broken = true;
	for (unsigned int i = 0; i < b->workers; i++) {
		note_worker(k, b, i);
		/* PR_SET_PDEATHSIG kills their trees and crews with them. */
		if (!atomic_load(&shared->worker[i].over))
			kill(shared->worker[i].pid, SIGKILL);
	}
}

static void watch(struct ktap *k, struct boss *b)
{
	const struct timespec beat = ns__timespec(BEAT_MS);
	long said = ns__now_ms(), moved = beat__now_ms(), now;
	unsigned int left = b->workers, done, last = 0;
	long stall = STALL_MS;
	sigset_t waited;
	int sig;

	waited_for(&waited);
	while ((left -= reap_workers(k, b))) {
		sig = sigtimedwait(&waited, NULL, &beat);
		if (sig > 0 && sig != SIGCHLD && !b->interrupted) {
			b->interrupted = sig;
			ktap__note(k, "interrupted: %s", strsignal(sig));
			kill_workers(k, b);
		}
		now = beat__now_ms();
		if (ns__now_ms() - said < PROGRESS_MS)
			continue;
		said = ns__now_ms();
		done = ops_done(b);
		if (done != last) {
			last = done;
			moved = now;
			ktap__note(k, "progress %u/%u ops, %" PRIu64 " joins",
				   done, b->opt.ops,
				   atomic_load(&shared->counts.joins));
		}
		if (now - moved < stall)
			continue;
		if (stall < STALL_MS) {
			ktap__note(k, "workers that can not be killed are left");
			break;
		}
		ktap__note(k, "no operation ended in %d ms: killing all",
			   STALL_MS);
		kill_workers(k, b);
		moved = now;
		stall = WORD_LIMIT_MS / 2;
	}
}

/* --- reporting ---------------------------------------------------------- */

static void report_failures(struct ktap *k, const struct boss *b,
			    unsigned int op)
{
	struct op_stats *s = &shared->stats[op];
	uint32_t nr = atomic_load(&s->failures);
	uint32_t shown = b->opt.verbose ? COUNT_MAX_FAILURES : 1;
	uint32_t i;

	for (i = 0; i < nr && i < shown; i++) {
		struct failure *f = &s->failure[i];

		if (!atomic_load(&f->valid))
			continue;
		ktap__note(k, "%s: seed %" PRIu64 ", worker %u, operation %u: %s",
			   ops[op].name, b->opt.seed, f->worker, f->index,
			   f->text);
	}
	if (nr > i)
		ktap__note(k, "%s: %u more failures%s", ops[op].name, nr - i,
			   b->opt.verbose ? "" : "; --verbose shows them");
}

static void report_op(struct ktap *k, const struct boss *b, unsigned int op)
{
	struct op_stats *s = &shared->stats[op];
	uint32_t failures = atomic_load(&s->failures);
	uint32_t runs = atomic_load(&s->runs);
	char text[256];

	if (failures)
		report_failures(k, b, op);
	op_stats__format(s, text, sizeof(text));
	ktap__note(k, "%s: %s in %u runs (%s)", ops[op].name, text, runs,
		   ops[op].what);
	snprintf(text, sizeof(text), "%s%s",
		 shared->mode == MODE_KEEP ? "keep: " : "", ops[op].name);
	if (failures)
		ktap__not_ok(k, text);
	else if (runs)
		ktap__ok(k, text);
	else
		ktap__skip(k, text, "fewer operations than kinds of them");
}

static const char *left_behind(void)
{
	return shared->mode == MODE_KEEP ? "keep: nothing is left behind" :
					   "nothing is left behind";
}

/* Cleans up the common tree and adopted orphans. */
static void report_cleanup(struct ktap *k, struct boss *b)
{
	long end = beat__now_ms() + WORD_LIMIT_MS;
	int err = tree__fell(&b->common);

	if (err)
		ktap__note(k, "felling the common tree: %s",
			   strerrorname_np(-err));
	/* Orphans of a refused setns() exit by themselves. */
	while (!err) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			break;
		if (pid > 0)
			continue;
		if (beat__now_ms() >= end)
			err = -EBUSY;
		signal__await(SIGCHLD, 100, NULL);
	}
	if (err == -EBUSY)
		ktap__note(k, "descendants are left that do not end");
	if (err || b->broken) {
		b->broken = true;
		ktap__not_ok(k, left_behind());
	} else {
		ktap__ok(k, left_behind());
	}
}

static void report_counts(struct ktap *k, struct boss *b)
{
	struct counts *c = &shared->counts;
	uint64_t joins = atomic_load(&c->joins);
	bool ok = !b->broken;
	int err;

	ktap__note(k, "setns %" PRIu64 " ok, %" PRIu64 " refused, %" PRIu64
		   " unknown; %" PRIu64 " forks, %" PRIu64 " execs",
		   atomic_load(&c->setns_ok), atomic_load(&c->setns_err),
		   atomic_load(&c->setns_lost), atomic_load(&c->forks),
		   atomic_load(&c->execs));
	ktap__note(k, "joins: %" PRIu64, joins);
	if (stress__moves() && !joins) {
		ktap__note(k, "no join succeeded");
		ok = false;
	}
	if (!stress__moves() && joins) {
		ktap__note(k, "setns moved a caller, which mainline never does");
		ok = false;
	}
	/* The counts of an aborted run are incomplete. */
	if (b->opt.expect && !b->broken) {
		err = counts__write(c, b->opt.expect, b->pid,
				    !stress__moves());
		if (err) {
			ktap__note(k, "%s: %s", b->opt.expect,
				   strerrorname_np(-err));
			ok = false;
		}
	}
	if (ok)
		ktap__ok(k, "joins and counts");
	else
		ktap__not_ok(k, "joins and counts");
}

/* Runs one mode's operations and reports them. Returns 0, or 2 if it cannot start. */
static int run_phase(struct ktap *k, struct boss *b, enum stress_mode mode)
{
	int status = set_phase(b, mode);

	if (!status)
		status = start_workers(b);
	if (status)
		return status;
	ktap__note(k, "seed %" PRIu64 ", %u ops, %u workers, mode %s",
		   b->opt.seed, b->opt.ops, b->workers, mode__name(mode));
	watch(k, b);
	for (unsigned int i = 0; i < ops_nr; i++)
		if (ops__weight(i))
			report_op(k, b, i);
	report_cleanup(k, b);
	return 0;
}

int main(int argc, char **argv)
{
	struct boss b = { .knob = -ENOENT };
	enum stress_mode phase[2];
	unsigned int phases = 0, tests = 1;
	struct ktap k;
	int status;

	if (argc > 1 && !strcmp(argv[1], "--probe"))
		stress__probe(argv);
	status = options__parse(argc, argv, &b.opt);
	if (status >= 0)
		return status;
	status = set_stage(&b);
	if (status)
		return status;

	if (b.opt.mode == MODE_KEEP)
		phase[phases++] = MODE_JOIN;
	phase[phases++] = b.opt.mode;
	for (unsigned int i = 0; i < phases; i++) {
		shared->mode = phase[i];
		tests += nr_kinds() + 1;
	}
	ktap__begin(&k, stdout, tests);
	for (unsigned int i = 0; i < phases && !b.interrupted && !status; i++)
		status = run_phase(&k, &b, phase[i]);
	restore_knob(&b);
	if (status)
		return status;
	report_counts(&k, &b);
	status = ktap__end(&k);
	return b.interrupted ? 128 + b.interrupted : status;
}
