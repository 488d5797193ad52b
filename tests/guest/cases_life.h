/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one case that executes: this program runs itself with this argument, to
 * tell which numbers and namespaces survive an exec.
 */
#ifndef GUEST_CASES_LIFE_H
#define GUEST_CASES_LIFE_H

#define LIFE_EXEC_ARGUMENT "--after-exec"

/* What main() does then: writes the numbers to fd 1. The exit status. */
int life__report_after_exec(void);

#endif
