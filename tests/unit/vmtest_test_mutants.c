// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernels with faults, played by the fake QEMU: which count as caught, and the report
 * about them; and the table of mutants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/mutants/mutant_table.h"
#include "vmtest/options/options.h"
#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

static const char table[] =
	"# a comment\n"
	"\n"
	"by-rule | semantics:view ; stress | I14 ; I17 | sample | a rule is told at once\n"
	"by-test | semantics | test:refused: * | - | a test tells, and others too\n"
	"by-splat | semantics | splat:sleeping function | debug | the console tells\n"
	"by-rule | semantics | I17 | debug | the same on a kernel that watches\n"
	"by-end | semantics | I38 | - | only the report tells\n"
	"missed | semantics | I17 ; test:first | - | found, and not for what it is\n"
	"ignored | semantics | I17 | - | the kernel does not know of it\n"
	"crash | semantics | I17 | - | a crash, which says nothing\n"
	"crash-known | semantics | I17 ; panic | - | a crash is what it does\n"
	"hangs | semantics | I17 | - | it hangs, which says nothing\n"
	"hangs-known | semantics | hang | - | it hangs, as it should\n"
	"boots-late | semantics | I17 | - | at the second try\n"
	"boots-never | semantics | I17 ; panic:never | - | not at all\n"
	"panics-resumed | semantics | I17 | - | a panic, then a splat: one fault\n"
	"race | stress:init-death | I34 | race | not in each run\n";

static int setup(void **state)
{
	int err = harness__setup(state);

	if (!err)
		put("top/tests/mutants/mutants.txt", table, 0644);
	return err;
}

static json_t *load(const char *out, const char *name)
{
	char *path = xasprintf("%s/%s", out, name);
	json_t *root = json_load_file(path, 0, NULL);

	assert_non_null(root);
	free(path);
	return root;
}

static json_t *first_mutant(json_t *root)
{
	return json_array_get(json_object_get(root, "mutants"), 0);
}

struct mutant_case {
	const char *id;
	bool caught;
	const char *by;		/* the first finding that counts */
	const char *also;	/* the first finding that does not count */
	const char *said;
	const char *guest;	/* NULL: "mutants" */
};

static const struct mutant_case cases[] = {
	{ .id = "by-test", .caught = true,
	  .by = "test: refused: a thread, or more: EUSERS",
	  .also = "test: not this one",
	  .said = "caught by test: refused: a thread" },
	{ .id = "by-splat", .caught = true,
	  .by = "splat: BUG: sleeping function called from invalid context at fs/dcache.c:1",
	  .said = "caught by splat: BUG: sleeping" },
	{ .id = "by-end", .caught = true, .by = "I38",
	  .said = "caught by I38" },
	{ .id = "missed", .also = "test: third",
	  .said = "not caught: FAIL: violated: I3 x1; found: test: third, I3" },
	{ .id = "ignored",
	  .said = "the kernel ignored pidns_mutant=ignored: it says \"none\"" },
	{ .id = "crash", .also = "panic: Kernel panic - not syncing: fake",
	  .said = "not caught: PANIC: Kernel panic" },
	{ .id = "crash-known", .caught = true,
	  .by = "panic: Kernel panic - not syncing: fake",
	  .said = "caught by panic: " },
	{ .id = "panics-resumed", .caught = true, .by = "I17",
	  .also = "panic: Kernel panic - not syncing: fake",
	  .said = "panics-resumed seed 1: caught by I17" },
	{ .id = "hangs", .also = "hang",
	  .said = "not caught: HANG: no output for " },
	{ .id = "hangs-known", .caught = true, .by = "hang",
	  .said = "caught by hang after " },
	{ .id = "boots-late", .caught = true, .by = "I17",
	  .guest = "boots_late",
	  .said = "seed 1: PANIC: Kernel panic - not syncing: IO-APIC + timer doesn't work!; repeating" },
	{ .id = "boots-never", .guest = "boots_never",
	  .also = "panic: Kernel panic - not syncing: no init",
	  .said = "not caught: PANIC: Kernel panic" },
	{ .id = "race", .caught = true, .by = "I34",
	  .said = "race seed 3: caught by I34" },
};

