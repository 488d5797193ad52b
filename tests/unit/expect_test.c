// SPDX-License-Identifier: GPL-2.0-only
/* Tests that a workload's own counts are read, and compared with those of the trace. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/model/expected_counts.h"
#include "judging.h"

static int memory = -1;
static char path[64];

static int make_file(void **state)
{
	memory = memfd_create("expect", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	return memory < 0 || scene__setup(state);
}

static int remove_file(void **state)
{
	return close(memory) || scene__teardown(state);
}

static void spill(const char *text)
{
	assert_int_equal(ftruncate(memory, 0), 0);
	assert_int_equal(pwrite(memory, text, strlen(text), 0), strlen(text));
}

static void test_load(void **state)
{
	struct expected_counts e;
	char err[256];

	(void)state;
	spill("# a comment\nroot=77\nsetns=5\njoins=2..3 # maybe killed\n\nfoo=1\nbar=2\n");
	assert_int_equal(expected_counts__load(&e, path, err, sizeof(err)), 0);
	assert_int_equal(e.root, 77);
	assert_true(e.key[EXPECT_SETNS].present);
	assert_int_equal(e.key[EXPECT_SETNS].min, 5);
	assert_int_equal(e.key[EXPECT_SETNS].max, 5);
	assert_int_equal(e.key[EXPECT_JOINS].min, 2);
	assert_int_equal(e.key[EXPECT_JOINS].max, 3);
	assert_false(e.key[EXPECT_FORKS].present);
	assert_int_equal(e.unknown, 2);
	assert_string_equal(e.first_unknown, "foo");
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *text;
		const char *where;
	} bad[] = {
		{ "", "root" },
		{ "setns=1\n", "root" },
		{ "root=1\nsetns\n", ":2:" },
		{ "root=1\nsetns=\n", ":2:" },
		{ "root=1\nsetns=-1\n", ":2:" },
		{ "root=1\nsetns=1x\n", ":2:" },
		{ "root=1\nsetns=3..2\n", ":2:" },
		{ "root=1\nsetns=3..\n", ":2:" },
		{ "root=1\nsetns=1\nsetns=1\n", ":3:" },
		{ "root=1\nroot=1\n", ":2:" },
		{ "root=0\n", ":1:" },
		{ "root=1..2\n", ":1:" },
		{ "root=99999999999\n", ":1:" },
		{ "root=1\nsetns=99999999999999999999999\n", ":2:" },
	};
	struct expected_counts e;
	char err[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		spill(bad[i].text);
		assert_int_equal(expected_counts__load(&e, path, err, sizeof(err)),
				 -EBADMSG);
		assert_non_null(strstr(err, bad[i].where));
	}
	assert_int_equal(expected_counts__load(&e, "/nowhere/x", err, sizeof(err)),
			 -ENOENT);
	assert_non_null(strstr(err, "/nowhere/x"));
}

static int32_t root;

/*
 * Plays the workload: top, whose pid another program had before, execs "stress" and
 * forks two children. Child a calls setsid(), joins a pid namespace, execs and forks.
 * Child b fails to join with EPERM, enters a network namespace, is moved to a process
 * group of its own, and clones a thread. The comments on the calls name the counts that
 * each call increments.
 */
static void workload(struct scene *s)
{
	struct gen *g = s->g;
	struct gen_task *other, *top, *a, *b, *thread;
	struct gen_ns *ns;

	ns = gen__container(g, g->init);
	other = gen__fork(g, g->init);
	gen__exec(g, other, "stress-helper");
	gen__exit(g, gen__fork(g, other), 0);
	gen__exit(g, other, 0);
	gen__release(g, g->init, other);
	g->ns[0].next_nr -= 2;		/* top gets the pid of other */
	top = gen__fork(g, g->init);
	assert_int_equal(top->pid, root = top->tgid);
	gen__exec(g, top, "stress");
	scene__arm(s);

	a = gen__candidate(g, top);	/* fork, setsid */
	gen__setns_join(g, a, ns);	/* setns, ok, joins */
	gen__exec(g, a, "sh");		/* exec */
	gen__exit(g, gen__fork(g, a), 0);	/* fork, exit */
	b = gen__fork(g, top);		/* fork */
	gen__setns_refused(g, b, ns, -EPERM);	/* setns, err */
	gen__enter_other(g, b);		/* setns */
	gen__switch_ns(g, b, b->children_ns);
	gen__leave(g, b, GEN_NEWNET, 0);	/* ok */
	gen__change_pid(g, top, b, WIRE_PGID, b->thread_pid); /* setpgid */
	thread = gen__clone_thread(g, b);	/* fork */
	gen__exit(g, thread, 0);	/* exit */
	gen__exit(g, b, 0);		/* exit */
	gen__exit(g, a, 9);		/* exit */
	gen__exit(g, top, 0);		/* not counted */
	gen__release(g, g->init, top);
	/* A child of init does not belong to the workload. */
	gen__exit(g, gen__candidate(g, g->init), 0);
}

