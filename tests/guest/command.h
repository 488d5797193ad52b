/* SPDX-License-Identifier: GPL-2.0-only */
/* A command that one of the guest's programs runs while something is in force. */
#ifndef GUEST_COMMAND_H
#define GUEST_COMMAND_H

/*
 * Runs argv[0], found by PATH, and waits for it. Returns its exit status: 127 if it
 * did not start, EXIT_FAILURE if a signal ended it. Exits if nothing can be forked.
 */
int command__run(char **argv);

#endif
