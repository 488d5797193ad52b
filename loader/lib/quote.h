/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes untrusted bytes as a string literal of C, as strace does. */
#ifndef LOADER_LIB_QUOTE_H
#define LOADER_LIB_QUOTE_H

#include <stddef.h>
#include <stdio.h>

/* Writes "a\tb\33[2J", quotes included. The bytes may contain NULs. */
void quote__put(FILE *out, const char *bytes, size_t len);

#endif /* LOADER_LIB_QUOTE_H */
