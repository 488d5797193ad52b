/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fault: what went wrong in a run, under a name by which it is known again in
 * another one. The name has no number in it that differs from run to run; the
 * fingerprint is a hash of the name and of the first functions of the stack.
 */
#ifndef VMTEST_FAULT_H
#define VMTEST_FAULT_H

#include <jansson.h>
#include <stdint.h>

#include "console.h"
#include "util.h"

#define FAULT_FRAMES 3

struct fault {
	char *title;		/* "KASAN: slab-use-after-free in change_pid" */
	char fingerprint[9];
	/*
	 * "function+0xoff/0xsize", or "RIP: 0010:" and that, as the console has
	 * it; at most FAULT_FRAMES
	 */
	struct strv frames;
	uint64_t count;		/* how often in this run */
	bool panic;		/* it was the end of the kernel */
};

struct faults {
	struct fault *v;	/* each fingerprint once, in the order found */
	size_t n;
};

/*
 * All reports in what the console said, a copy of which is cut up. Splats in
 * allow (or NULL) are none.
 */
void faults__find(struct faults *f, const char *console,
		  const struct scanner *s, const struct allow *allow);

/* One that is not a report of the kernel's; numbers in the title are left out. */
void faults__add(struct faults *f, const char *title, const char *frame);

void faults__free(struct faults *f);

/* As in struct fault, where the line is of a stack, else NULL; free it. */
char *fault__frame(const char *text);

/* Is it of a function's name, as the kernel prints it? */
bool fault__of_name(char c);

/* Without offset, and without what a compiler adds, ".constprop.0"; free it. */
char *fault__function(const char *frame);

/* An array of objects: fingerprint, title, frames (functions), count. */
json_t *faults__json(const struct faults *f);

#endif
