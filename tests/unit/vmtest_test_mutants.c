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

/* Bugs that mainline once had. */
static const char history[] =
	"by-rule | semantics | I17 | sample | found with each seed | 0123456789abcdef pid: mend it\n"
	"race | stress:init-death | I34 | race | found if widened | aaaaaaaaaaaa exit: in order\n"
	"missed | semantics | I17 | - | not found for what it is | bbbbbbbbbbbb a subject\n";

/* A user's own table. */
static const char own[] =
	"missed | semantics:view | any | - | whatever finds it\n"
	"hangs | semantics ; stress | any | - | a hang does\n"
	"crash | semantics | any | - | a panic does\n"
	"by-splat | stress | any | - | a splat does\n"
	"by-test | semantics | any | - | a test does\n"
	"by-rule | semantics | I17 ; any | - | and a rule does\n";

static int setup(void **state)
{
	int err = harness__setup(state);

	if (err)
		return err;
	put("top/tests/mutants/mutants.txt", table, 0644);
	put("top/tests/mutants/history.txt", history, 0644);
	put("own.txt", own, 0644);
	return 0;
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

/* The mutants of the user's table on a target. */
#define OWN M " --mutants-table $ROOT/own.txt --target=t1 --no-widen --timeout=2"

/* The same with a table that asks for all tests. */
#define EVERY M " --mutants-table $ROOT/every.txt --target=t1 --no-widen --timeout=2"

/* A table of n bugs that are found, and of others that are not, with one seed each. */
#define BUGS(name, n, others, status, said) \
	{ "history of " name, { { "mutants", M " --mutants-history --mutants-table $ROOT/bugs.txt " \
		"--jobs=4 --timeout=2 --seed=1", .exit = status, { \
		PRINTS(said " in "), IS("summary.json?caught", #n) }, \
		.before = "{ seq -f 'bug-%.0f | semantics | I17 | - | a bug' " #n "; " \
			  "printf '%s | semantics | I17 | - | a bug\\n' " others "; } >bugs.txt" } } }

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
	      "the kernel ignored pidns_mutant=ignored: it says \"none\"; an id is a name in its include/linux/pidns_mutant_defs.h, with - for _"),
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
	{ "a table of one's own", {
		{ "mutants", OWN " --mutants --jobs=4", .exit = 0, {
			PRINTS("6 of 6 mutants caught in "),
			SUMMARY("mutants/0/by", "[\"test: third\", \"I3\"]"),
			SUMMARY("mutants/0/expected", "[\"any\"]"),
			SUMMARY("mutants/0/target", "\"t1\""),
			SUMMARY("mutants/1/by", "[\"hang\"]"),
			SUMMARY("mutants/2/by", FOUND(PANIC "fake")),
			SUMMARY("mutants/3/verdict", "\"SPLAT\""),
			HAS("missed-1/repro.sh", "--target=t1"),
			ABSENT("summary.json?mutants/0/fixed_by") } },
		/* Only the rules that the table lists. */
		{ "mutants", OWN " --mutants-rules", .exit = 0, {
			PRINTS("1 of 1 rules violated"), RULE(0, "I17", "true") } },
		{ "mutants", M " --mutants-rules --mutants-table $ROOT/any.txt", .exit = 2, {
			SAYS("any.txt: no mutant lists a rule that catches it") },
		  .before = "grep -v I17 own.txt >any.txt" },
		{ "mutants", OWN " --mutants-rate", .exit = 2, {
			SAYS("none of these mutants is a race") } },
		{ "mutants", OWN " --mutants --only=mised", .exit = 2, {
			SAYS("no mutant mised; did you mean missed?") } },
		/* Each test of the table, once, on the kernel without a fault. */
		{ "mutants", OWN " --mutants-control --seed=1", .exit = 0, {
			HAS("control.json", "\"t1\"") } },
		{ "good", OWN " --mutants-control --seed=1", .exit = 7, {
			SAYS("the kernel has no parameter pidns_mutant"),
			HAS("t1-1/repro.sh", " --tests=semantics:view --tests=semantics "
					     "--tests=stress --append=pidns_mutant=none") } } } },
	{ "a bug that any test may find", {
		{ "mutants", EVERY " --mutants", .exit = 0, {
			SUMMARY("mutants/1/by", FOUND("I3")) },
		  .before = "printf '%s\n' 'by-rule | semantics:view | any | - | x' "
			    "'anywhere | all | any | - | x' >every.txt" },
		{ "good", EVERY " --mutants-control --seed=1", .exit = 7, {
			HAS("t1-1/repro.sh", " --tests=semantics --tests=purposes "),
			HAS("t1-1/repro.sh", " --tests=stress ") } } } },
	/* "any" is no excuse for a fault of the emulator. */
	{ "any and the emulator", { { "mutants", M " --mutants --target=t1 --timeout=5 "
		"--mutants-table $ROOT/emulator.txt", .exit = 1, {
		SUMMARY("mutants/0/caught", "false"), PRINTS("0 of 1 mutants caught") },
		.before = "echo 'emulator | semantics | any | - | x' >emulator.txt" } } },
	{ "own image", { { "mutants", M " --mutants --kernel $ROOT/debug/image --no-widen "
		"--mutants-table $ROOT/own.txt --only=by-rule", .exit = 0, {
		SUMMARY("mutants/0/target", "\"kernel\""),
		PRINTS("1 of 1 mutants caught") } } } },
	{ "a kernel without mutants", { { "good", OWN " --mutants", .exit = 2, {
		SAYS("t1: the kernel has no parameter pidns_mutant; docs/adding.md (Bugs of your own) names the patch"),
		SAYS_NOT("repeating"), LACKS("stdout", "caught") } } } },
	{ "a target without a debug kernel", { { "mutants", M " --mutants --target=t1 "
		"--mutants-table $ROOT/watched.txt", .exit = 2, {
		SAYS("watched.txt: rows with the flag debug run on t1-debug, which is not in kernel/targets") },
		.before = "echo 'a | semantics | I1 | debug | x' >watched.txt" } } },
	{ "a debug kernel as the target", { { "mutants", M " --mutants --only=by-splat "
		"--target=mutants-6.12-debug", .exit = 0, {
		SUMMARY("mutants/0/target", "\"mutants-6.12-debug\"") } } } },
	{ "history", {
		{ "mutants", M " --mutants-history --jobs=4 --timeout=2", .exit = 1, {
			SAYS("the kernel without a fault: PASS"),
			PRINTS("missed: missed (0 of 10)\n2 of 3 caught (66 %) in "),
			PRINTS("by-rule  caught   10 of 10"), PRINTS("race     caught   10 of 10"),
			PRINTS("fixed by 0123456789ab (\"pid: mend it\")"),
			IS("summary.json?caught", "2"), IS("summary.json?of", "3"),
			SUMMARY("mutants/0/target", "\"history-6.12\""),
			SUMMARY("mutants/0/fixed_by/commit", "\"0123456789abcdef\""),
			SUMMARY("mutants/0/fixed_by/subject", "\"pid: mend it\""),
			SUMMARY("mutants/0/caught", "true"), SUMMARY("mutants/2/caught", "false"),
			SUMMARY("mutants/0/seeds/of", "10"), SUMMARY("mutants/2/seeds/caught", "0"),
			SUMMARY("mutants/2/seeds/missed_seeds/9", "10"),
			ABSENT("summary.json?mutants/3") }, .after = NARROW },
		/* A catch with one seed of ten is not enough, even for a race. */
		{ "mutants", M " --mutants-history --only=race --no-widen", .exit = 1, {
			PRINTS("missed: race (1 of 10)\n0 of 1 caught (0 %) in ") } },
		{ "mutants", M " --mutants-history --sample --seed=1", .exit = 0, {
			PRINTS("1 of 1 caught (100 %) in "), SUMMARY("mutants/0/seeds/of", "1") } } } },
	BUGS("19 of 20", 19, "missed", 0, "19 of 20 caught (95 %)"),
	BUGS("18 of 19", 18, "missed", 1, "18 of 19 caught (94 %)"),
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
	BAD_TABLE("a | semantics | I1 | - |  | 0123456789ab y\n", ":1: the fifth field is the title"),
	BAD_TABLE("a | semantics | I1 | - | x | y\n", ":1: the sixth field, which may be absent, is the commit"),
	BAD_TABLE("a | semantics | I1 | - | x | 0123456789a y\n", ":1: the sixth field"),
	BAD_TABLE("a | semantics | I1 | - | x | 0123456789ab\n", ":1: the sixth field"),
	BAD_TABLE("a | semantics | I1 | - | x\na | semantics | I2 | - | y\n", ":2: this id appears twice"),
	BAD_TABLE("# x\n\nA b | semantics | I1 | - | x\n", ":3: an id consists of a-z"),
	BAD_TABLE("none | semantics | I1 | - | x\n", ":1: an id consists of"),
	BAD_TABLE("a | semantic | I1 | - | x\n", ":1: a test is one of"),
	BAD_TABLE("a | semantics: | I1 | - | x\n", ":1: a test is one of"),
	BAD_TABLE("a | semantics ; | I1 | - | x\n", ":1: a test is one of"),
	BAD_TABLE("a | all ; stress | I1 | - | x\n", ":1: a test is one of"),
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
					    MUTANTS_LINE, "m"), 0);
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

