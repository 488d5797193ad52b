/* SPDX-License-Identifier: GPL-2.0-only */
/* What came of tests, in the formats that other tools read. */
#ifndef VMTEST_REPORTS_H
#define VMTEST_REPORTS_H

#include "../results/events.h"

/*
 * dir/results<suffix>.ktap, junit<suffix>.xml and results<suffix>.json; each is
 * there whole or not at all. Returns 0 or -errno.
 */
int reports__write(const struct events *ev, const char *name, const char *dir,
		   const char *suffix);

/* Removes them. Returns 0 or -errno. */
int reports__remove(const char *dir, const char *suffix);

#endif
