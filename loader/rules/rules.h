/* SPDX-License-Identifier: GPL-2.0-only */
/* The catalogue of rules: each is an entry of one of the tables in rules_*.c. */
#ifndef LOADER_RULES_RULES_H
#define LOADER_RULES_RULES_H

#include "loader/rules/rule.h"

/* The tables of rules, one per rules_*.c. Each ends with a rule without an id. */
extern const struct rule rules_window[], rules_rewrite[], rules_global[],
	rules_tasks[], rules_life[], rules_ns[], rules_keep[];

/* Returns all rules, sorted by number, and sets *n. */
const struct rule *const *rules__all(size_t *n);

/* Finds a rule by "I17", "i17" or "17". Returns NULL if the rule does not exist. */
const struct rule *rules__find(const char *id);

/*
 * Selects rules by a list: "I17,I19", "I1..I8", "-I40" (all but), "all". selected
 * has one flag for each of rules__all(). Returns 0, or -EINVAL with the reason in err.
 */
int rules__select(const char *list, bool *selected, char *err, size_t errlen);

#endif /* LOADER_RULES_RULES_H */
