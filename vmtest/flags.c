// SPDX-License-Identifier: GPL-2.0-only
/*
 * See flags.h. QEMU before 8.0 computes the flags of cmpxchg16b from what it last
 * noted of the flags, which may be an operand of an earlier instruction:
 * gen_helper_cmpxchg16b() in target/i386/tcg/translate.c of 7.2 is not preceded by
 * gen_update_cc_op(). The flag that the kernel looks at is right, and the next
 * addition computes all of them anew. But an interrupt in between saves a part of a
 * pointer as EFLAGS, and the return from it restores what may be NT or TF: a double
 * fault, in a function of the slab allocator, which is full of cmpxchg16b.
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