static void expect_first(const json_t *mutant, const char *key, const char *want)
{
	const json_t *list = json_object_get(mutant, key);

	assert_true(json_is_array(list));
	if (want)
		assert_string_equal(json_string_value(json_array_get(list, 0)),
				    want);
	else
		assert_int_equal(json_array_size(list), 0);
}

static void test_mutant(void **state)
{
	const struct mutant_case *c = *state;
	char *out = fresh_out();
	struct ended e;
	json_t *s, *m;

	RUN(&e, c->guest ? c->guest : "mutants", "--mutants", "--only", c->id, "--no-widen",
	    "--accel=tcg", "--timeout=2", "--out", out);
	expect_exit(&e, c->caught ? 0 : 1);
	if (!strstr(e.err, c->said))
		fail_msg("\"%s\" is not in: %s", c->said, e.err);
	assert_non_null(strstr(e.out, c->caught ? " caught " : " MISSED "));
	s = load(out, "summary.json");
	assert_int_equal(json_object_size(s), 1);
	assert_int_equal(json_array_size(json_object_get(s, "mutants")), 1);
	m = first_mutant(s);
	assert_int_equal(strncmp(json_string_value(json_object_get(m, "id")),
				 c->id, strlen(c->id)), 0);
	assert_int_equal(json_is_true(json_object_get(m, "caught")), c->caught);
	assert_true(json_is_real(json_object_get(m, "seconds")));
	assert_true(json_is_integer(json_object_get(m, "seed")));
	assert_true(json_is_string(json_object_get(m, "title")));
	expect_first(m, "by", c->by);
	expect_first(m, "also", c->also);
	json_decref(s);
	free(out);
	free_ended(&e);
}

/* A catch leaves its evidence, and a script to reproduce it. */
static void test_files_of_a_catch(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "mutants", "--mutants", "--only=by-rule", "--accel=tcg", "--out",
	    out);
	expect_exit(&e, 0);
	expect_in(out, "by-rule-1/repro.sh", "--append=pidns_mutant=by-rule");
	expect_in(out, "by-rule-1/repro.sh",
		  "--tests=semantics:view --tests=stress");
	/* The received part of the trace is judged on the host: it is the evidence. */
	expect_in(out, "by-rule-1/verify.json", "\"rule\":\"I17\"");
	expect_in(out, "by-rule-1/log",
		  "vmtest: the kernel's fault: by-rule\n");
	expect_in(out, "by-rule-1/log",
		  "vmtest: violated: I17 the numbers differ\n");
	/* The same mutant on the other kernel of its row. */
	expect_in(out, "by-rule-debug-1/log",
		  "vmtest: the kernel's fault: by-rule\n");
	expect_in(out, "summary.json", "\"id\": \"by-rule-debug\"");
	expect_in(out, "summary.json", "\"target\": \"mutants-6.12-debug\"");
	free(out);
	free_ended(&e);
}

static void test_mistyped(void **state)
{
	struct ended e;

	(void)state;
	RUN(&e, "mutants", "--mutants", "--only=by-rlue");
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "no mutant by-rlue; did you mean by-rule?"));
	free_ended(&e);
}

static void expect_lines(const char *text, size_t width)
{
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		if (strcspn(p, "\n") > width)
			fail_msg("a line of more than %zu: %s", width, p);
	}
}

static void test_sample(void **state)
{
	char *out = fresh_out();
	struct ended e;
	json_t *s;

	(void)state;
	RUN(&e, "mutants", "--mutants", "--sample", "--accel=tcg", "--out", out);
	expect_exit(&e, 0);
	s = load(out, "summary.json");
	assert_int_equal(json_array_size(json_object_get(s, "mutants")), 1);
	assert_non_null(strstr(e.out, "1 of 1 mutants caught"));
	json_decref(s);
	free(out);
	free_ended(&e);
}

