/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * offline.h - what the commands on a recorded trace have in common: its FILE,
 * --rules and --semantics, and how it is opened and judged.
 */
#ifndef LOADER_OFFLINE_H
#define LOADER_OFFLINE_H

#include <argp.h>
#include <stdbool.h>
#include "judge.h"
#include "trace.h"

struct offline {
	const char *command;	/* "pidnstrace replay", for messages */
	const char *path;
	const char *rules;	/* or NULL */
	bool semantics_given;
	enum semantics semantics;
};

/* A child of the command's parser; its input is a struct offline. */
extern const struct argp offline_argp;

/* On stderr: "pidnstrace replay: WHAT: WHY" */
void offline__complain(const struct offline *o, const char *what,
		       const char *why);

/* 0, or a negative errno that was complained about, and *out is NULL. */
int offline__open(const struct offline *o, struct trace_reader **out);
int offline__judge(const struct offline *o, const struct trace_reader *r,
		   bool expect, struct judge **out);

#endif /* LOADER_OFFLINE_H */
