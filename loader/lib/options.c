// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a struct argp of each table. An option's key for argp is its letter, or if it has
 * none, FIRST_KEY plus its position in the table. Each command has -h.
 */
#include "loader/lib/options.h"

#include <assert.h>
#include <errno.h>

#include "lib/arguments.h"
#include "lib/memory.h"
#include "loader/lib/parse.h"

#define FIRST_KEY 0x100		/* above all letters */
#define HELP_KEY 'h'
#define ROWS_MAX 24

/* A table in use; parsers[0] is the command's, the others are its parts'. */
struct parser {
	const struct option_table *table;
	char *values;
	struct argp argp;
	struct argp_option options[ROWS_MAX + 2];	/* -h, and an empty one */
};

static const struct option_row *find_row(const struct parser *p, int key)
{
	for (size_t i = 0; p->options[i].name; i++)
		if (p->options[i].key == key)
			return &p->table->rows[i];
	return NULL;
}

/* Stores the path of the FILE. @arg NULL: the arguments have ended; requires a FILE. */
static void take_file(const char **path, const char *arg, struct argp_state *state)
{
	if (arg && *path)
		argp_error(state, "one FILE only");
	if (!arg && !*path)
		argp_error(state, "FILE is missing");
	if (arg)
		*path = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct parser *p = state->input;
	const struct option_table *t = p->table;
	const struct option_row *row = find_row(p, key);

	if (key == ARGP_KEY_INIT) {
		for (int i = 0; t->parts && t->parts[i].table; i++)
			state->child_inputs[i] = p + 1 + i;
	} else if (key == ARGP_KEY_ARG && t->file) {
		take_file((const char **)(p->values + t->file), arg, state);
	} else if (key == ARGP_KEY_ARG && t->argument) {
		t->argument(p->values, arg, state);
	} else if (key == ARGP_KEY_END) {
		if (t->file)
			take_file((const char **)(p->values + t->file), NULL, state);
		if (t->check)
			t->check(p->values, state);
	} else if (key == HELP_KEY && !row) {
		argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
	} else if (row) {
		if (row->parse(&(struct option_value){ row, arg, p->values + row->member,
						       state }))
			argp_error(state, "--%s %s: %s", row->name, arg, row->wrong);
		if (t->given)
			*(bool *)(p->values + t->given) = true;
	} else {
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void parser__init(struct parser *p, const struct option_table *t, void *values)
{
	*p = (struct parser){
		.table = t,
		.values = values,
		.argp = {
			.options = p->options, .parser = parse,
			.args_doc = t->args_doc, .doc = t->doc,
		},
	};
	for (int i = 0; t->rows[i].name; i++) {
		assert(i < ROWS_MAX);
		p->options[i] = (struct argp_option){
			.name = t->rows[i].name,
			.key = t->rows[i].key ? t->rows[i].key : FIRST_KEY + i,
			.arg = t->rows[i].arg,
			.doc = t->rows[i].doc,
		};
	}
}

/* Adds -h, in the group of argp's own --help. */
static void add_help(struct parser *p)
{
	struct argp_option *o = p->options;

	while (o->name)
		o++;
	*o = (struct argp_option){
		.key = HELP_KEY, .doc = "The same as --help", .group = -1,
	};
}

int options__parse(const struct option_table *table, int argc, char **argv,
		   unsigned int flags, void *values)
{
	struct parser parsers[1 + OPTION_PARTS_MAX];
	struct argp_child children[OPTION_PARTS_MAX + 1] = {};
	const struct option_part *part = table->parts;

	parser__init(&parsers[0], table, values);
	add_help(&parsers[0]);
	for (int i = 0; i < OPTION_PARTS_MAX && part && part[i].table; i++) {
		parser__init(&parsers[i + 1], part[i].table,
			     (char *)values + part[i].offset);
		children[i].argp = &parsers[i + 1].argp;
		children[i].header = part[i].header;
	}
	parsers[0].argp.children = children;
	return arguments__parse(&parsers[0].argp, argc, argv, flags, parsers);
}

int option__text(const struct option_value *v)
{
	*(const char **)v->member = v->text;
	return 0;
}

int option__flag(const struct option_value *v)
{
	*(bool *)v->member = true;
	return 0;
}

static int store(const struct option_value *v, uint64_t number)
{
	if (number < v->row->min || (v->row->max && number > v->row->max))
		return -EINVAL;
	*(uint64_t *)v->member = number;
	return 0;
}

int option__u64(const struct option_value *v)
{
	uint64_t number;

	return parse__u64(v->text, &number) ? -EINVAL : store(v, number);
}

int option__size(const struct option_value *v)
{
	uint64_t bytes;

	return parse__size(v->text, &bytes) ? -EINVAL : store(v, bytes);
}

int option__seconds(const struct option_value *v)
{
	unsigned int ms;

	return parse__seconds(v->text, &ms) ? -EINVAL : store(v, ms);
}
