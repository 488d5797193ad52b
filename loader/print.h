/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * print.h - `pidnstrace trace`: one line an operation, in strace's manner.
 */
#ifndef LOADER_PRINT_H
#define LOADER_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "sink.h"

enum print_format {
	PRINT_TEXT,
	PRINT_JSON,	/* one object a line */
};

/* What is printed; 0 in print_opts.what means PRINT_DEFAULT. */
enum print_what {
	PRINT_SETNS	= 1 << 0,
	PRINT_REWRITE	= 1 << 1,	/* change_pid: setsid, setpgid, joins */
	PRINT_FORK	= 1 << 2,
	PRINT_EXEC	= 1 << 3,
	PRINT_EXIT	= 1 << 4,
	PRINT_ERROR	= 1 << 5,	/* WARN, KASAN, ... */
	PRINT_ALL	= 1 << 6,	/* every record, raw */
};
#define PRINT_DEFAULT (PRINT_SETNS | PRINT_REWRITE | PRINT_FORK | PRINT_EXEC | \
		       PRINT_EXIT | PRINT_ERROR)

struct print_opts {
	enum print_format format;
	unsigned int what;	/* enum print_what */
	uint64_t start_ns;	/* CLOCK_MONOTONIC that is time 0; 0: the first
				 * record's */
	bool everyone;		/* also tasks that the command did not cause */
};

/* "setns,fork" and the like to a mask. 0 or -EINVAL. */
int print_what__parse(const char *list, unsigned int *out);

struct printer;

/* out stays the caller's. 0 or -ENOMEM. */
int printer__new(struct printer **p, FILE *out, const struct print_opts *opts);

/* record() returns -EPIPE and the like when out cannot be written. */
struct record_sink *printer__sink(struct printer *p);

/* Prints what is still open (calls that never returned, losses). */
int printer__finish(struct printer *p);
void printer__free(struct printer *p);	/* NULL is legal */

#endif /* LOADER_PRINT_H */
