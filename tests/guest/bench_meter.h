/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures the cost of moving a process into a pid namespace, by a join, by
 * a join that keeps the struct pid, and in mainline's way. The unit is guest instructions, which the TSC counts in a
 * guest under -icount shift=0; reading the TSC takes a few of them.
 */
#ifndef TESTS_GUEST_BENCH_METER_H
#define TESTS_GUEST_BENCH_METER_H

#include <stdbool.h>

/*
 * The sysctl's value outside of meter__row(), which lowers it. The least value of all
 * nested namespaces counts, so this has to be the highest when they are made.
 */
#define METER_KNOB 2

/* Does the TSC count instructions here? */
bool meter__counts_instructions(void);

/* Prints the lines that explain the rows, and the number of repeats. */
void meter__header(int repeats);

/*
 * Measures @repeats times how a process moves from the pid namespace of the
 * caller's children into @nsfd, a child of that namespace, and prints a row.
 * @by and @n name what is varied. Ends the process after an error.
 */
void meter__row(const char *by, int n, int nsfd, int repeats);

#endif /* TESTS_GUEST_BENCH_METER_H */
