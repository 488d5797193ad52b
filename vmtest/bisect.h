/* SPDX-License-Identifier: GPL-2.0-only */
/* `vmtest bisect-step': one kernel's verdict as `git bisect run' asks for it. */
#ifndef VMTEST_BISECT_H
#define VMTEST_BISECT_H

#include <stdbool.h>

#include "options.h"
#include "verdict.h"

/* Exit statuses, see git-bisect(1): "bisect run". */
#define BISECT_GOOD 0
#define BISECT_BAD 1
#define BISECT_SKIP 125		/* this commit cannot be tested */
#define BISECT_STOP 255		/* no commit can: above 127, git gives up */

/*
 * Parses the options of a run. Without KERNEL_SRC in the environment the current
 * directory is the tree, and is put there; without a target it is "tree". The
 * files go to a directory of the commit's. Returns 0, or -EINVAL with a message.
 */
int bisect__parse(struct options *o, int argc, char **argv);

/* @booted: did each guest that did not pass come to its init? */
int bisect__status(enum verdict verdict, bool booted);

#endif
