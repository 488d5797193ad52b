/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what a run has left (its directory's file "counts", see vmtest's
 * protocol.h) to executed lines, by gcov(1).
 */
#ifndef COVERAGE_GCDA_H
#define COVERAGE_GCDA_H

#include "counts.h"

/*
 * Adds what the run in directory @run has counted. @notes is the tree with the
 * .gcno files of its kernel (a kernel's result directory has it as "gcov");
 * @tmp is an empty directory for gcov to work in. Returns 0 or -errno with a
 * message; what was counted of a file without notes is left out.
 */
int gcda__add(struct counts *c, const char *run, const char *notes,
	      const char *tmp);

#endif
