/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The case that executes a program: this program runs itself with this
 * argument, to report the numbers and namespaces that survive an exec.
 */
#ifndef TESTS_GUEST_CASES_LIFE_H
#define TESTS_GUEST_CASES_LIFE_H

#define LIFE_EXEC_ARGUMENT "--after-exec"

/*
 * Replaces main() after the exec: writes the numbers to fd 1. Returns the exit
 * status.
 */
int life__report_after_exec(void);

#endif /* TESTS_GUEST_CASES_LIFE_H */
