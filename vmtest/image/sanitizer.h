/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The debugging aids that a kernel may have been built with, and the needs of
 * each: memory, time, kernel parameters, a check at the end.
 *
 * The kernel's config decides, not the target's name, so that a user's kernel gets
 * the same treatment.
 */
#ifndef VMTEST_IMAGE_SANITIZER_H
#define VMTEST_IMAGE_SANITIZER_H

#include <stdbool.h>

#include "vmtest/lib/util.h"

struct sanitizer {
	const char *option;	/* in the kernel's config */
	const char *params;	/* kernel parameters, or NULL */
	const char *check;	/* made by the guest after the tests
				   (vmtest/guest/checks.c), or NULL */
	const char *allow;	/* its list in vmtest/allow, or NULL */
	unsigned int mib;	/* additional memory */
	double slower;		/* approximate slowdown under TCG, a factor */
};

extern const struct sanitizer sanitizers[];
extern const size_t sanitizers_nr;

/* The needs of all aids of one kernel. */
struct sanitizing {
	unsigned int mib;
	double slower;		/* 1: no aids */
	struct strv params, checks, allow;
};

void sanitizing__init(struct sanitizing *s);
void sanitizing__add(struct sanitizing *s, const struct sanitizer *one);
void sanitizing__free(struct sanitizing *s);

#endif /* VMTEST_IMAGE_SANITIZER_H */
