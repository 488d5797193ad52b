// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that a run does not pass if records of a type are silently absent: for each type
 * of WIRE_TYPES, half of its records, in several ways, or all of them. A new type is
 * tested too: the scene must have records of it.
 *
 * With trace files as arguments, prints for each type the verdict on each thinning of
 * each trace: P (PASS), i (INCONCLUSIVE), f (FAIL), - (nothing was left out).
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/verdict.h"
#include "thinned.h"
#include "tracegen.h"

/* --- the scene --- */

#define ROUNDS 24

/* Fewer records of a type could be left out by chance in no thinning. */
#define ENOUGH 16

static void farewell(struct gen *g, struct gen_task *by, struct gen_task *t)
{
	gen__exit(g, t, 0);
	gen__release(g, by, t);
}

/* A task calls clone(CLONE_NEWPID): its child is the init of the namespace. */
static struct gen_ns *make_container(struct gen *g, struct gen_task *by)
{
	struct gen_task *init = gen__clone_newpid(g, gen__fork(g, by));

	gen__exec(g, init, "init");
	return init->thread_pid->ns[init->thread_pid->level];
}

/* The init of a namespace ends, and then the task that made it. */
static void end_container(struct gen *g, struct gen_task *by, struct gen_ns *ns)
{
	struct gen_task *init = ns->child_reaper, *maker = init->parent;

	init->state |= WIRE_T_EXITING;
	gen__zap_enter(g, init, ns);
	gen__zap_exit(g, init, ns);
	farewell(g, maker, init);
	farewell(g, by, maker);
	gen__grace_period(g, g->init);
	gen__ns_ends(g, ns);
}

/* A task joins, execs, forks, has a thread, and ends. */
static void joiner(struct gen *g, struct gen_task *by, struct gen_ns *ns)
{
	struct gen_task *t = gen__candidate(g, by), *child, *thread;

	gen__exec(g, t, "nsenter");
	gen__setns_join(g, t, ns);
	gen__exec(g, t, "sh");
	child = gen__fork(g, t);
	/* The child arms a timer and deletes it, and another process arms one. */
	gen__timer_lock(g, child, child->thread_pid, child, 0);
	gen__timer_lock(g, child, child->thread_pid, child, 0);
	child->state |= WIRE_T_CPU_TIMERS;
	farewell(g, t, child);
	thread = gen__clone_thread(g, t);
	gen__exit(g, thread, 0);
	gen__release(g, thread, thread);
	gen__change_pid(g, t, t, WIRE_PGID, t->thread_pid);
	farewell(g, by, t);
}

/*
 * A task joins with its struct pid, and is outlived by its process group; another one
 * reserves a number and fails.
 */
static void keepers(struct gen *g, struct gen_task *by, struct gen_ns *ns)
{
	struct gen_task *t = gen__fork(g, by), *member = gen__fork(g, by);
	struct gen_pid *pid = t->thread_pid;

	g->knob = WIRE_KNOB_KEEP;
	gen__setns_keep(g, t, ns);
	gen__exec(g, t, "sh");
	gen__change_pid(g, by, member, WIRE_PGID, pid);
	farewell(g, by, t);
	gen__undeepen(g, by, pid, pid->level - 1);
	farewell(g, by, member);
	t = gen__fork(g, by);
	gen__setns_keep_late(g, t, ns, -EUSERS);
	farewell(g, by, t);
	g->knob = WIRE_KNOB_ON;
}

static void refused(struct gen *g, struct gen_task *by, struct gen_ns *ns)
{
	struct gen_task *t = gen__fork(g, by);

	gen__change_pid(g, by, t, WIRE_PGID, t->thread_pid);
	gen__setns_refused(g, t, ns, -EPERM);
	farewell(g, by, t);
}

/* Calls that fail, of each kind. */
static void failing(struct gen *g, struct gen_task *by)
{
	const struct wire_call_failed facts = { .ret = -EAGAIN };
	struct gen_task *t = gen__fork(g, by);

	gen__fails(g, t, WIRE_CLONE_FAILED, &facts);
	gen__fails(g, t, WIRE_CLONE3_FAILED, &facts);
	gen__fails(g, t, WIRE_UNSHARE_FAILED, &facts);
	farewell(g, by, t);
}

/* unshare(CLONE_NEWPID), and the first fork after it. */
static void unsharer(struct gen *g, struct gen_task *by)
{
	struct gen_task *t = gen__fork(g, by);
	struct gen_ns *ns = gen__ns(g, t, t->children_ns);

	gen__switch_ns(g, t, ns);
	gen__fork(g, t);
	end_container(g, by, ns);
}

static void exec_by_thread(struct gen *g, struct gen_task *by)
{
	struct gen_task *t = gen__fork(g, by), *thread = gen__clone_thread(g, t);

	gen__exit(g, t, 0);
	gen__exec_thread(g, thread, t);
	farewell(g, by, thread);
}

