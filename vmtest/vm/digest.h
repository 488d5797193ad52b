/* SPDX-License-Identifier: GPL-2.0-only */
/* Digests of the files of a saved guest, which notice damage, not an attack. */
#ifndef VMTEST_VM_DIGEST_H
#define VMTEST_VM_DIGEST_H

#include <stdint.h>

/*
 * Sets *out to a digest of the file's size and contents. Holes are not read, and count
 * as the zeros that they stand for. Returns 0 or -errno.
 */
int digest__file(const char *path, uint64_t *out);

#endif /* VMTEST_VM_DIGEST_H */
