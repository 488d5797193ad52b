/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serves the commands that read a trace: offline_options parses the arguments FILE,
 * --rules and --semantics; offline__open() and offline__judge() open and judge the
 * trace.
 */
#ifndef LOADER_CMD_OFFLINE_H
#define LOADER_CMD_OFFLINE_H

#include <stdbool.h>
#include "loader/judge/judge.h"
#include "loader/lib/options.h"
#include "loader/trace/trace.h"

struct offline {
	const char *command;	/* "pidnstrace replay", for messages */
	const char *path;
	const char *rules;	/* or NULL */
	bool semantics_given;
	enum semantics semantics;
};

/* The options of commands that read a trace, for a struct offline. */
extern const struct option_table offline_options;

/* Prints "pidnstrace replay: WHAT: WHY" on stderr. */
void offline__complain(const struct offline *o, const char *what,
		       const char *why);

/* Return 0, or print an error, set *out to NULL and return a negative errno. */
int offline__open(const struct offline *o, struct trace_reader **out);
int offline__judge(const struct offline *o, const struct trace_reader *r,
		   bool expect, struct judge **out);

#endif /* LOADER_CMD_OFFLINE_H */
