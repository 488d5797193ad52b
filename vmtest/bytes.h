/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes in a line of text, as protocol.h has them. */
#ifndef VMTEST_BYTES_H
#define VMTEST_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A JSON string whose code points are all below 256, in place, back to that
 * many bytes; it never grows. False if it is no such string.
 */
bool bytes__decode(char *text, size_t *len);

#endif
