/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fault: a failure of a run, with a name that identifies the same failure in
 * other runs. The name contains no number that differs from run to run,
 * except those that say how a program ended; the
 * fingerprint is a hash of the name and of the first functions of the stack.
 */
#ifndef VMTEST_TRIAGE_FAULT_H
#define VMTEST_TRIAGE_FAULT_H

#include <jansson.h>
#include <stdint.h>

#include "vmtest/lib/util.h"
#include "vmtest/triage/console.h"

#define FAULT_FRAMES 3

struct fault {
	char *title;		/* "KASAN: slab-use-after-free in change_pid" */
	char fingerprint[9];
	/*
	 * "function+0xoff/0xsize" or "RIP: 0010:function+0xoff/0xsize", as on
	 * the console; at most FAULT_FRAMES
	 */
	struct strv frames;
	uint64_t count;		/* occurrences in this run */
	bool panic;		/* a panic, or the cause of one */
	bool rules;		/* violated rules, not a report of the kernel */
};

struct faults {
	struct fault *v;	/* each fingerprint once, in the order found */
	size_t n;
};

/*
 * Adds all reports in @console, the text of a guest's console, except the splats
 * in @allow (or NULL).
 */
void faults__find(struct faults *f, const char *console,
		  const struct scanner *s, const struct allow *allow);

/* Adds a fault that the kernel did not report; N replaces numbers in the title. */
void faults__add(struct faults *f, const char *title, const char *frame);

/* Adds the violated rules of a run, listed in the title, as one fault. */
void faults__add_rules(struct faults *f, const char *title);

void faults__free(struct faults *f);

/* Returns the frame in a line of a stack, as in struct fault, or NULL; free it. */
char *fault__frame(const char *text);

/* Returns true if the kernel prints @c as part of a function's name. */
bool fault__of_name(char c);

/* Returns the function, without offset and ".constprop.0" or the like; free it. */
char *fault__function(const char *frame);

/* Returns an array of objects: fingerprint, title, frames (functions), count, panic. */
json_t *faults__json(const struct faults *f);

#endif /* VMTEST_TRIAGE_FAULT_H */
