/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Computes the checksum of a block: two CRC-32C, of the even and of the odd words.
 *
 * The CPU's instruction takes eight bytes. XXH3, compiled for SSE2, takes an instruction
 * for each byte, and was a third of what a record costs outside the kernel.
 */
#ifndef LOADER_TRACE_CHECKSUM_H
#define LOADER_TRACE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CRC32C_REVERSED 0x82f63b78u

/* A step of the CRC, for CPUs without the instruction. */
static inline uint32_t crc32c_word(uint32_t crc, uint64_t word)
{
	for (int bit = 0; bit < 64; bit++, word >>= 1)
		crc = crc >> 1 ^ ((crc ^ word) & 1 ? CRC32C_REVERSED : 0);
	return crc;
}

/* The end of a damaged block may be a part of a word. */
static inline uint64_t word_at(const char *data, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, data, len < sizeof(word) ? len : sizeof(word));
	return word;
}

/* Takes 16 bytes. */
#define CHECKSUM_PAIR(step, p)						\
	do {								\
		even = step(even, word_at(p, 8));			\
		odd = step(odd, word_at((p) + 8, 8));			\
	} while (0)

#define CHECKSUM(step)							\
	uint64_t even = (uint32_t)seed, odd = seed >> 32;		\
	const char *p = data;						\
									\
	for (; len >= 64; p += 64, len -= 64) {				\
		CHECKSUM_PAIR(step, p);					\
		CHECKSUM_PAIR(step, p + 16);				\
		CHECKSUM_PAIR(step, p + 32);				\
		CHECKSUM_PAIR(step, p + 48);				\
	}								\
	for (; len >= 16; p += 16, len -= 16)				\
		CHECKSUM_PAIR(step, p);					\
	if (len)							\
		even = step(even, word_at(p, len));			\
	if (len > 8)							\
		odd = step(odd, word_at(p + 8, len - 8));		\
	return odd << 32 | even

static inline uint64_t checksum_by_bits(const void *data, size_t len, uint64_t seed)
{
	CHECKSUM(crc32c_word);
}

#ifdef __x86_64__
static inline __attribute__((target("sse4.2")))
uint64_t checksum_by_cpu(const void *data, size_t len, uint64_t seed)
{
	CHECKSUM(__builtin_ia32_crc32di);
}

#define HAS_CHECKSUM_CPU __builtin_cpu_supports("sse4.2")
#else
#define checksum_by_cpu checksum_by_bits
#define HAS_CHECKSUM_CPU 0
#endif

static inline uint64_t checksum(const void *data, size_t len, uint64_t seed)
{
	return HAS_CHECKSUM_CPU ? checksum_by_cpu(data, len, seed) :
				  checksum_by_bits(data, len, seed);
}

#endif /* LOADER_TRACE_CHECKSUM_H */
