/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.h - uthash, set up for tables keyed by a kernel address.
 *
 * The key is the first member of the element: struct x { uint64_t key; ...;
 * UT_hash_handle hh; }. Out of memory ends the program: nothing that was not
 * counted can be judged.
 */
#ifndef LOADER_TABLE_H
#define LOADER_TABLE_H

#include <err.h>
#include <stdint.h>
#include <string.h>

#define uthash_fatal(msg) errx(2, "out of memory")

/* Addresses are aligned and close to each other: Fibonacci hashing. */
#define HASH_FUNCTION(keyptr, keylen, hashv)				\
do {									\
	uint64_t key_;							\
	memcpy(&key_, (keyptr), sizeof(key_));				\
	(hashv) = (unsigned int)((key_ * 0x9e3779b97f4a7c15ull) >> 32);	\
} while (0)

#include <uthash.h>

#define TABLE_FIND(head, keyptr, out) \
	HASH_FIND(hh, head, keyptr, sizeof(uint64_t), out)
#define TABLE_ADD(head, keyfield, add) \
	HASH_ADD(hh, head, keyfield, sizeof(uint64_t), add)
#define TABLE_DEL(head, del) HASH_DELETE(hh, head, del)

#endif /* LOADER_TABLE_H */
