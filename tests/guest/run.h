/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs test cases, each in its own tree of processes with a time limit, and
 * writes their results as KTAP.
 *
 * A case is a function that runs in a forked child of the runner and states
 * what it expects with the check functions below. They may be called from any
 * process of the tree (the record lies in shared memory), so what was said
 * survives a death. A case is "ok" only if its function returned, it checked
 * something, nothing failed, the kernel did not warn meanwhile and the whole
 * tree could be killed and reaped afterwards.
 */
#ifndef GUEST_RUN_H
#define GUEST_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "ktap.h"

/* What kind of kernel is under test: kernel/targets, column "mode". */
enum {
	MODE_MAINLINE	= 1 << 0,
	MODE_JOIN	= 1 << 1,
	MODE_SEED	= 1 << 2,
};

/* State of kernel.setns_pid_join that a case needs, where there is one. */
enum knob {
	KNOB_LEAVE,	/* as it was found: cases about the default */
	KNOB_OFF,
	KNOB_ON,
};

enum {
	/* Crashes or hangs a kernel that lacks the check: last, and asked for. */
	CASE_DANGEROUS	= 1 << 0,
	/* Of those, it hangs rather than crashes: after all the others. */
	CASE_HANGS	= 1 << 1,
};

struct test_case {
	const char *name;		/* one line, says what is expected */
	unsigned int modes;		/* MODE_* it is run in */
	enum knob knob;
	unsigned int flags;		/* CASE_* */
	void (*run)(const void *arg);
	const void *arg;
};

struct run_options {
	unsigned int mode;		/* one of MODE_* */
	bool dangerous;			/* on seed: run CASE_DANGEROUS, not the rest */
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
 * Runs all cases of @l that @o selects and prints them to stdout. Restores
 * the knob and pid_max. Returns the exit status for the program; on SIGINT
 * and SIGTERM the tree of the running case is killed first.
 */
int run__all(const struct run_list *l, const struct run_options *o);

/* "join", "mainline", "seed" to MODE_*; 0 for anything else. */
unsigned int run__parse_mode(const char *text);

/* MODE_* of this run, for a case that expects a thing here, another there. */
unsigned int run__mode(void);

/*
 * How long to wait, in ms, for what the kernel does at once or never: long
 * for a loaded host, short where "never" is the expected finding (the seed).
 */
int run__patience(void);

/* --- for use inside a case ----------------------------------------------- */

/*
 * Expectations. True when met; else a line "what: got .., expected .." is
 * recorded and the case goes on. check__err() is for values that are negative
 * errnos, and prints their names.
 */
bool check__eq(const char *what, long got, long want);
bool check__ne(const char *what, long got, long unwanted);
bool check__err(const char *what, long got, long want);
bool check__str(const char *what, const char *got, const char *want);
bool check__true(const char *what, bool is);

/* A failure in words. */
void check__fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Shown if the case fails; decides nothing. */
void check__note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Shown whatever comes of the case; decides nothing. */
void check__tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What the case is built on is missing: records it, ends the process. */
void check__bail(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* Bails unless @value >= 0; returns it. For steps that are not under test. */
long check__must(const char *what, long value);

/* This kernel lacks what the case needs: ends the case as skipped. */
void check__skip(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/*
 * Zeroed memory that all processes of the case share, until it ends. Never
 * fails (bails when the arena is used up).
 */
void *shared__alloc(size_t size);

#endif
