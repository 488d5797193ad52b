/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks the generic netlink family TASKSTATS about a process. */
#ifndef TESTS_GUEST_NUMBERS_TASKSTATS_H
#define TESTS_GUEST_NUMBERS_TASKSTATS_H

#include <sys/types.h>

struct taskstats_numbers {
	long pid;		/* or -errno; -ENOENT: a kernel without taskstats */
	long parent;
};

/* Returns the numbers in the answer about process @pid. */
struct taskstats_numbers taskstats__get(pid_t pid);

#endif /* TESTS_GUEST_NUMBERS_TASKSTATS_H */
