/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is each rule violated, live, by a kernel with a fault?
 *
 * That a mutant is caught says that one of its catchers spoke, and the run ends
 * with the first. Here each rule of the catalogue has a run that ends when this
 * rule speaks, on a mutant of which the table says that it may; if it does not,
 * there is the next such mutant.
 */
#ifndef VMTEST_MUTANT_RULES_H
#define VMTEST_MUTANT_RULES_H

#include "mutants.h"

/*
 * Makes a result for each rule, or each that opt->only names, with its first
 * mutant; adds the targets of all that may come to @targets. Returns 0 or -errno
 * with a message.
 */
int mutant_rules__init(struct mutants *ms, const char *judge,
		       struct strv *targets);

/* The next mutant is r->mutant. Returns false when there is none. */
bool mutant_rules__next(struct mutants *ms, struct mutant_result *r);

#endif
