/* SPDX-License-Identifier: GPL-2.0-only */
/* Recognizes reports of the kernel that a fault of the emulator causes. */
#ifndef VMTEST_TRIAGE_EMULATOR_H
#define VMTEST_TRIAGE_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "vmtest/triage/scanner.h"

/*
 * Returns the place, as "FUNCTION+0xOFFSET", if the first report on the console
 * is about an int3 that is not in memory; else NULL. Free it.
 */
char *int3__not_in_memory(const char *console, const struct scanner *s,
			  const struct allow *allow);

/*
 * Reads *flags from the first register dump on the console. Returns true if a
 * reserved bit has the wrong value, which no CPU can have.
 */
bool flags__impossible(const char *console, uint32_t *flags);

#endif /* VMTEST_TRIAGE_EMULATOR_H */
