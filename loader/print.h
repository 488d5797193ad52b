/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * print.h - `pidnstrace trace`: one line an operation, in strace's manner; or
 * what they come to, as a tree or as a table.
 */
#ifndef LOADER_PRINT_H
#define LOADER_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "../lib/terminal.h"
#include "filter.h"
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
	PRINT_WAIT	= 1 << 7,	/* who reaped whom */
	PRINT_NS	= 1 << 8,	/* pid namespaces made, and gone */
};
#define PRINT_DEFAULT (PRINT_SETNS | PRINT_REWRITE | PRINT_FORK | PRINT_EXEC | \
		       PRINT_EXIT | PRINT_ERROR | PRINT_WAIT | PRINT_NS)

/* Instead of lines, in the end; any of them. */
enum print_view {
	PRINT_TREE	= 1 << 0,
	PRINT_SUMMARY	= 1 << 1,
};

struct print_opts {
	enum print_format format;
	unsigned int what;	/* enum print_what */
	unsigned int views;	/* enum print_view */
	bool stack;		/* of the kernel, where it is known */
	enum color_when color;
	struct filter filter;	/* the printer's from printer__new() on */
	uint64_t start_ns;	/* CLOCK_MONOTONIC that is time 0; 0: the first
				 * record's */
	bool everyone;		/* also tasks that the command did not cause */
	bool given;		/* by an option, any of it */
	bool may_come;		/* a pid that is not there at first is no error */
};

/* "setns,fork" and the like to a mask. 0 or -EINVAL. */
int print_what__parse(const char *list, unsigned int *out);

/* All words for it, "setns, rewrite, ...", for messages. */
const char *print_what__words(void);

struct printer;

/* Give it to setvbuf(): then lines are written as a whole. */
#define PRINT_BUFFER 65536

/* out stays the caller's, and is not to be used meanwhile. 0 or -ENOMEM. */
int printer__new(struct printer **p, FILE *out, const struct print_opts *opts);

/*
 * record() returns -EPIPE and the like when out cannot be written, and -ESRCH
 * when a process that was asked for does not exist: see printer__missing().
 */
struct record_sink *printer__sink(struct printer *p);

/* The pid that was asked for and never seen, as it was given; NULL: none. */
const char *printer__missing(const struct printer *p);

/*
 * The operations that were asked for and whose hooks are missing, "setns, wait"; ""
 * if there are none. The printer owns the text.
 */
const char *printer__unseen(const struct printer *p);

/* All processes that were asked for by pid have ended. */
bool printer__done(const struct printer *p);

/* Prints what is still open (calls that never returned), losses, the views. */
int printer__finish(struct printer *p);
void printer__free(struct printer *p);	/* NULL is legal */

#endif /* LOADER_PRINT_H */
