/* SPDX-License-Identifier: GPL-2.0-only */
/* Decodes the bytes in a text line of the guest (vmtest/wire/protocol.h). */
#ifndef VMTEST_LIB_BYTES_H
#define VMTEST_LIB_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decodes, in place, a JSON string of code points below 256 into one byte for
 * each, so the text never grows. Returns false if @text is not such a string.
 */
bool bytes__decode(char *text, size_t *len);

#endif /* VMTEST_LIB_BYTES_H */
