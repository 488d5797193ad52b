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
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/mutants/mutant_table.h"
#include "vmtest/options/options.h"
#include "vmtest/lib/util.h"
#include "vmtest_cases.h"
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

#define M "--accel=tcg --out $OUT"
#define NONE "[]"
#define FOUND(what) "[\"" what "\"]"
#define PANIC "panic: Kernel panic - not syncing: "

/*
 * Tries one mutant: by are the findings that count, also those that do not. The exit
 * status is 0 if the mutant was caught.
 */
#define TRIED(id, guest, status, seed, by, also, said) \
	{ id, { { guest, M " --mutants --only " id " --no-widen --timeout=2", .exit = status, { \
		SAYS(said), PRINTS(status ? " MISSED " : " caught "), \
		HAS("summary.json?mutants/0/id", "\"" id), ABSENT("summary.json?mutants/1"), \
		SUMMARY("mutants/0/caught", status ? "false" : "true"), \
		SUMMARY("mutants/0/seed", #seed), HAS("summary.json?mutants/0/seconds", "."), \
		HAS("summary.json?mutants/0/title", "\""), \
		SUMMARY("mutants/0/by", by), SUMMARY("mutants/0/also", also) }, \
		/* The object has no other key. */ \
		.after = "[ \"$(grep -c '^ \"' $OUT/summary.json)\" = 1 ]" } } }

/* No line of the table is too long. */
#define NARROW "! LC_ALL=C grep '.\\{81\\}' run.out"

#define RULE(nr, id, violated) \
	IS("rules.json?rules/" #nr "/id", "\"" id "\""), \
	IS("rules.json?rules/" #nr "/violated", violated)
/* The nth mutant was the last one that was tried for the rule. */
#define LAST(nr, n, mutant) \
	IS("rules.json?rules/" #nr "/tried/" #n "/mutant", "\"" mutant "\"")
#define NO_TRY(nr, n) ABSENT("rules.json?rules/" #nr "/tried/" #n)

/* Arguments that are refused before a build. */
#define REFUSED(args, said) \
	{ "mutants", args, .exit = 2, { SAYS(said), SAYS_NOT("building") } }

#define BAD_TABLE(text, said) \
	{ "bad table, " said, { { \
		"mutants", "--mutants --mutants-table $ROOT/bad.txt", .exit = 2, { SAYS(said) }, \
		.before = "cat >bad.txt <<'END'\n" text "END\n" } } }

static const struct test_case cases[] = {
	TRIED("by-test", "mutants", 0, 1, FOUND("test: refused: a thread, or more: EUSERS"),
	      FOUND("test: not this one"), "caught by test: refused: a thread"),
	TRIED("by-splat", "mutants", 0, 1,
	      FOUND("splat: BUG: sleeping function called from invalid context at fs/dcache.c:1"),
	      NONE, "caught by splat: BUG: sleeping"),
	TRIED("by-end", "mutants", 0, 1, FOUND("I38"), NONE, "caught by I38"),
	TRIED("missed", "mutants", 1, 1, NONE, "[\"test: third\", \"I3\"]",
	      "not caught: FAIL: violated: I3 x1; found: test: third, I3"),
	TRIED("ignored", "mutants", 1, 1, NONE, NONE,
	      "the kernel ignored pidns_mutant=ignored: it says \"none\""),
	TRIED("crash", "mutants", 1, 1, NONE, FOUND(PANIC "fake"),
	      "not caught: PANIC: Kernel panic"),
	TRIED("crash-known", "mutants", 0, 1, FOUND(PANIC "fake"), NONE, "caught by panic: "),
	TRIED("panics-resumed", "mutants", 0, 1, FOUND("I17"),
	      "[\"" PANIC "fake\", \"splat: WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\"]",
	      "panics-resumed seed 1: caught by I17"),
	TRIED("hangs", "mutants", 1, 1, NONE, FOUND("hang"), "not caught: HANG: no output for "),
	TRIED("hangs-known", "mutants", 0, 1, FOUND("hang"), NONE, "caught by hang after "),
	TRIED("boots-late", "boots_late", 0, 1, FOUND("I17"), NONE,
	      "seed 1: PANIC: Kernel panic - not syncing: IO-APIC + timer doesn't work!; repeating"),
	TRIED("boots-never", "boots_never", 1, 1, NONE, FOUND(PANIC "no init"),
	      "not caught: PANIC: Kernel panic"),
	TRIED("race", "mutants", 0, 3, FOUND("I34"), NONE, "race seed 3: caught by I34"),

	/* A catch leaves its evidence, and a script to reproduce it. */
	{ "files of a catch", { { "mutants", M " --mutants --only=by-rule", .exit = 0, {
		HAS("by-rule-1/repro.sh", "--append=pidns_mutant=by-rule"),
		HAS("by-rule-1/repro.sh", "--tests=semantics:view --tests=stress"),
		/* The received part of the trace is judged on the host: it is the evidence. */
		HAS("by-rule-1/verify.json", "\"rule\":\"I17\""),
		HAS("by-rule-1/log", "vmtest: the kernel's fault: by-rule\n"),
		HAS("by-rule-1/log", "vmtest: violated: I17 the numbers differ\n"),
		/* The same mutant on the other kernel of its row. */
		HAS("by-rule-debug-1/log", "vmtest: the kernel's fault: by-rule\n"),
		HAS("summary.json", "\"id\": \"by-rule-debug\""),
		HAS("summary.json", "\"target\": \"mutants-6.12-debug\"") } } } },
	{ "mistyped", { { "mutants", "--mutants --only=by-rlue", .exit = 2, {
		SAYS("no mutant by-rlue; did you mean by-rule?") } } } },
	{ "sample", { { "mutants", M " --mutants --sample", .exit = 0, {
		PRINTS("1 of 1 mutants caught"),
		THERE("summary.json?mutants/0"), ABSENT("summary.json?mutants/1") } } } },
	/* A missed mutant fails the whole run; the kernel without a fault is also tested. */
	{ "whole table", { { "mutants", M " --mutants --no-widen --timeout=2 --jobs=4", .exit = 1, {
		SAYS("the kernel without a fault: PASS"),
		PRINTS("10 of 15 mutants caught in "),
		PRINTS("\nvmtest: FAIL, exit status 1\n"),
		THERE("summary.json?mutants/14"), ABSENT("summary.json?mutants/15") },
		.after = NARROW } } },
	{ "rate", { { "mutants", M " --mutants-rate --jobs=4", .exit = 0, {
		IS("rate.json?mutants/0/widened/caught", "10"),
		IS("rate.json?mutants/0/widened/of", "10"),
		IS("rate.json?mutants/0/not_widened/caught", "1"),
		THERE("rate.json?mutants/0/not_widened/missed_seeds/8"),
		ABSENT("rate.json?mutants/0/not_widened/missed_seeds/9"),
		PRINTS("10 of 10") } } } },
	{ "rules", {
		{ "mutants", M " --mutants-rules --no-widen --timeout=2 --jobs=4", .exit = 1, {
			RULE(0, "I14", "false"), THERE("rules.json?rules/0/tried/0"), NO_TRY(0, 1),
			/* Only the sixth mutant for I17 violates it. */
			RULE(1, "I17", "true"), LAST(1, 5, "boots-late"), NO_TRY(1, 6),
			RULE(2, "I34", "true"), LAST(2, 2, "race"), NO_TRY(2, 3),
			RULE(3, "I38", "true"), LAST(3, 0, "by-end"), NO_TRY(3, 1),
			RULE(4, "I99", "false"), IS("rules.json?rules/4/tried", "[]"),
			PRINTS("I99   NOT SEEN  -"), PRINTS("What I34 says."),
			PRINTS("3 of 5 rules violated by a mutant in "),
			SAYS("I99: no mutant violates this rule") },
		  .after = NARROW },
		{ "mutants", M " --mutants-rules --only=I38", .exit = 0 },
		{ "mutants", M " --mutants-rules --only=I38,I5", .exit = 2, {
			SAYS("no rule I5") } } } },
	{ "control", {
		{ "mutants", M " --mutants-control --seed=1..3", .exit = 0, {
			HAS("control.json", "\"runs\": 3") } },
		/* A kernel with a fault is not a valid control. */
		{ "good", M " --mutants-control --seed=1 --timeout=2", .exit = 7 } } },
	/* The results so far are reported. */
	{ "interrupted", { { "mutants", M " --mutants --only=by-rule,hangs", .exit = 128 + SIGINT, {
		ABSENT("hangs-1"), SUMMARY("mutants/0/id", "\"by-rule\""),
		THERE("summary.json?mutants/1"), ABSENT("summary.json?mutants/2") },
		.during = "[ -e $OUT/hangs-1/cmdline ] && sleep .3 && kill -INT $RUNNER" } } },
	{ "bad selection", {
		REFUSED("--mutants --only=by-rule,no-such", "no mutant no-such"),
		REFUSED("--mutants --sample --only=missed", "no mutant is left"),
		REFUSED("--mutants-rate --only=missed", "none of these mutants is a race") } },
	BAD_TABLE("", "contains no mutant"),
	BAD_TABLE("a | semantics | I1 | -\n", ":1: expected five fields"),
	BAD_TABLE("a | semantics\n", ":1: expected five fields"),
	BAD_TABLE("a\n", ":1: expected five fields"),
	BAD_TABLE("a | semantics | I1 | - | \n", ":1: "),
	BAD_TABLE("a | semantics | I1 | - | x | y\n", ":1: the last field is the title"),
	BAD_TABLE("a | semantics | I1 | - | x\na | semantics | I2 | - | y\n", ":2: this id appears twice"),
	BAD_TABLE("# x\n\nA b | semantics | I1 | - | x\n", ":3: an id consists of a-z"),
	BAD_TABLE("none | semantics | I1 | - | x\n", ":1: an id consists of"),
	BAD_TABLE("a | semantic | I1 | - | x\n", ":1: a test is one of"),
	BAD_TABLE("a | semantics: | I1 | - | x\n", ":1: a test is one of"),
	BAD_TABLE("a | semantics ; | I1 | - | x\n", ":1: a test is one of"),
	BAD_TABLE("a | semantics | J1 | - | x\n", ":1: a catcher is"),
	BAD_TABLE("a | semantics | I1x | - | x\n", ":1: a catcher is"),
	BAD_TABLE("a | semantics | test | - | x\n", ":1: a catcher is"),
	BAD_TABLE("a | semantics | test: | - | x\n", ":1: a catcher is"),
	BAD_TABLE("a | semantics | hang:x | - | x\n", ":1: a catcher is"),
	BAD_TABLE("a | semantics |  | - | x\n", ":1: "),
	BAD_TABLE("a | semantics | I1 | races | x\n", ":1: flags are"),
	BAD_TABLE("a | semantics | I1 | debug | x\na | semantics | I2 | debug,race | y\n", ":2: this id appears twice"),
};

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
	char *names = xasprintf("cat kernel/series/%s/mutants/*.patch | tr _ - | "
				"sed -n 's/^+PIDNS-MUTANT(\\([a-z-]\\+\\).*/\\1/p'",
				version);
	FILE *patches = popen(names, "r");
	struct mutant_table t;
	size_t found = 0;
	char id[64];

	assert_non_null(patches);
	assert_int_equal(mutant_table__read(&t, "tests/mutants/mutants.txt",
					    version), 0);
	for (; fscanf(patches, "%63s", id) == 1; found++) {
		size_t row = 0;

		while (row < t.n && strcmp(t.v[row].id, id))
			row++;
		if (row == t.n)
			fail_msg("%s has no row in mutants.txt", id);
	}
	assert_int_equal(found, distinct_ids(&t));
	pclose(patches);
	free(names);
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
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_own_table),
		cmocka_unit_test(test_series_has_the_same),
		cmocka_unit_test(test_line),
	};

	return cases__run_with(setup, "vmtest mutants", cases, ARRAY_SIZE(cases),
			       others, ARRAY_SIZE(others));
}
