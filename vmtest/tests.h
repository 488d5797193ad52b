/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests that a guest can run: one table, for the runner, which packs and
 * asks for them, and for the guest's init, which starts them.
 *
 * A test is asked for as NAME, or as NAME:TEXT, which runs only what TEXT
 * selects (the program's --only).
 */
#ifndef VMTEST_TESTS_H
#define VMTEST_TESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct test {
	const char *name;
	const char *program;	/* below /tests */
	const char *flag;	/* one more argument, or NULL */
	const char *mode;	/* mode of the kernels it is for; NULL: all */
	const char *not_mode;	/* of kernels that it would end; NULL: none */
	bool faults;		/* is run where allocations can be made to fail */
	bool two_cpus;		/* has races that one CPU cannot lose */
	bool counts;		/* takes --seed, --ops and --expect */
	bool crashes;		/* may end the kernel, and with it the trace */
};

static const struct test tests[] = {
	{ .name = "semantics", .program = "semantics" },
	{ .name = "purposes", .program = "purposes" },
	{ .name = "failnth", .program = "failnth", .not_mode = "seed",
	  .faults = true },
	{ .name = "races", .program = "races", .mode = "join",
	  .two_cpus = true },
	{ .name = "stress", .program = "stress", .counts = true },
	/* What crashes the seed is no news: at the end, and only there. */
	{ .name = "dangerous", .program = "semantics", .flag = "--dangerous",
	  .mode = "seed", .crashes = true },
};
#define TESTS (sizeof(tests) / sizeof(tests[0]))
#define TEST_NAMES "semantics, purposes, failnth, races, stress and dangerous"

/* Returns true if there is something to test on a kernel of that mode. */
static inline bool test__suits(const struct test *t, const char *mode)
{
	return !(t->mode && strcmp(t->mode, mode)) &&
	       !(t->not_mode && !strcmp(t->not_mode, mode));
}

/* Is it run unasked on a kernel of that mode, able to fail allocations or not? */
static inline bool test__fits(const struct test *t, const char *mode,
			      bool faults)
{
	return test__suits(t, mode) && (faults || !t->faults);
}

/* The test of "NAME" or "NAME:TEXT"; *only is TEXT or NULL. NULL: none. */
static inline const struct test *test__find(const char *spec, const char **only)
{
	size_t n = strcspn(spec, ":");

	*only = spec[n] ? spec + n + 1 : NULL;
	for (size_t i = 0; i < TESTS; i++) {
		if (strlen(tests[i].name) == n &&
		    !strncmp(tests[i].name, spec, n))
			return &tests[i];
	}
	return NULL;
}

#endif
