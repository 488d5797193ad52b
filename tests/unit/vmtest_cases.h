/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the runner as rows of a table: each names fake guests, the arguments of the
 * runner, and what must come out.
 */
#ifndef TESTS_UNIT_VMTEST_CASES_H
#define TESTS_UNIT_VMTEST_CASES_H

#include <stddef.h>

struct CMUnitTest;

struct check {
	enum { CHECK_NONE, CHECK_HAS, CHECK_LACKS, CHECK_IS, CHECK_ENDS, CHECK_THERE,
	       CHECK_ABSENT } kind;
	const char *file, *text;
};

/* A file of the output directory, or "stdout" and "stderr". LACKS ignores the case. */
#define HAS(file, text) { CHECK_HAS, file, text }
#define LACKS(file, text) { CHECK_LACKS, file, text }
#define IS(file, text) { CHECK_IS, file, text }
#define ENDS(file, text) { CHECK_ENDS, file, text }
#define THERE(file) { CHECK_THERE, file, "" }
#define ABSENT(file) { CHECK_ABSENT, file, "" }

#define SAYS(text) HAS("stderr", text)
#define SAYS_NOT(text) LACKS("stderr", text)
#define PRINTS(text) HAS("stdout", text)

/* A value of summary.json, as JSON. */
#define SUMMARY(path, json) IS("summary.json?" path, json)
#define TARGET(key, json) SUMMARY("targets/0/" key, json)

/*
 * One run, which must leave no process. In its words and commands, $OUT is the output
 * directory, and $ROOT that of all files, with the runner's output in run.out and
 * run.err.
 */
struct step {
	const char *guest;
	const char *args;		/* words, quoted as for a shell; NULL: no run */
	int exit;			/* as in a shell: 128 + the signal that ended it */
	struct check checks[24];
	const char *env;		/* words NAME=VALUE */
	/*
	 * Shell commands in $ROOT that must succeed. In before, exit status 77 skips
	 * the test, and $MOUNT mounts for the tests alone, or fails.
	 */
	const char *before, *after;
	/*
	 * A shell command that is repeated until it succeeds, while the runner is
	 * process $RUNNER and QEMU the one in the file pid.
	 */
	const char *during;
	double at_most_s;		/* 0: any time */
};

struct test_case {
	const char *name;
	struct step steps[14];		/* with the same output directory */
};

/* The run of target t1. */
#define T1 "--target=t1 --accel=tcg --out $OUT"

/* For cmocka: plays the case in *state. */
void cases__play(void **state);

/* Runs the cases, then the other tests, as a group of cmocka. */
int cases__run(const char *group, const struct test_case *cases, size_t ncases,
	       const struct CMUnitTest *others, size_t nothers);
/* The same with a setup of the group's own, which calls harness__setup(). */
int cases__run_with(int (*setup)(void **state), const char *group,
		    const struct test_case *cases, size_t ncases,
		    const struct CMUnitTest *others, size_t nothers);

#endif /* TESTS_UNIT_VMTEST_CASES_H */
