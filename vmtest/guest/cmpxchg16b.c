// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests whether cmpxchg16b leaves impossible flags behind. vmtest/host/tcg.c explains
 * the bug in QEMU.
 *
 * An addition of a random word is the last instruction before cmpxchg16b that sets
 * flags. A QEMU with the bug copies bits of that word to EFLAGS. Most words have a bit
 * at a reserved position.
 */
#include <cpuid.h>
#include <stdint.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/eflags.h"

#define WORDS 64

/* TF, NT and VM are clear in a user program; the upper half is reserved. */
#define USER_CLEAR	(1U << 8 | 1U << 14 | 1U << 17)

static bool has_it(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && c & bit_CMPXCHG16B;
}

/*
 * popfq makes QEMU record the flags as a whole, and the addition makes QEMU
 * record the operands instead. The red zone below the stack pointer belongs to
 * the compiler.
 */
static uint64_t flags_after(uint64_t word)
{
	static uint64_t memory[2] __attribute__((aligned(16)));
	uint64_t flags;

	memory[0] = memory[1] = 0;
	__asm__ volatile("xor %%eax, %%eax\n"
			 "xor %%edx, %%edx\n"
			 "mov $1, %%ebx\n"
			 "xor %%ecx, %%ecx\n"
			 "mov $0, %%r8d\n"
			 "lea -128(%%rsp), %%rsp\n"
			 "pushfq\n"
			 "popfq\n"
			 "add %2, %%r8\n"
			 "lock cmpxchg16b %1\n"
			 "pushfq\n"
			 "pop %0\n"
			 "lea 128(%%rsp), %%rsp\n"
			 : "=&r"(flags), "+m"(memory)
			 : "r"(word)
			 : "rax", "rbx", "rcx", "rdx", "r8", "cc", "memory");
	return flags;
}

enum fault cmpxchg16b__test(void)
{
	if (!has_it())
		return FAULT_NO;
	for (uint64_t i = 1; i <= WORDS; i++) {
		uint64_t flags = flags_after(UINT64_C(0x0123456789abcdef) * i);

		if (!(flags & EFLAGS_ALWAYS_SET) || flags >> 32 ||
		    flags & (EFLAGS_ALWAYS_CLEAR | USER_CLEAR))
			return FAULT_YES;
	}
	return FAULT_NO;
}
