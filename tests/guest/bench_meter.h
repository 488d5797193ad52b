/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What it costs to get a process into a pid namespace: by a join, and in
 * mainline's way. In guest instructions, which is what the TSC counts in a
 * guest under -icount shift=0; reading it is a few of them.
 */
#ifndef GUEST_BENCH_METER_H
#define GUEST_BENCH_METER_H

#include <stdbool.h>

/* Does the TSC count instructions here? */
bool meter__counts_instructions(void);

/* The lines that explain the rows, and how often each cost was taken. */
void meter__header(int repeats);

/*
 * Measures @repeats times how a process gets from the pid namespace in which
 * the caller's children are born into @nsfd, a child of it, and prints a row:
 * @by and @n say what is varied. Ends the process if anything did not happen.
 */
void meter__row(const char *by, int n, int nsfd, int repeats);

#endif
