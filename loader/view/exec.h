/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the path and the arguments of an exec from its record, and prints them. */
#ifndef LOADER_VIEW_EXEC_H
#define LOADER_VIEW_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>
#include "bpf/wire.h"

/* An argument, or the part of it that the record has room for. */
struct exec_arg {
	const char *bytes;
	size_t len;
	size_t next;	/* offset of the next argument; 0 before the first */
	bool cut;	/* the argument goes on beyond the record */
};

/* Moves to the first or next argument. Returns false after the last one. */
bool exec_arg__next(const struct wire_exec *r, struct exec_arg *arg);

/* Return whether the record lacks a part of the path or of the arguments. */
bool exec__path_is_cut(const struct wire_exec *r);
bool exec__args_are_cut(const struct wire_exec *r);

/*
 * Writes ("/bin/sh", ["sh", "-c", "true"]). Three dots follow what is cut off, and a
 * question mark stands for arguments that could not be read.
 */
void exec__print(const struct wire_exec *r, FILE *out);

/* Writes a blank and the same after the detail of an EXEC; nothing for other records. */
void exec__add(const struct wire_hdr *rec, FILE *out);

#endif /* LOADER_VIEW_EXEC_H */
