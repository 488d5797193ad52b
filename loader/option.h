/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * option.h - options that several commands have, for their argp parsers. What
 * is none of the values ends the program: argp_error() says so, and in the words
 * "not one of A, B" or "not a list of A, B", from which completion/table.sh has
 * the values.
 */
#ifndef LOADER_OPTION_H
#define LOADER_OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "print.h"
#include "semantics.h"

#define REPORTS_MAX 16

/* What --report asked for: FORMAT=FILE. */
struct option_reports {
	const char *spec[REPORTS_MAX];
	size_t n;
};

void option__seed(const char *arg, uint64_t *seed, struct argp_state *state);
void option__semantics(const char *arg, enum semantics *semantics,
		       struct argp_state *state);
void option__report(const char *arg, struct option_reports *reports,
		    struct argp_state *state);

/* The one FILE; and at the end of the arguments: was there one? */
void option__file(const char *arg, const char **path, struct argp_state *state);
void option__need_file(const char *path, struct argp_state *state);

/* Of those that print records: a child parser, whose input is struct print_opts *. */
extern const struct argp print_argp;

/* --format, of those that print one thing: is it json, and not text? */
bool option__json(const char *arg, struct argp_state *state);

#endif /* LOADER_OPTION_H */
