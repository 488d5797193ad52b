/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The debugging aids a kernel may have been built with, and what each asks of
 * the runner: memory, time, words on the command line, a look at the end.
 *
 * They are known by the kernel's config, not by its name, so that a kernel of
 * the user's gets the same.
 */
#ifndef VMTEST_SANITIZER_H
#define VMTEST_SANITIZER_H

#include <stdbool.h>

#include "util.h"

struct sanitizer {
	const char *option;	/* that it was built with */
	const char *params;	/* of the kernel's command line, or NULL */
	const char *check;	/* what the guest is to look at when the tests
				   have ended (guest/checks.c), or NULL */
	const char *allow;	/* its list in vmtest/allow, or NULL */
	unsigned int mib;	/* of memory, on top */
	double slower;		/* how many times, under TCG, about */
};

extern const struct sanitizer sanitizers[];
extern const size_t sanitizers_nr;

/* Those of one kernel, summed up. */
struct sanitizing {
	unsigned int mib;
	double slower;		/* 1: there are none */
	struct strv params, checks, allow;
};

void sanitizing__init(struct sanitizing *s);
void sanitizing__add(struct sanitizing *s, const struct sanitizer *one);
void sanitizing__free(struct sanitizing *s);

#endif
