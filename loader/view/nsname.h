/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the pid namespace that an argument on the command line names. */
#ifndef LOADER_VIEW_NSNAME_H
#define LOADER_VIEW_NSNAME_H

#include <stddef.h>
#include <stdint.h>

/*
 * Parses "4026531836", "pid:[4026531836]" as printed by readlink(2), or the path of
 * an nsfs file such as /proc/1/ns/pid, and stores the inum in *inum. Returns 0, or
 * -EINVAL or the negative errno of the file access; why then describes the error.
 */
int nsname__parse(const char *word, uint32_t *inum, char *why, size_t len);

#endif /* LOADER_VIEW_NSNAME_H */
