/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses the values of options that several commands share. A wrong value ends the
 * program with the words "not one of A, B" or "not a list of A, B", from which
 * completion/table.sh reads the values.
 */
#ifndef LOADER_CMD_OPTION_H
#define LOADER_CMD_OPTION_H

#include "loader/lib/options.h"
#include "loader/view/printer.h"

#define REPORTS_MAX 16

/* The arguments of --report: FORMAT=FILE. */
struct option_reports {
	const char *spec[REPORTS_MAX];
	size_t n;
};

/*
 * For members of the types struct option_reports and enum semantics, and for a bool:
 * --format is json, not text.
 */
option_parse_fn option__report, option__semantics, option__json;
#define SEMANTICS_WORDS "auto, mainline, join, seed"
#define JSON_WORDS "text, json"

/* The options of commands that print records, for a struct print_opts. */
extern const struct option_table print_options;

#endif /* LOADER_CMD_OPTION_H */
