/* SPDX-License-Identifier: GPL-2.0-only */
/* Results of tests in the formats that other tools read. */
#ifndef VMTEST_RUN_RESULT_FILES_H
#define VMTEST_RUN_RESULT_FILES_H

#include "results/events.h"

/*
 * Writes dir/results<suffix>.ktap, junit<suffix>.xml and results<suffix>.json;
 * each file is complete or absent. Returns 0 or -errno.
 */
int result_files__write(const struct events *ev, const char *name, const char *dir,
		   const char *suffix);

/* Removes these files. Returns 0 or -errno. */
int result_files__remove(const char *dir, const char *suffix);

#endif /* VMTEST_RUN_RESULT_FILES_H */