/* A missed mutant fails the whole run; the kernel without a fault is also tested. */
static void test_whole_table(void **state)
{
	char *out = fresh_out();
	struct ended e;
	json_t *s;

	(void)state;
	RUN(&e, "mutants", "--mutants", "--no-widen", "--accel=tcg",
	    "--timeout=2", "--jobs=4", "--out", out);
	expect_exit(&e, 1);
	assert_non_null(strstr(e.err, "the kernel without a fault: PASS"));
	assert_non_null(strstr(e.out, "10 of 15 mutants caught in "));
	assert_non_null(strstr(e.out, "\nvmtest: FAIL, exit status 1\n"));
	expect_lines(e.out, 80);
	s = load(out, "summary.json");
	assert_int_equal(json_array_size(json_object_get(s, "mutants")), 15);
	json_decref(s);
	free(out);
	free_ended(&e);
}

static json_t *rate_of(json_t *root, const char *which, const char *what)
{
	return json_object_get(json_object_get(first_mutant(root), which), what);
}

static void test_rate(void **state)
{
	char *out = fresh_out();
	struct ended e;
	json_t *s;

	(void)state;
	RUN(&e, "mutants", "--mutants-rate", "--accel=tcg", "--jobs=4", "--out",
	    out);
	expect_exit(&e, 0);
	s = load(out, "rate.json");
	assert_int_equal(json_integer_value(rate_of(s, "widened", "caught")), 10);
	assert_int_equal(json_integer_value(rate_of(s, "widened", "of")), 10);
	assert_int_equal(json_integer_value(rate_of(s, "not_widened", "caught")), 1);
	assert_int_equal(json_array_size(rate_of(s, "not_widened", "missed_seeds")), 9);
	assert_non_null(strstr(e.out, "10 of 10"));
	json_decref(s);
	free(out);
	free_ended(&e);
}

static json_t *rule_of(json_t *root, size_t nr)
{
	return json_array_get(json_object_get(root, "rules"), nr);
}

static void expect_rule(json_t *root, size_t nr, const char *id,
			const char *mutant, int tries)
{
	json_t *rule = rule_of(root, nr);
	json_t *tried = json_object_get(rule, "tried");
	json_t *last = json_array_get(tried, json_array_size(tried) - 1);

	assert_string_equal(json_string_value(json_object_get(rule, "id")), id);
	assert_int_equal(json_is_true(json_object_get(rule, "violated")),
			 mutant != NULL);
	assert_int_equal(json_array_size(tried), tries);
	if (mutant)
		assert_string_equal(json_string_value(json_object_get(last, "mutant")),
				    mutant);
}

/* Only the sixth mutant for I17 violates it. */
static void test_rules(void **state)
{
	char *out = fresh_out();
	struct ended e;
	json_t *s;

	(void)state;
	RUN(&e, "mutants", "--mutants-rules", "--no-widen", "--accel=tcg",
	    "--timeout=2", "--jobs=4", "--out", out);
	expect_exit(&e, 1);
	s = load(out, "rules.json");
	expect_rule(s, 0, "I14", NULL, 1);
	expect_rule(s, 1, "I17", "boots-late", 6);
	expect_rule(s, 2, "I34", "race", 3);
	expect_rule(s, 3, "I38", "by-end", 1);
	expect_rule(s, 4, "I99", NULL, 0);
	assert_non_null(strstr(e.out, "I99   NOT SEEN  -"));
	assert_non_null(strstr(e.out, "What I34 says."));
	expect_lines(e.out, 80);
	assert_non_null(strstr(e.out, "3 of 5 rules violated by a mutant in "));
	assert_non_null(strstr(e.err, "I99: no mutant violates this rule"));
	json_decref(s);
	free_ended(&e);
	RUN(&e, "mutants", "--mutants-rules", "--only=I38", "--accel=tcg",
	    "--out", out);
	expect_exit(&e, 0);
	free_ended(&e);
	RUN(&e, "mutants", "--mutants-rules", "--only=I38,I5", "--accel=tcg",
	    "--out", out);
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "no rule I5"));
	free(out);
	free_ended(&e);
}

static void test_control(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "mutants", "--mutants-control", "--seed=1..3", "--accel=tcg",
	    "--out", out);
	expect_exit(&e, 0);
	expect_in(out, "control.json", "\"runs\": 3");
	free_ended(&e);
	/* A kernel with a fault is not a valid control. */
	RUN(&e, "good", "--mutants-control", "--seed=1", "--accel=tcg",
	    "--timeout=2", "--out", out);
	assert_true(WIFEXITED(e.status) && WEXITSTATUS(e.status) != 0);
	free(out);
	free_ended(&e);
}

