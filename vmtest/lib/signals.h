/* SPDX-License-Identifier: GPL-2.0-only */
/* The signals that end the runner, as events: no work is left half done. */
#ifndef VMTEST_LIB_SIGNALS_H
#define VMTEST_LIB_SIGNALS_H

/*
 * Blocks these signals, and ignores SIGPIPE: a missing reader is an error of
 * write(), not the end of the runner. Returns a close-on-exec signalfd with
 * @flags, or -errno.
 */
int signals__open(int flags);

/* Ends the process by the signal's default action. */
void signals__die_of(int sig);

#endif /* VMTEST_LIB_SIGNALS_H */
