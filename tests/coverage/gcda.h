/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Converts the counts recorded by a run to executed lines, with gcov(1). The counts are
 * in the file "counts" of the run's directory; TAG_COUNTS in vmtest/wire/protocol.h
 * describes them.
 */
#ifndef TESTS_COVERAGE_GCDA_H
#define TESTS_COVERAGE_GCDA_H

#include "counts.h"

/*
 * Adds the counts of the run in directory @run. @notes is the tree with the .gcno files
 * of its kernel ("gcov" in a kernel's result directory); @tmp is an empty directory for
 * gcov to work in. Returns 0 or -errno with a message; counts of a file without notes
 * are ignored.
 */
int gcda__add(struct counts *c, const char *run, const char *notes,
	      const char *tmp);

#endif /* TESTS_COVERAGE_GCDA_H */
