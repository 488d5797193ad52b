/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a run while QEMU lives. */
#ifndef VMTEST_RUN_EVENTS_H
#define VMTEST_RUN_EVENTS_H

#include "vmtest/run/state.h"

/* Creates and watches the timer of the limits. Returns 0 or -errno. */
int events__arm(struct run *r);

/*
 * Watches QEMU's channels and its end, and repeats what a saved guest printed before it
 * was saved. To be called after each launch. Returns 0, or -errno with a message.
 */
int events__watch(struct run *r);

/* Reads the remaining data of the channels after QEMU has ended. */
void events__drain(struct run *r);

#endif /* VMTEST_RUN_EVENTS_H */
