/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses options that several commands share, for their argp parsers. A wrong value
 * ends the program by argp_error(), in the words "not one of A, B" or "not a list of A,
 * B", from which completion/table.sh reads the values.
 */
#ifndef LOADER_CMD_OPTION_H
#define LOADER_CMD_OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "loader/trace/semantics.h"
#include "loader/view/printer.h"

#define REPORTS_MAX 16

/* The arguments of --report: FORMAT=FILE. */
struct option_reports {
	const char *spec[REPORTS_MAX];
	size_t n;
};

void option__seed(const char *arg, uint64_t *seed, struct argp_state *state);
void option__semantics(const char *arg, enum semantics *semantics,
		       struct argp_state *state);
void option__report(const char *arg, struct option_reports *reports,
		    struct argp_state *state);

/* Stores the only FILE; need_file, after the last argument, requires one. */
void option__file(const char *arg, const char **path, struct argp_state *state);
void option__need_file(const char *path, struct argp_state *state);

/* Child parser of commands that print records; the input is a struct print_opts *. */
extern const struct argp print_argp;

/* --format of other commands: returns true for json, false for text. */
bool option__json(const char *arg, struct argp_state *state);

#endif /* LOADER_CMD_OPTION_H */
