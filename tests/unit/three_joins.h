/* SPDX-License-Identifier: GPL-2.0-only */
/* A short run of the right kernel, for the tests of the judge. */
#ifndef TESTS_UNIT_THREE_JOINS_H
#define TESTS_UNIT_THREE_JOINS_H

#include "judging.h"

extern const struct judge_opts join_opts;

/* A task is forked, executes a program and exits. */
void everyday(struct scene *s);

/* Three joins, each by its own task; the mutations see all of them. */
void three_joins(struct scene *s);

/* begin: the three joins, without the end of the stream. m may be NULL. */
void three_joins__begin(struct scene *s, const struct mutation *m);
void three_joins__end(struct scene *s);

/* Whether one of the reasons of the verdict has this text. */
bool scene__has_reason(const struct scene *s, const char *text);

#endif /* TESTS_UNIT_THREE_JOINS_H */
