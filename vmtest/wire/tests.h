/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests that a guest can run, in one table for the runner, which requests the
 * tests, and for the guest's init, which starts the programs.
 *
 * A test is requested as NAME, or as NAME:TEXT, which runs only the cases that TEXT
 * selects (the program's --only).
 */
#ifndef VMTEST_WIRE_TESTS_H
#define VMTEST_WIRE_TESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lib/array.h"

struct test {
	const char *name;
	const char *program;	/* below /tests */
	const char *flag;	/* one more argument, or NULL */
	const char *mode;	/* mode of the kernels to test; NULL: all; "join":
				 * those of mode keep as well */
	const char *not_mode;	/* mode of kernels that would crash; NULL: none */
	bool faults;		/* needs a kernel whose allocations can fail */
	bool two_cpus;		/* has races that need two CPUs */
	bool counts;		/* takes --seed, --ops and --expect */
	bool crashes;		/* may crash the kernel, which ends the trace */
};

static const struct test tests[] = {
	{ .name = "semantics", .program = "semantics" },
	{ .name = "purposes", .program = "purposes" },
	{ .name = "creation", .program = "creation" },
	{ .name = "processes", .program = "processes", .not_mode = "seed" },
	{ .name = "numbers", .program = "numbers", .not_mode = "seed" },
	{ .name = "failnth", .program = "failnth", .not_mode = "seed",
	  .faults = true },
	{ .name = "races", .program = "races", .mode = "join",
	  .two_cpus = true },
	{ .name = "entrances", .program = "entrances", .not_mode = "seed" },
	{ .name = "stress", .program = "stress", .counts = true },
	/* Known to crash seed kernels, so these cases run last, and only there. */
	{ .name = "dangerous", .program = "semantics", .flag = "--dangerous",
	  .mode = "seed", .crashes = true },
};
#define TESTS (ARRAY_SIZE(tests))

/* Returns true if the test applies to kernels of that mode. */
static inline bool test__suits(const struct test *t, const char *mode)
{
	bool joins = t->mode && !strcmp(t->mode, "join") && !strcmp(mode, "keep");

	return (!t->mode || joins || !strcmp(t->mode, mode)) &&
	       !(t->not_mode && !strcmp(t->not_mode, mode));
}

/* Returns true if the test runs by default; faults: allocations can fail there. */
static inline bool test__fits(const struct test *t, const char *mode,
			      bool faults)
{
	return test__suits(t, mode) && (faults || !t->faults);
}

/* Returns the test of "NAME" or "NAME:TEXT", or NULL; sets *only to TEXT or NULL. */
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

#endif /* VMTEST_WIRE_TESTS_H */
