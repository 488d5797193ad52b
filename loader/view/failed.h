/* SPDX-License-Identifier: GPL-2.0-only */
/* Names a call that failed to make a process or a namespace, and its arguments. */
#ifndef LOADER_VIEW_FAILED_H
#define LOADER_VIEW_FAILED_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "loader/trace/record.h"

/* True for a record of a failed call: struct wire_call_failed, or a failed setns(). */
bool record__failed(const struct wire_hdr *rec);

/* True for the types with a struct wire_call_failed. */
bool type__is_call_failed(unsigned int type);

/* Returns the name of the system call: "clone". */
const char *failed__system_call(const struct wire_call_failed *r);

/*
 * Returns the same, but "fork" for a clone() that does no more than fork(): so does
 * libc's fork().
 */
const char *failed__name(const struct wire_call_failed *r);

/* Prints the call as strace does: "fork", "clone3({flags=CLONE_NEWPID, set_tid=[7]})". */
void failed__put_call(const struct wire_call_failed *r, FILE *out);

/* Returns how many numbers of set_tid the record has. */
unsigned int failed__asked(const struct wire_call_failed *r);

#endif /* LOADER_VIEW_FAILED_H */