static const char truth[] =
	"root=%d\nsetns=3\nsetns_ok=2\nsetns_err=1\njoins=1\nforks=4\n"
	"execs=1\nexits=4\nsetsid=1\nsetpgid=1\n";

/*
 * Plays the workload, and judges the trace with the expected counts in format, where %d
 * stands for the pid of the workload. missed: runs of the BPF program of exits that the
 * kernel skipped.
 */
static void play(struct scene *s, const char *format, const struct mutation *m,
		 uint64_t missed)
{
	struct judge_opts opts = { .semantics = SEMANTICS_JOIN,
				   .expect = true };
	char text[256];

	scene__begin(s, workload, &opts, WIRE_KNOB_ON, m, 0);
	s->g->missed[WIRE_EXIT] = missed;
	gen__sweep(s->g, WIRE_SWEEP_FINAL);
	snprintf(text, sizeof(text), format, root);
	spill(text);
	gen__end(s->g);
	judge__expect(s->j, path);
	s->res = judge__finish(s->j);
}

static void test_true(void **state)
{
	struct scene *s = *state;

	play(s, truth, NULL, 0);
	assert_int_equal(s->res->nexpect, EXPECT_NKEYS);
	for (size_t i = 0; i < s->res->nexpect; i++) {
		if (!s->res->expect[i].ok)
			fail_msg("%s: caused %d, seen %d",
				 s->res->expect[i].key,
				 (int)s->res->expect[i].min,
				 (int)s->res->expect[i].seen);
		assert_int_equal(s->res->expect[i].lost, 0);
	}
	assert_int_equal(s->res->verdict, VERDICT_PASS);
}

static void test_false(void **state)
{
	struct scene *s = *state;

	play(s, "root=%d\njoins=2\n", NULL, 0);
	assert_int_equal(s->res->nexpect, 1);
	assert_false(s->res->expect[0].ok);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
	play(s, "root=%d\nforks=3\n", NULL, 0);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
	play(s, "root=%d\nforks=3..9\n", NULL, 0);
	assert_int_equal(s->res->verdict, VERDICT_PASS);
}

/* A fork was lost, and counted as lost: caused = seen + lost. */
static void test_lost(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { LOSE(FORK, 4) };
	struct scene *s = *state;

	play(s, "root=%d\nforks=4\n", m, 0);
	assert_int_equal(s->res->expect[0].seen, 3);
	assert_int_equal(s->res->expect[0].lost, 1);
	assert_true(s->res->expect[0].ok);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	/* The child whose fork was lost may have forked too. */
	play(s, "root=%d\nforks=5\n", m, 0);
	assert_false(s->res->expect[0].ok);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
}

/* A fork was not seen, as the child's exit shows: the count proves nothing. */
static void test_not_seen(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { VANISH(FORK, 2) };
	struct scene *s = *state;

	play(s, "root=%d\nforks=4\n", m, 0);
	assert_false(s->res->expect[0].ok);
	assert_true(scene__has_reason(s, "task_newtask missed calls"));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
}

/* No other record shows that an exec was not seen: only the count does. */
static void test_exec_not_seen(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { VANISH(EXEC, 1) };
	struct scene *s = *state;

	play(s, "root=%d\nexecs=1\n", m, 0);
	assert_int_equal(s->res->nreasons, 1);
	assert_false(s->res->expect[0].ok);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
}

/* A single missed run of any BPF program makes every mismatch of counts inconclusive. */
static void test_missed(void **state)
{
	static const char *const wrong[] = {
		"root=%d\njoins=0\n", "root=%d\njoins=2\n",
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		play(s, wrong[i], NULL, 1);
		assert_false(s->res->expect[0].ok);
		assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	}
}

static void test_nobody(void **state)
{
	struct scene *s = *state;

	play(s, "root=1%d\nforks=4\n", NULL, 0);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(s->res->reasons[0], "no exec"));
	play(s, "forks=%d\n", NULL, 0);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_true),
		cmocka_unit_test(test_false),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_not_seen),
		cmocka_unit_test(test_exec_not_seen),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests_name("expect", tests, make_file,
					   remove_file);
}
