/* SPDX-License-Identifier: GPL-2.0-only */
/* Compares two files byte for byte. */
#ifndef VMTEST_REPLAY_COMPARE_H
#define VMTEST_REPLAY_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

struct difference {
	uint64_t a_bytes, b_bytes;
	bool same;
	uint64_t at;		/* first byte that differs or is missing */
};

/*
 * Compares the files at @a and @b, without @tail at the end of @b, if present
 * (NULL: no tail). Returns 0 or -errno.
 */
int compare__files(const char *a, const char *b, const char *tail,
		   struct difference *d);

#endif /* VMTEST_REPLAY_COMPARE_H */
