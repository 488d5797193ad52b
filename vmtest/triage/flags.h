/* SPDX-License-Identifier: GPL-2.0-only */
/* Recognizes a report with a value of EFLAGS that no CPU can have. */
#ifndef VMTEST_TRIAGE_FLAGS_H
#define VMTEST_TRIAGE_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads *flags from the first register dump on the console. Returns true if a
 * reserved bit has the wrong value.
 */
bool flags__impossible(const char *console, uint32_t *flags);

#endif /* VMTEST_TRIAGE_FLAGS_H */
