/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses the options of a command by tables, with argp. A row describes an option for
 * --help, and names the member of a struct that takes the value. A table may be part of
 * several commands.
 */
#ifndef LOADER_LIB_OPTIONS_H
#define LOADER_LIB_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value on the command line, and where to store it. */
struct option_value {
	const struct option_row *row;
	const char *text;
	void *member;
	struct argp_state *state;
};

/*
 * Stores a value. Returns 0, or a negative errno for a wrong one: the program ends with
 * "--NAME TEXT: WRONG". May end the program itself.
 */
typedef int option_parse_fn(const struct option_value *value);

struct option_row {
	const char *name;
	int key;		/* the short option, or 0 */
	const char *arg;	/* name of the value in --help, or NULL */
	const char *doc;
	size_t member;		/* offset in the struct */
	option_parse_fn *parse;
	const char *wrong;	/* "not a number" */
	uint64_t min, max;	/* a number's limits; max 0: none */
};

struct option_table {
	const struct option_row *rows;		/* up to one without a name */
	const struct option_part *parts;	/* up to one without a table; or NULL */
	size_t file;		/* offset of the path of the one FILE argument; 0: none */
	/* Takes an argument that is not an option, unless "file" is set; or NULL. */
	void (*argument)(void *values, char *arg, struct argp_state *state);
	/* Checks the values after the last argument; or NULL. */
	void (*check)(void *values, struct argp_state *state);
	size_t given;		/* offset of a bool: an option was given; 0: no such bool */
	const char *args_doc, *doc;	/* for --help, as in struct argp */
};

#define OPTION_PARTS_MAX 2

/* A table for a struct inside the command's. */
struct option_part {
	const struct option_table *table;
	const char *header;	/* in --help, or NULL */
	size_t offset;		/* the inner struct's, in bytes */
};

/* The members are a const char *, a bool, and for all numbers a uint64_t. */
option_parse_fn option__text, option__flag, option__u64, option__size;
option_parse_fn option__seconds;	/* stores milliseconds, and min is in these */

/* Returns 0 or an errno; @flags as for argp_parse(). Wrong usage ends the program. */
int options__parse(const struct option_table *table, int argc, char **argv,
		   unsigned int flags, void *values);

#endif /* LOADER_LIB_OPTIONS_H */
