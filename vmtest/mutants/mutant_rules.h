/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks that some faulty kernel violates each rule in a live run.
 *
 * The run of a mutant ends with the first catcher that fires, so a caught mutant
 * proves only that one of its catchers works. Here each rule of the catalogue
 * gets a run that ends when this rule is violated, on a mutant that may violate
 * the rule according to the table. If the mutant does not, the next such mutant
 * is tried.
 */
#ifndef VMTEST_MUTANTS_MUTANT_RULES_H
#define VMTEST_MUTANTS_MUTANT_RULES_H

#include "vmtest/mutants/mutants.h"

/*
 * Makes a result with its first mutant for each rule, or each rule in
 * opt->only; adds the targets of all mutants that may be tried to @targets.
 * Returns 0 or -errno with a message.
 */
int mutant_rules__init(struct mutants *ms, const char *judge,
		       struct strv *targets);

/* Sets r->mutant to the next mutant to try. Returns false if none is left. */
bool mutant_rules__next(struct mutants *ms, struct mutant_result *r);

#endif /* VMTEST_MUTANTS_MUTANT_RULES_H */