/* Reads a table of this tree. A series without a bug may have a table without a row. */
static void read_own(struct mutant_table *t, const char *name, const char *version,
		     bool may_be_empty)
{
	char *path = xasprintf("tests/mutants/%s.txt", name);
	int err = mutant_table__read(t, path, version, name);

	if (!may_be_empty)
		assert_int_equal(err, 0);
	free(path);
}

/* Returns the names of the bugs that the patches add. */
static struct strv names_in(const char *series, const char *version)
{
	char *command = xasprintf("cat kernel/series/%s/%s/*.patch 2>&1 | tr _ - | "
				  "sed -n 's/^+PIDNS-MUTANT(\\([a-z0-9-]\\+\\).*/\\1/p'",
				  version, series);
	FILE *patches = popen(command, "r");
	struct strv names = { 0 };
	char id[64];

	assert_non_null(patches);
	while (fscanf(patches, "%63s", id) == 1)
		strv__add(&names, id);
	assert_int_equal(pclose(patches), 0);
	free(command);
	return names;
}

/* Each bug in the series must have a row in the table, and vice versa. */
static void expect_same(const char *series, const char *version)
{
	struct strv names = names_in(series, version);
	struct mutant_table t;

	read_own(&t, series, version, !names.n);
	for (size_t i = 0; i < names.n; i++) {
		size_t row = 0;

		while (row < t.n && strcmp(t.v[row].id, names.v[i]))
			row++;
		if (row == t.n)
			fail_msg("%s has no row in %s.txt", names.v[i], series);
	}
	assert_int_equal(names.n, distinct_ids(&t));
	strv__free(&names);
	mutant_table__free(&t);
}

