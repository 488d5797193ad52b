/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nsname.h - which pid namespace a word on the command line means.
 */
#ifndef LOADER_NSNAME_H
#define LOADER_NSNAME_H

#include <stddef.h>
#include <stdint.h>

/*
 * "4026531836", "pid:[4026531836]" as readlink(2) has it, or the path of a
 * file of nsfs, as /proc/1/ns/pid; the inum goes to *inum. On an error, which
 * is that of stat(2), or -EINVAL, why says what is wrong with the word.
 */
int nsname__parse(const char *word, uint32_t *inum, char *why, size_t len);

#endif /* LOADER_NSNAME_H */
