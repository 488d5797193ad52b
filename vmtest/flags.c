// SPDX-License-Identifier: GPL-2.0-only
/*
 * See flags.h. A QEMU whose cmpxchg16b gets the flags wrong dies like this: tcg.c has
 * the cause, and guests that have no such instruction. A QEMU that could not be probed
 * has the fault still.
 */
#include "flags.h"

#include <stdio.h>
#include <string.h>

#include "eflags.h"

bool flags__impossible(const char *console, uint32_t *flags)
{
	const char *at = strstr(console, "EFLAGS: ");
	unsigned int value;

	if (!at || sscanf(at, "EFLAGS: %8x", &value) != 1)
		return false;
	*flags = value;
	return !(value & EFLAGS_ALWAYS_SET) || value & EFLAGS_ALWAYS_CLEAR;
}
