/* SPDX-License-Identifier: GPL-2.0-only */
/* The signals that end us, as events: nothing is left half done. */
#ifndef VMTEST_SIGNALS_H
#define VMTEST_SIGNALS_H

/*
 * Blocks them, and ignores SIGPIPE: a reader that went away is an error of
 * write(), not our end. Returns a signalfd that closes on exec and has @flags
 * besides, or -errno.
 */
int signals__open(int flags);

/* Ends as the signal would have ended us. */
void signals__die_of(int sig);

#endif
