/* SPDX-License-Identifier: GPL-2.0-only */
/* Distinguishes a kernel's int3 from one that only the emulator has seen. */
#ifndef VMTEST_TRIAGE_INT3_H
#define VMTEST_TRIAGE_INT3_H

#include "vmtest/triage/allow.h"
#include "vmtest/triage/scanner.h"

/*
 * Returns the place, as "FUNCTION+0xOFFSET", if the first report on the console
 * is about an int3 that is not in memory; else NULL. Free it.
 */
char *int3__not_in_memory(const char *console, const struct scanner *s,
			  const struct allow *allow);

#endif /* VMTEST_TRIAGE_INT3_H */
