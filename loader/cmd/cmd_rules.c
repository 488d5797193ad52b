// SPDX-License-Identifier: GPL-2.0-only
/* Implements `pidnstrace rules [ID...]', which lists or explains the rules. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/suggest.h"
#include "lib/wrap.h"
#include "loader/capture/hooks.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "lib/msg.h"
#include "loader/rules/rules.h"

#define WIDTH 78

static void print_field(const char *label, const char *text)
{
	if (!text || !*text)
		return;
	printf("  %-9s", label);
	wrap__print(stdout, text, 11, WIDTH);
}

/* Writes the names of the hooks, with a space between them, and returns @names. */
static const char *hook_names(hook_mask mask, char *names, size_t size)
{
	size_t n = 0;

	*names = '\0';
	for (int h = 0; h < WIRE_NHOOKS; h++)
		if (mask & HOOK_BIT(h))
			n += snprintf(names + n, size - n, "%s%s", n ? " " : "",
				      hooks[h].name);
	return names;
}

static void print_rule(const struct rule *r)
{
	char where[64], names[512];

	printf("%s  ", r->id);
	wrap__print(stdout, r->statement, strlen(r->id) + 2, WIDTH);
	print_field("why", r->why);
	print_field("hazards", r->hazards);
	print_field("holds on", rule_where__text(r->where, where,
						 sizeof(where)));
	print_field("needs", hook_names(r->hooks, names, sizeof(names)));
	print_field("keep", hook_names(r->keep_hooks, names, sizeof(names)));
	print_field("limits", r->notes);
}

static void print_list(void)
{
	size_t n;
	const struct rule *const *all = rules__all(&n);

	for (size_t i = 0; i < n; i++) {
		printf("%-5s", all[i]->id);
		wrap__print(stdout, all[i]->statement, 5, WIDTH);
	}
	printf("\n`pidnstrace rules ID' explains why a rule exists and what it needs.\n");
}

static json_t *hooks_of(hook_mask mask)
{
	json_t *a = json_array();

	for (int h = 0; h < WIRE_NHOOKS; h++)
		if (mask & HOOK_BIT(h))
			json_array_append_new(a, json_string(hooks[h].name));
	return a;
}

/* Prints one object a line, like the other json formats. */
static void print_json(const struct rule *r)
{
	char where[64];
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}",
			      "id", r->id, "statement", r->statement,
			      "why", r->why, "hazards", r->hazards ?: "",
			      "notes", r->notes ?: "",
			      "where", rule_where__text(r->where, where,
							sizeof(where)),
			      "hooks", hooks_of(r->hooks),
			      "keep_hooks", hooks_of(r->keep_hooks));

	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

struct options {
	bool json;
	bool any;
};

static void no_rule(const char *arg, struct argp_state *state)
{
	struct suggest s = { .word = arg };
	char text[160];
	size_t n;
	const struct rule *const *all = rules__all(&n);

	for (size_t i = 0; i < n; i++)
		suggest__offer(&s, all[i]->id);
	argp_error(state, "no rule \"%s\"%s", arg,
		   suggest__text(&s, "`pidnstrace rules' lists them", text,
				 sizeof(text)));
}

static void explain(void *values, char *arg, struct argp_state *state)
{
	const struct rule *r = rules__find(arg);
	struct options *o = values;

	if (!r)
		no_rule(arg, state);
	if (!o->json && o->any)
		putchar('\n');
	o->any = true;
	if (o->json)
		print_json(r);
	else
		print_rule(r);
}

static const struct option_table table = {
	.rows = (const struct option_row[]){
		{ "format", 'f', "FORMAT", "text or json; must precede the ids",
		  .member = offsetof(struct options, json), .parse = option__json,
	  .wrong = "not one of " JSON_WORDS },
		{}
	},
	.argument = explain,
	.args_doc = "[ID...]",
	.doc = "Lists the invariants that verify and replay check, or explains some of them."
	       "\v"
	       "Exit status: 0 the rules are printed, 2 no such rule, wrong usage, an output that cannot be written.",
};

int cmd_rules(int argc, char **argv)
{
	struct options o = { 0 };
	size_t n;
	const struct rule *const *all = rules__all(&n);

	options__parse(&table, argc, argv, ARGP_IN_ORDER, &o);
	if (!o.any && o.json)
		for (size_t i = 0; i < n; i++)
			print_json(all[i]);
	else if (!o.any)
		print_list();
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_PASS;
	msg__error("output: %s", strerror(errno ? errno : EIO));
	return EXIT_USAGE;
}
