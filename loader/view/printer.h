/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints the output of `pidnstrace trace': one line per operation, in the style of
 * strace; or a summary, as a tree or as a table.
 */
#ifndef LOADER_VIEW_PRINTER_H
#define LOADER_VIEW_PRINTER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "lib/terminal.h"
#include "loader/trace/sink.h"
#include "loader/view/filter.h"

enum print_format {
	PRINT_TEXT,
	PRINT_JSON,	/* one object per line */
};

/* The operations to print; 0 in print_opts.what means PRINT_DEFAULT. */
enum print_what {
	PRINT_SETNS	= 1 << 0,
	PRINT_REWRITE	= 1 << 1,	/* change_pid: setsid, setpgid, joins */
	PRINT_FORK	= 1 << 2,
	PRINT_EXEC	= 1 << 3,
	PRINT_EXIT	= 1 << 4,
	PRINT_ERROR	= 1 << 5,	/* WARN, KASAN, ... */
	PRINT_ALL	= 1 << 6,	/* every record, raw */
	PRINT_WAIT	= 1 << 7,	/* reaped processes, and their reapers */
	PRINT_NS	= 1 << 8,	/* pid namespaces created and freed */
	PRINT_ORPHAN	= 1 << 9,	/* processes that get another parent */
};
#define PRINT_DEFAULT (PRINT_SETNS | PRINT_REWRITE | PRINT_FORK | PRINT_EXEC | \
		       PRINT_EXIT | PRINT_ERROR | PRINT_WAIT | PRINT_NS | \
		       PRINT_ORPHAN)

/* Printed at the end instead of lines; any combination. */
enum print_view {
	PRINT_TREE	= 1 << 0,
	PRINT_SUMMARY	= 1 << 1,
};

struct print_opts {
	enum print_format format;
	unsigned int what;	/* enum print_what */
	unsigned int views;	/* enum print_view */
	bool stack;		/* kernel stacks, where known */
	bool wall;		/* text: the time of day, instead of that since time 0 */
	bool relative;		/* text: the time since the previous line */
	enum color_when color;
	struct filter filter;	/* owned by the printer from printer__new() on */
	uint64_t start_ns;	/* CLOCK_MONOTONIC of time 0; 0: that of the
				 * first record */
	bool everyone;		/* also tasks that the command did not start */
	bool given;		/* any of these options was given */
	bool may_come;		/* a selected pid may be missing at first */
};

/* Parses "setns,fork" and the like into a mask. Returns 0 or -EINVAL. */
int print_what__parse(const char *list, unsigned int *out);

/* All words of the list, for messages. */
#define PRINT_WHAT_WORDS \
	"setns, rewrite, fork, exec, exit, orphan, wait, ns, error, all"

struct printer;

/* Size for setvbuf(), with which lines are written as a whole. */
#define PRINT_BUFFER 65536

/* The caller owns out, and must not use it meanwhile. */
struct printer *printer__new(FILE *out, const struct print_opts *opts);

/*
 * record() returns -EPIPE and the like when out cannot be written, and -ESRCH
 * when a selected process does not exist, or no process of a selected namespace: see
 * printer__missing().
 */
struct record_sink *printer__sink(struct printer *p);

/*
 * Return the selected pid, or the selected namespace, that was never seen, as the user
 * typed it, or NULL.
 */
const char *printer__missing(const struct printer *p);
const char *printer__missing_namespace(const struct printer *p);

/*
 * Returns a message, to be freed, for a selected cgroup or name of which no task was seen,
 * or NULL.
 */
char *printer__unmatched(const struct printer *p);

/*
 * Returns the selected operations whose hooks are missing, "setns, wait", or "" if
 * there are none. The printer owns the text.
 */
const char *printer__unseen(const struct printer *p);

/* Returns true if all processes selected by pid have ended. */
bool printer__done(const struct printer *p);

/* Prints calls that never returned, losses, and the views. */
int printer__finish(struct printer *p);
void printer__free(struct printer *p);	/* NULL is legal */

#endif /* LOADER_VIEW_PRINTER_H */
