/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of the stress program. */
#ifndef TESTS_GUEST_STRESS_OPTIONS_H
#define TESTS_GUEST_STRESS_OPTIONS_H

#include "stress.h"

struct options {
	uint64_t seed;
	unsigned int ops;
	enum stress_mode mode;
	const char *expect;
	uint32_t only;		/* mask of operations */
	bool verbose;
};

/* Returns the exit status to leave with, or -1 to continue. */
int options__parse(int argc, char **argv, struct options *opt);

/* Returns the mode as spelled on the command line. */
const char *mode__name(enum stress_mode mode);

#endif /* TESTS_GUEST_STRESS_OPTIONS_H */
