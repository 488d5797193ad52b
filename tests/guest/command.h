/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a command while a guest program keeps something in force (BPF links, for
 * example).
 */
#ifndef TESTS_GUEST_COMMAND_H
#define TESTS_GUEST_COMMAND_H

/*
 * Runs argv[0], found by PATH, and waits for it. Returns its exit status: 127
 * if the program did not start, EXIT_FAILURE if a signal ended it. Exits if the
 * fork fails.
 */
int command__run(char **argv);

#endif /* TESTS_GUEST_COMMAND_H */
