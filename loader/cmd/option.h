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

/* Takes the path of a new trace, "-" for stdout, which must not be a terminal then. */
option_parse_fn option__trace_file;

/*
 * For members of the types struct option_reports and enum semantics, and for a bool:
 * --format is json, not text.
 */
option_parse_fn option__report, option__semantics, option__json;
#define SEMANTICS_WORDS "auto, mainline, join, keep, seed"
#define JSON_WORDS "text, json"

/* Messages for a selected process or namespace, with the text that the user typed. */
#define NO_PROCESS_IN "--namespace %1$s: no process is in it, and none will have children in it: the namespace is gone, or only files or mounts hold it; `pidnstrace wait-for %1$s' shows what does, `pidnstrace tree' all namespaces"
#define NOT_SEEN_PID "--pid %s: no such process was seen"
#define NOT_SEEN_NAMESPACE "--namespace %s: no task was seen in it, and no operation on it"

/* For members of the types struct filter, by the key of the option, and enum print_format. */
option_parse_fn option__filter, option__print_format;

/* Returns whether a report goes to stdout. */
bool option_reports__on_stdout(const struct option_reports *reports);

/* The options of commands that print records, for a struct print_opts. */
extern const struct option_table print_options;

#endif /* LOADER_CMD_OPTION_H */
