/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of all rules, from `pidnstrace rules`. */
#ifndef VMTEST_MUTANTS_CATALOGUE_H
#define VMTEST_MUTANTS_CATALOGUE_H

#include "vmtest/lib/util.h"

/*
 * Runs pidnstrace, at the path @judge. Fills @ids ("I17") and @statements in the
 * order printed. Returns 0, or -errno with a message.
 */
int catalogue__read(const char *judge, struct strv *ids,
		    struct strv *statements);

#endif /* VMTEST_MUTANTS_CATALOGUE_H */
