/* SPDX-License-Identifier: GPL-2.0-only */
/* Starts QEMU, saves guests, and resumes saved ones. */
#ifndef VMTEST_RUN_LAUNCH_H
#define VMTEST_RUN_LAUNCH_H

#include "vmtest/run/state.h"

/* Starts QEMU, resuming a saved guest if possible. 0 or -errno with a message. */
int launch__start(struct run *r);

/*
 * Sets *text and *len to what a guest that another run saved had sent on a channel
 * before; free *text. NULL: nothing. Returns 0 or -errno.
 */
int launch__output(const struct run *r, enum channel ch, char **text, size_t *len);

/* Saves a guest that waits for its job, or starts gdb, or sends the job. */
void launch__ready(struct run *r);

/* Kills QEMU since the guest was not saved or not resumed. Takes why. */
void launch__not_saved(struct run *r, char *why);

/* QEMU ended in state was. Returns true if the run continues with a new QEMU. */
bool launch__relaunch(struct run *r, enum run_state was);

void launch__free(struct run *r);

#endif /* VMTEST_RUN_LAUNCH_H */
