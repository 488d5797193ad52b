/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that a run writes to its directory. */
#ifndef VMTEST_RUN_RUN_FILES_H
#define VMTEST_RUN_RUN_FILES_H

#include "vmtest/run/state.h"

/* Makes the directory and opens the files. A probe has none. 0 or -errno with a message. */
int run_files__open(struct run *r);
void run_files__close(struct run *r);

/* Removes the empty and the temporary files. */
void run_files__remove_unused(struct run *r);

#endif /* VMTEST_RUN_RUN_FILES_H */
