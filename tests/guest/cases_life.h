/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases on the life and the end of a joined task.
 *
 * One of them executes a program: this program runs itself with LIFE_EXEC_ARGUMENT, to
 * report the numbers and namespaces that survive an exec.
 */
#ifndef TESTS_GUEST_CASES_LIFE_H
#define TESTS_GUEST_CASES_LIFE_H

#define LIFE_EXEC_ARGUMENT "--after-exec"

/*
 * Replaces main() after the exec: writes the numbers to fd 1. Returns the exit
 * status.
 */
int life__report_after_exec(void);

/* A case that needs a join; one that holds for a join that keeps the struct pid, too. */
#define LIFE(name, fn) CASE(WHERE_MOVES, "life: " name, fn)
#define LIFE_BOTH(name, fn) \
	LIFE(name, fn), CASE(WHERE_KEEP, "keep: life: " name, fn)

#endif /* TESTS_GUEST_CASES_LIFE_H */
