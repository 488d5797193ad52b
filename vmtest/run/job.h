/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formats the runner's messages to the guest, without newlines. vmtest/wire/protocol.h
 * describes the messages.
 */
#ifndef VMTEST_RUN_JOB_H
#define VMTEST_RUN_JOB_H

#include "vmtest/run/run.h"

/* Returns the settings, which a guest needs before the job; free it. */
char *job__settings(const struct run_spec *s);

/* Returns the job; free it. */
char *job__text(const struct run_spec *s);

#endif /* VMTEST_RUN_JOB_H */
