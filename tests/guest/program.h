/* SPDX-License-Identifier: GPL-2.0-only */
/* main() of a program that runs cases. */
#ifndef TESTS_GUEST_PROGRAM_H
#define TESTS_GUEST_PROGRAM_H

#include "lib/array.h"
#include "run.h"

typedef void program_add_fn(struct run_list *l);

/* Defines such a function, which adds the array @cases_. */
#define PROGRAM_PART(name, cases_) \
	void name(struct run_list *l) { run__add(l, cases_, ARRAY_SIZE(cases_)); }

/*
 * Parses the options, collects the cases of @parts (NULL-terminated), and runs or
 * lists them. Returns the exit status: 2 for bad usage.
 */
int program__main(int argc, char **argv, const char *doc,
		  program_add_fn *const *parts);

#endif /* TESTS_GUEST_PROGRAM_H */