/* The results so far are reported, and no process is left. */
static void test_interrupted(void **state)
{
	char *out = fresh_out();
	const char *const args[] = { "--mutants", "--only=by-rule,hangs",
				     "--accel=tcg", "--out", out, NULL };
	struct ended e;
	pid_t pid, qemu;
	json_t *s;

	(void)state;
	set_env("mutants");
	pid = start("run", args);
	for (int i = 0; i < 100 && !exists(out, "hangs-1/cmdline"); i++)
		usleep(100000);
	usleep(300000);
	qemu = fake_pid();
	kill(pid, SIGINT);
	finish("run", pid, &e);
	assert_true(WIFSIGNALED(e.status));
	assert_true(gone(qemu));
	assert_false(exists(out, "hangs-1"));
	s = load(out, "summary.json");
	assert_int_equal(json_array_size(json_object_get(s, "mutants")), 2);
	assert_string_equal(json_string_value(json_object_get(first_mutant(s), "id")),
			    "by-rule");
	json_decref(s);
	free(out);
	free_ended(&e);
}

static const struct {
	const char *text, *said;
} bad_tables[] = {
	{ "", "contains no mutant" },
	{ "a | semantics | I1 | -\n", ":1: expected five fields" },
	{ "a | semantics\n", ":1: expected five fields" },
	{ "a\n", ":1: expected five fields" },
	{ "a | semantics | I1 | - | \n", ":1: " },
	{ "a | semantics | I1 | - | x | y\n", ":1: the last field is the title" },
	{ "a | semantics | I1 | - | x\na | semantics | I2 | - | y\n", ":2: this id appears twice" },
	{ "# x\n\nA b | semantics | I1 | - | x\n", ":3: an id consists of a-z" },
	{ "none | semantics | I1 | - | x\n", ":1: an id consists of" },
	{ "a | semantic | I1 | - | x\n", ":1: a test is one of" },
	{ "a | semantics: | I1 | - | x\n", ":1: a test is one of" },
	{ "a | semantics ; | I1 | - | x\n", ":1: a test is one of" },
	{ "a | semantics | J1 | - | x\n", ":1: a catcher is" },
	{ "a | semantics | I1x | - | x\n", ":1: a catcher is" },
	{ "a | semantics | test | - | x\n", ":1: a catcher is" },
	{ "a | semantics | test: | - | x\n", ":1: a catcher is" },
	{ "a | semantics | hang:x | - | x\n", ":1: a catcher is" },
	{ "a | semantics |  | - | x\n", ":1: " },
	{ "a | semantics | I1 | races | x\n", ":1: flags are" },
	{ "a | semantics | I1 | debug | x\na | semantics | I2 | debug,race | y\n", ":2: this id appears twice" },
};

static void test_bad_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_tables); i++) {
		char *path = in_root("bad.txt");
		struct ended e;

		put("bad.txt", bad_tables[i].text, 0644);
		RUN(&e, "mutants", "--mutants", "--mutants-table", path);
		expect_exit(&e, 2);
		if (!strstr(e.err, bad_tables[i].said))
			fail_msg("\"%s\" is not in: %s", bad_tables[i].said,
				 e.err);
		free(path);
		free_ended(&e);
	}
}

static void test_bad_selection(void **state)
{
	struct ended e;

	(void)state;
	RUN(&e, "mutants", "--mutants", "--only=by-rule,no-such");
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "no mutant no-such"));
	assert_null(strstr(e.err, "building"));
	free_ended(&e);
	RUN(&e, "mutants", "--mutants", "--sample", "--only=missed");
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "no mutant is left"));
	assert_null(strstr(e.err, "building"));
	free_ended(&e);
	RUN(&e, "mutants", "--mutants-rate", "--only=missed");
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "none of these mutants is a race"));
	assert_null(strstr(e.err, "building"));
	free_ended(&e);
}

/* The runner accepts the table in this tree. */
static void test_own_table(void **state)
{
	struct mutant_table t;
	size_t samples = 0;

	(void)state;
	assert_int_equal(mutant_table__read(&t, "tests/mutants/mutants.txt",
					    MUTANTS_LINE), 0);
	for (size_t i = 0; i < t.n; i++)
		samples += t.v[i].sample;
	assert_true(samples > 0);
	mutant_table__free(&t);
}