/* A task with a child gets a new name and cgroup, and is killed: the child is an orphan. */
static void killed(struct gen *g, struct gen_task *by)
{
	struct gen_task *t = gen__fork(g, by), *child = gen__fork(g, t);

	gen__rename(g, t, t, "parent");
	gen__cgroup_move(g, by, t, 77);
	gen__kill(g, by, t);
	gen__exit(g, t, 9);
	gen__release(g, by, t);
	farewell(g, g->init, child);
}

static void play(struct gen *g)
{
	struct gen_task *command;

	g->knob = WIRE_KNOB_ON;
	g->reuse_ns = true;
	gen__begin(g, 100);
	gen__sweep(g, WIRE_SWEEP_START);
	command = gen__fork(g, g->init);
	gen__exec(g, command, "stress");
	for (int i = 0; i < ROUNDS; i++) {
		struct gen_ns *ns = make_container(g, command);

		joiner(g, command, ns);
		keepers(g, command, ns);
		refused(g, command, ns);
		gen__sweep(g, WIRE_SWEEP_PERIOD);
		end_container(g, command, ns);
		unsharer(g, command);
		exec_by_thread(g, command);
		failing(g, command);
		killed(g, command);
		gen__grace_period(g, g->init);
	}
	farewell(g, g->init, command);
	gen__grace_period(g, g->init);
	gen__sweep(g, WIRE_SWEEP_FINAL);
	gen__sweep(g, WIRE_SWEEP_FINAL);
	gen__end(g);
}

/* --- the types --- */

static const struct judge_opts opts = { .semantics = SEMANTICS_AUTO };

/* The part of the records of a type that may be absent without being noticed. */
enum absence {
	NO_RECORD,		/* no run that passes has such a record */
	HALF,
	ALL,
};

#define NO_RULE "the views show it, and no rule needs it"

/* Types that no other record can vouch for. A row that is not needed is an error. */
static const struct exemption {
	unsigned int type;
	enum absence may_be_absent;
	const char *reason;
} exemptions[] = {
	{ WIRE_ERROR_REPORT, NO_RECORD, "each record violates I40" },
	{ WIRE_EXEC, HALF,
	  "no record shows that a task has called exec, unless a thread did that is not the leader; --expect compares the number" },
	{ WIRE_TIMER_LOCK, HALF,
	  "a timer may be armed, expire and be deleted between two records of its process: only one call is proved" },
	{ WIRE_RENAME, HALF, NO_RULE },
	{ WIRE_RENAME, ALL, NO_RULE },
	{ WIRE_KILL, HALF, NO_RULE },
	{ WIRE_KILL, ALL, NO_RULE },
	{ WIRE_ORPHAN, HALF, NO_RULE },
	{ WIRE_ORPHAN, ALL, NO_RULE },
	{ WIRE_CGROUP_MOVE, HALF, NO_RULE },
	{ WIRE_CGROUP_MOVE, ALL, NO_RULE },
	{ WIRE_NOTIFY_PIDFD, ALL,
	  "compilers inline do_notify_pidfd() in the file of most of its calls, and then a good run may have no hit" },
#define FAILED(type, absence) \
	{ WIRE_##type##_FAILED, absence, \
	  "a call that failed changes nothing that another record shows, and no rule needs it" }
	FAILED(CLONE, HALF), FAILED(CLONE, ALL), FAILED(CLONE3, HALF),
	FAILED(CLONE3, ALL), FAILED(UNSHARE, HALF), FAILED(UNSHARE, ALL),
#undef FAILED
};

static const struct exemption *exempted(unsigned int type, enum absence absence)
{
	for (size_t i = 0; i < ARRAY_SIZE(exemptions); i++)
		if (exemptions[i].type == type &&
		    exemptions[i].may_be_absent == absence)
			return &exemptions[i];
	return NULL;
}

static struct keeper trace;

static int make_trace(void **state)
{
	struct gen *g;

	(void)state;
	trace = keeper();
	g = gen__new(&trace.sink, 2048);
	play(g);
	gen__free(g);
	return 0;
}

static int free_trace(void **state)
{
	(void)state;
	free(trace.bytes);
	return 0;
}

static void test_whole(void **state)
{
	struct thinned t = kept__judge(&trace, &opts, 0, NULL);

	(void)state;
	for (size_t i = 0; i < t.result->nrules; i++)
		if (t.result->rules[i].text)
			fail_msg("%s", t.result->rules[i].text);
	for (size_t i = 0; i < t.result->nreasons; i++)
		fail_msg("%s", t.result->reasons[i]);
	assert_int_equal(t.result->verdict, VERDICT_PASS);
	judge__free(t.judge);
}

/*
 * Types whose absence violates a rule that requires the call: the record of a call that
 * was not seen and of one that was not made look the same. All other types make the run
 * INCONCLUSIVE.
 */
static const unsigned int required[] = {
	WIRE_PIDNS_INSTALL, WIRE_NS_CAPABLE, WIRE_FREE_PID, WIRE_PUT_PID,
	WIRE_CHANGE_PID, WIRE_PID_REWRITE, WIRE_FLUSH_PID, WIRE_PID_GONE,
	WIRE_NS_FREE, WIRE_WAKE_PARENT, WIRE_RESERVE_NR, WIRE_UNRESERVE_NR,
	WIRE_DEEPEN, WIRE_PUBLISH_NR, WIRE_DEEPENED, WIRE_UNDEEPEN,
};

