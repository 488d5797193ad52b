/* SPDX-License-Identifier: GPL-2.0-only */
/* `vmtest bisect-step': maps a verdict to the exit status for `git bisect run'. */
#ifndef VMTEST_OPTIONS_BISECT_H
#define VMTEST_OPTIONS_BISECT_H

#include <stdbool.h>

#include "lib/verdict.h"
#include "vmtest/options/options.h"

/* Exit statuses, see git-bisect(1): "bisect run". */
#define BISECT_GOOD 0
#define BISECT_BAD 1
#define BISECT_SKIP 125		/* this commit cannot be tested */
#define BISECT_STOP 255		/* no commit can be tested: git stops above 127 */

/*
 * Parses the options of a run. KERNEL_SRC names the tree; if unset, the variable
 * is set to the current directory. The default target is "tree". The run's files
 * go to a directory named after the commit. Returns 0, or -EINVAL with a message.
 */
int bisect__parse(struct options *o, int argc, char **argv);

/* Returns the exit status; @booted: each guest that did not pass reached its init. */
int bisect__status(enum verdict verdict, bool booted);

#endif /* VMTEST_OPTIONS_BISECT_H */