static void test_series_has_the_same(void **state)
{
	(void)state;
	expect_same("mutants", "6.12");
	expect_same("mutants", "7.3");
	expect_same("history", "6.12");
}

/*
 * A bug that mainline once had names its fix, and is caught by what names it: by a rule,
 * a test or the text of a splat.
 */
static void expect_history_row(const struct mutant *m)
{
	if (!m->fix.commit || strlen(m->fix.commit) < 12)
		fail_msg("%s: no commit that fixed it", m->id);
	if (!m->fix.subject || !*m->fix.subject)
		fail_msg("%s: no subject of the fix", m->id);
	for (size_t i = 0; i < m->catchers.n; i++) {
		char *name = catcher__name(&m->catchers.v[i]);

		if (!catcher__names_fault(&m->catchers.v[i]))
			fail_msg("%s: the catcher %s does not name it", m->id, name);
		free(name);
	}
}

static void test_history_rows(void **state)
{
	struct strv names = names_in("history", "6.12");
	struct mutant_table t;
	size_t samples = 0;

	(void)state;
	read_own(&t, "history", "6.12", !names.n);
	for (size_t i = 0; i < t.n; i++) {
		expect_history_row(&t.v[i]);
		samples += t.v[i].sample;
		/* `make check' runs a sample with one seed. */
		assert_false(t.v[i].sample && t.v[i].race);
	}
	assert_true(!t.n || samples);
	strv__free(&names);
	mutant_table__free(&t);
}

/* A history row that is wrong is noticed. */
static void test_catchers_that_name_a_fault(void **state)
{
	static const struct {
		const char *word;
		bool names;
	} rows[] = {
		{ "I17", true }, { "test:a case", true }, { "test:a*", true },
		{ "splat:BUG: sleeping", true }, { "splat", false }, { "panic", false },
		{ "panic:Fatal", false }, { "hang", false }, { "any", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct catchers cs = { 0 };

		assert_int_equal(catchers__add(&cs, rows[i].word), 0);
		assert_int_equal(catcher__names_fault(&cs.v[0]), rows[i].names);
		catchers__free(&cs);
	}
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
	assert_int_equal(mutant_table__read(&t, path, "6.12", "mutants-6.12"), 0);
	assert_int_equal(t.n, 1);
	assert_string_equal(t.v[0].target, "mutants-6.12");
	assert_string_equal(t.v[0].title, "in each");
	mutant_table__free(&t);
	assert_int_equal(mutant_table__read(&t, path, "7.3", "mutants-7.3"), 0);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.v[0].target, "mutants-7.3");
	assert_string_equal(t.v[0].title, "otherwise in the new one");
	assert_string_equal(t.v[1].label, "new-debug");
	assert_string_equal(t.v[1].target, "mutants-7.3-debug");
	mutant_table__free(&t);
	put("rows.txt", "twice | semantics | I17 | 7.3 | x\n"
			"twice | semantics | I17 | - | x\n", 0644);
	assert_int_equal(mutant_table__read(&t, path, "7.3", "mutants-7.3"), -EINVAL);
	put("rows.txt", "new | semantics | I17 | 7.3,slow | x\n", 0644);
	assert_int_equal(mutant_table__read(&t, path, "6.12", "mutants-6.12"), -EINVAL);
	free(path);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_own_table),
		cmocka_unit_test(test_series_has_the_same),
		cmocka_unit_test(test_history_rows),
		cmocka_unit_test(test_catchers_that_name_a_fault),
		cmocka_unit_test(test_line),
	};

	return cases__run_with(setup, "vmtest mutants", cases, ARRAY_SIZE(cases),
			       others, ARRAY_SIZE(others));
}