static bool is_required(unsigned int type)
{
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		if (required[i] == type)
			return true;
	return false;
}

static enum verdict verdict_without(unsigned int type, const struct thinning *how)
{
	struct thinned t = kept__judge(&trace, &opts, type, how);
	enum verdict verdict = t.result->verdict;

	assert_true(t.dropped > 0);
	judge__free(t.judge);
	if (verdict != VERDICT_INCONCLUSIVE)
		print_message("%s without %s of %s\n", verdict__name(verdict),
			      how->name, record__name(type));
	return verdict;
}

static void check_verdicts(unsigned int type, const unsigned int passed[],
			   unsigned int failed)
{
	for (int a = HALF; a <= ALL; a++) {
		const struct exemption *e = exempted(type, a);

		if (passed[a] && !e)
			fail_msg("%s of the records of %s may be absent",
				 a == ALL ? "all" : "half", record__name(type));
		if (!passed[a] && e)
			fail_msg("the exemption is not needed: %s", e->reason);
	}
	if (!failed != !is_required(type))
		fail_msg("the absence of %s %s", record__name(type), failed ?
			 "is reported as a fault of the kernel" :
			 "violates no rule: remove it from required[]");
}

static void test_type(void **state)
{
	unsigned int type = (unsigned int)(uintptr_t)*state;
	uint64_t n = kept__count(&trace, type);
	unsigned int passed[] = { [HALF] = 0, [ALL] = 0 }, failed = 0;

	if (exempted(type, NO_RECORD)) {
		assert_int_equal(n, 0);
		return;
	}
	if (n < ENOUGH)
		fail_msg("the scene has %d records of %s: add some to play()",
			 (int)n, record__name(type));
	for (size_t i = 0; i < thinnings_n; i++) {
		enum verdict v = verdict_without(type, &thinnings[i]);

		passed[thinnings[i].all ? ALL : HALF] += v == VERDICT_PASS;
		failed += v == VERDICT_FAIL;
	}
	check_verdicts(type, passed, failed);
}

/* --- what begins before the first record, or ends after the last one --- */

static void check_part(uint64_t from, uint64_t to)
{
	struct thinned t = kept__judge_part(&trace, &opts, from, to);

	for (size_t i = 0; i < t.result->nreasons; i++)
		if (strstr(t.result->reasons[i], "missed calls"))
			fail_msg("records %d to %d: %s", (int)from, (int)to,
				 t.result->reasons[i]);
	judge__free(t.judge);
}

/* A recording may begin and end at any record, without a doubt about the hooks. */
static void test_parts(void **state)
{
	const uint64_t step = 5;

	(void)state;
	for (uint64_t i = 0; i < trace.records; i += step) {
		check_part(i, UINT64_MAX);
		check_part(0, i);
	}
}

/* --- the verdicts on given traces --- */

static char letter(const struct thinned *t)
{
	if (!t->dropped)
		return '-';
	switch (t->result->verdict) {
	case VERDICT_PASS:
		return 'P';
	case VERDICT_FAIL:
		return 'f';
	default:
		return 'i';
	}
}

static void print_thinned(const struct keeper *k, const struct judge_opts *o)
{
	struct thinned t = kept__judge(k, o, 0, NULL);

	printf("%s\n", verdict__name(t.result->verdict));
	for (size_t i = 0; i < t.result->nreasons; i++)
		printf("  %s\n", t.result->reasons[i]);
	judge__free(t.judge);
	for (unsigned int type = 0; type < WIRE_KERNEL_TYPES; type++) {
		if (!kept__count(k, type))
			continue;
		printf("  %-24s", record__name(type));
		for (size_t i = 0; i < thinnings_n; i++) {
			t = kept__judge(k, o, type, &thinnings[i]);
			printf(" %c", letter(&t));
			judge__free(t.judge);
		}
		putchar('\n');
	}
}

static int print_file(const char *path)
{
	struct keeper k = keeper();
	struct record_sink *sink = &k.sink;
	struct judge_opts o = {};
	struct trace_reader *r;
	char err[512];
	int ret = trace_reader__open(&r, path, err, sizeof(err));

	if (ret) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	o.semantics = trace_reader__info(r)->semantics;
	trace_reader__run(r, &sink, 1);
	trace_reader__close(r);
	printf("%s: ", path);
	print_thinned(&k, &o);
	free(k.bytes);
	return 0;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[2 + WIRE_KERNEL_TYPES] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_parts),
	};
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= print_file(argv[i]);
	if (argc > 1)
		return status;
	for (unsigned int t = 0; t < WIRE_KERNEL_TYPES; t++)
		tests[2 + t] = (struct CMUnitTest){
			record__name(t), test_type, NULL, NULL,
			(void *)(uintptr_t)t,
		};
	return cmocka_run_group_tests_name("absent records", tests, make_trace,
					   free_trace);
}
