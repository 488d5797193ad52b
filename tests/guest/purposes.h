/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the purposes program: the three uses for which the 2012 posting
 * wanted tasks to join pid namespaces, and nsenter(1) as a job of a shell.
 */
#ifndef TESTS_GUEST_PURPOSES_H
#define TESTS_GUEST_PURPOSES_H

#include "program.h"

program_add_fn purpose_reboot__add, purpose_console__add, purpose_repair__add,
	       purpose_jobs__add;

/*
 * Implements "purposes --reboot HOW", run by a tool: calls reboot(2) if the
 * task's number is one of a victim. Returns the exit status, if at all.
 */
#define REBOOT_ARGUMENT "--reboot"
int purpose_reboot__call(const char *how);

/* Exit status of a program that finds itself outside the container. */
#define STATUS_OUTSIDE 77

#endif /* TESTS_GUEST_PURPOSES_H */
