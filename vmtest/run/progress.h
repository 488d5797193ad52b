/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shows on stderr what the runs of a batch are doing: on a terminal one line
 * that is rewritten in place, in a log a line every ten seconds, and nothing
 * where the line would mix with a command's output.
 */
#ifndef VMTEST_RUN_PROGRESS_H
#define VMTEST_RUN_PROGRESS_H

#include "vmtest/run/batch.h"

struct progress;

/*
 * Shows progress while the loop turns. Only one object may exist at a time.
 * With @command, the runs print a command's output on standard output. Returns
 * NULL, with a message, if there is no timer.
 */
struct progress *progress__new(struct loop *loop, const struct batch *batch,
			       bool command);

/* Erases the line before something else is printed; NULL is legal. */
void progress__clear(struct progress *p);
void progress__free(struct progress *p);

#endif /* VMTEST_RUN_PROGRESS_H */
