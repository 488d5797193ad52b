// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the reserved bits of EFLAGS in the first register dump. A QEMU whose
 * cmpxchg16b computes wrong flags kills its guest with such a dump. vmtest/host/tcg.c
 * explains the cause, and hides the instruction from guests of such a QEMU; a QEMU that
 * could not be probed may still have the fault.
 */
#include "vmtest/triage/flags.h"

#include <stdio.h>
#include <string.h>

#include "vmtest/wire/eflags.h"

bool flags__impossible(const char *console, uint32_t *flags)
{
	const char *at = strstr(console, "EFLAGS: ");
	unsigned int value;

	if (!at || sscanf(at, "EFLAGS: %8x", &value) != 1)
		return false;
	*flags = value;
	return !(value & EFLAGS_ALWAYS_SET) || value & EFLAGS_ALWAYS_CLEAR;
}
