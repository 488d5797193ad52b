/* SPDX-License-Identifier: GPL-2.0-only */
/* A simulated machine whose records are printed, for tests of a single line. */
#ifndef TESTS_UNIT_MACHINE_H
#define TESTS_UNIT_MACHINE_H

#include <stddef.h>
#include <stdio.h>

#include "tracegen.h"

struct printer;

struct machine {
	struct printer *printer;
	struct gen *gen;
	struct gen_task *me;	/* "me", pid 100, a child of the init */
	char *text;
	size_t len;
	FILE *file;
};

/* The machine must stay where it is: the file writes to its members. */
void machine__begin(struct machine *m);

/* Checks the end of the last line, and frees the machine. */
void machine__end(struct machine *m, const char *expected);

#endif /* TESTS_UNIT_MACHINE_H */
