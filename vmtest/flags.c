// SPDX-License-Identifier: GPL-2.0-only
/*
 * See flags.h. A QEMU whose cmpxchg16b gets the flags wrong dies like this: tcg.c has
 * the cause, and guests that have no such instruction. A QEMU that could not be probed
 * has the fault still.
 *
 * The bits are those of the Intel SDM, volume 1, 3.4.3: bit 1 is set; 3, 5, 15 and
 * all from 22 on are clear.
 */
#include "flags.h"

#include <stdio.h>
#include <string.h>

#define ALWAYS_SET	(1U << 1)
#define ALWAYS_CLEAR	(1U << 3 | 1U << 5 | 1U << 15 | ~0U << 22)

bool flags__impossible(const char *console, uint32_t *flags)
{
	const char *at = strstr(console, "EFLAGS: ");
	unsigned int value;

	if (!at || sscanf(at, "EFLAGS: %8x", &value) != 1)
		return false;
	*flags = value;
	return !(value & ALWAYS_SET) || value & ALWAYS_CLEAR;
}
