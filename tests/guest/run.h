/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs test cases, each in its own tree of processes with a time limit, and
 * writes their results as KTAP.
 *
 * A case is a function that runs in a forked child of the runner and states its
 * expectations with the check functions below. Any process of the tree may call
 * them; the record is in shared memory and survives the death of a process. A
 * case is "ok" only if its function returned and checked something, no check
 * failed, the kernel did not warn meanwhile, and the whole tree could be killed
 * and reaped afterwards.
 */
#ifndef TESTS_GUEST_RUN_H
#define TESTS_GUEST_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "ktap.h"

/* The kind of kernel under test: kernel/targets, column "mode". */
enum {
	MODE_MAINLINE	= 1 << 0,
	MODE_JOIN	= 1 << 1,
	MODE_SEED	= 1 << 2,
	MODE_KEEP	= 1 << 3,	/* a join kernel that takes KNOB_KEEP, too */
};

/* The value of kernel.setns_pid_join that a case needs, if the kernel has it. */
enum knob {
	KNOB_LEAVE,	/* unchanged: cases about the default */
	KNOB_OFF,
	KNOB_ON,	/* setns() gives the caller a new struct pid */
	KNOB_KEEP,	/* setns() gives the caller's struct pid one number more */
};

enum {
	/*
	 * Crashes or hangs a kernel that lacks the check: run last, and only on
	 * request.
	 */
	CASE_DANGEROUS	= 1 << 0,
	/*
	 * A dangerous case that hangs rather than crashes: run after all the
	 * others.
	 */
	CASE_HANGS	= 1 << 1,
};

struct test_case {
	const char *name;		/* one line, states the expectation */
	unsigned int modes;		/* MODE_* in which the case runs */
	enum knob knob;
	unsigned int flags;		/* CASE_* */
	void (*run)(void);		/* or, if NULL, run_with(arg) */
	void (*run_with)(const void *arg);
	const void *arg;
};

/*
 * Where a case runs: where setns() moves its caller; where not; only in mode join;
 * where the caller keeps its struct pid. Mode keep runs the cases of mode join, too.
 */
#define WHERE_MOVES	.modes = MODE_JOIN | MODE_SEED, .knob = KNOB_ON
#define WHERE_STAYS	.modes = MODE_MAINLINE | MODE_JOIN, .knob = KNOB_OFF
#define WHERE_JOIN	.modes = MODE_JOIN, .knob = KNOB_ON
#define WHERE_KEEP	.modes = MODE_KEEP, .knob = KNOB_KEEP

#define CASE(where, name_, fn) { .name = name_, where, .run = fn }
#define CASE_WITH(where, name_, fn, arg_) \
	{ .name = name_, where, .run_with = fn, .arg = arg_ }

struct run_options {
	unsigned int mode;		/* what run__parse_mode() returns */
	bool dangerous;			/* on seed: run only CASE_DANGEROUS */
	const char *only;		/* substring of names to run, or NULL */
	int limit_ms;			/* for one case; 0: by the mode */
};

/* A list of cases; append with run__add(). Free with run__free(). */
struct run_list {
	struct test_case *cases;
	size_t nr;
};

void run__add(struct run_list *l, const struct test_case *cases, size_t nr);
void run__free(struct run_list *l);

/*
 * Runs all cases of @l that @o selects and prints their results to stdout.
 * Restores the sysctl and pid_max. Returns the exit status for the program. On
 * SIGINT and SIGTERM the tree of the running case is killed first.
 */
int run__all(const struct run_list *l, const struct run_options *o);

/* Maps "join", "keep", "mainline", "seed" to MODE_*; 0 for anything else. */
unsigned int run__parse_mode(const char *text);

/* Returns whether the kernel under test takes KNOB_KEEP. */
bool run__keeps(void);

/*
 * How long to wait, in ms, for an effect that occurs at once or never: long
 * enough for a loaded host, short where "never" is the expected result (the
 * seed).
 */
int run__patience(void);

/* --- for use inside a case ----------------------------------------------- */

/*
 * Expectations. Return true if met; otherwise record a line "what: got ..,
 * expected ..", and the case continues. check__err() is for values that are
 * negative errnos, and prints their names.
 */
bool check__eq(const char *what, long got, long want);
bool check__ne(const char *what, long got, long unwanted);
bool check__err(const char *what, long got, long want);
bool check__str(const char *what, const char *got, const char *want);
bool check__true(const char *what, bool is);

/* Records a failure with a message. */
void check__fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Printed if the case fails; does not affect the result. */
void check__note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Always printed; does not affect the result. */
void check__detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A precondition of the case is missing: records the message, ends the process. */
void check__bail(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* Bails unless @value >= 0; returns @value. For steps that are not under test. */
long check__must(const char *what, long value);

/* The kernel lacks a feature that the case needs: ends the case as skipped. */
void check__skip(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/*
 * Returns zeroed memory that all processes of the case share until the end of
 * the case. Never fails (bails when the arena is used up).
 */
void *shared__alloc(size_t size);

#endif /* TESTS_GUEST_RUN_H */
