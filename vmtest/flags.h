/* SPDX-License-Identifier: GPL-2.0-only */
/* Recognizes a report whose flags register no CPU can have. */
#ifndef VMTEST_FLAGS_H
#define VMTEST_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Returns true if the first register dump on the console has an EFLAGS with
 * reserved bits in it, and *flags.
 */
bool flags__impossible(const char *console, uint32_t *flags);

#endif