/* Converts a name in the series' table to an id; false if the line has no name. */
static bool id_of_patch_line(const char *line, char id[64])
{
	if (sscanf(line, "+PIDNS_MUTANT(%63[a-z_])", id) != 1)
		return false;
	for (char *c = id; *c; c++)
		if (*c == '_')
			*c = '-';
	return true;
}

/* Counts ids; an id that is tested on several kernels counts once. */
static size_t distinct_ids(const struct mutant_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t k = 0;

		while (strcmp(t->v[k].id, t->v[i].id))
			k++;
		n += k == i;
	}
	return n;
}

/* Each bug in the series must have a row in the table, and vice versa. */
static void expect_same(const char *version)
{
	char *pattern = xasprintf("kernel/series/%s/mutants/*.patch", version);
	struct mutant_table t;
	char line[512], id[64];
	size_t found = 0;
	glob_t patches;

	assert_int_equal(mutant_table__read(&t, "tests/mutants/mutants.txt",
					    version), 0);
	assert_int_equal(glob(pattern, 0, NULL, &patches), 0);
	for (size_t i = 0; i < patches.gl_pathc; i++) {
		FILE *f = fopen(patches.gl_pathv[i], "r");

		assert_non_null(f);
		while (fgets(line, sizeof(line), f)) {
			size_t row = 0;

			if (!id_of_patch_line(line, id))
				continue;
			while (row < t.n && strcmp(t.v[row].id, id))
				row++;
			if (row == t.n)
				fail_msg("%s has no row in mutants.txt", id);
			found++;
		}
		fclose(f);
	}
	assert_int_equal(found, distinct_ids(&t));
	globfree(&patches);
	free(pattern);
	mutant_table__free(&t);
}

static void test_series_has_the_same(void **state)
{
	(void)state;
	expect_same("6.12");
	expect_same("7.3");
}

/* A row for one line of kernels applies to no other, and each row is checked. */
static void test_line(void **state)
{
	static const char rows[] =
		"both | semantics | I17 | 6.12 | in each\n"
		"both | semantics | I17 | 7.3 | otherwise in the new one\n"
		"new | semantics | I17 | 7.3,debug | in the new one\n";
	char *path = in_root("rows.txt");
	struct mutant_table t;

	(void)state;
	put("rows.txt", rows, 0644);
	assert_int_equal(mutant_table__read(&t, path, "6.12"), 0);
	assert_int_equal(t.n, 1);
	assert_string_equal(t.v[0].target, "mutants-6.12");
	assert_string_equal(t.v[0].title, "in each");
	mutant_table__free(&t);
	assert_int_equal(mutant_table__read(&t, path, "7.3"), 0);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.v[0].target, "mutants-7.3");
	assert_string_equal(t.v[0].title, "otherwise in the new one");
	assert_string_equal(t.v[1].label, "new-debug");
	assert_string_equal(t.v[1].target, "mutants-7.3-debug");
	mutant_table__free(&t);
	put("rows.txt", "twice | semantics | I17 | 7.3 | x\n"
			"twice | semantics | I17 | - | x\n", 0644);
	assert_int_equal(mutant_table__read(&t, path, "7.3"), -EINVAL);
	put("rows.txt", "new | semantics | I17 | 7.3,slow | x\n", 0644);
	assert_int_equal(mutant_table__read(&t, path, "6.12"), -EINVAL);
	free(path);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(test_files_of_a_catch),
		cmocka_unit_test(test_mistyped),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_whole_table),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_bad_tables),
		cmocka_unit_test(test_bad_selection),
		cmocka_unit_test(test_own_table),
		cmocka_unit_test(test_series_has_the_same),
		cmocka_unit_test(test_line),
	};
	struct CMUnitTest tests[ARRAY_SIZE(plain) + ARRAY_SIZE(cases)];
	size_t n = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[n++] = (struct CMUnitTest){ cases[i].id, test_mutant,
						  NULL, NULL,
						  (void *)&cases[i] };
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		tests[n++] = plain[i];
	return cmocka_run_group_tests_name("vmtest mutants", tests, setup,
					   harness__teardown);
}
