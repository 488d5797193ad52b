// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests what setns(2) does with a pid namespace: the interface of the join
 * series (docs/setns_pid_join.7) and, where setns() does not move its caller,
 * that of mainline. Prints KTAP on stdout. A descendant of the guest's init has
 * to run it as root.
 *
 * The tests change machine settings (the knob, briefly pid_max) and restore
 * them. Races are left to the stress program.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "cases_life.h"
#include "run.h"

enum { OPT_DANGEROUS = 256, OPT_LIST };

struct arguments {
	struct run_options run;
	bool list;
};

static const struct argp_option options[] = {
	{ "mode", 'm', "MODE", 0,
	  "Kind of kernel: join, mainline or seed", 0 },
	{ "dangerous", OPT_DANGEROUS, NULL, 0,
	  "With mode seed: run what may crash the kernel, and only that", 0 },
	{ "only", 'o', "TEXT", 0, "Run the cases whose name has TEXT", 0 },
	{ "limit", 'l', "MS", 0, "Time limit for one case", 0 },
	{ "list", OPT_LIST, NULL, 0, "Print the names and end", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'm':
		a->run.mode = run__parse_mode(arg);
		if (!a->run.mode)
			argp_error(state, "no such mode: '%s'", arg);
		return 0;
	case OPT_DANGEROUS:
		a->run.dangerous = true;
		return 0;
	case 'o':
		a->run.only = arg;
		return 0;
	case 'l':
		a->run.limit_ms = atoi(arg);
		if (a->run.limit_ms <= 0)
			argp_error(state, "not a time in ms: '%s'", arg);
		return 0;
	case OPT_LIST:
		a->list = true;
		return 0;
	case ARGP_KEY_END:
		if (!a->run.mode)
			argp_error(state, "--mode is needed");
		if (a->run.dangerous && a->run.mode != MODE_SEED)
			argp_error(state, "--dangerous: nothing is, but with --mode seed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Tests what setns(2) does with pid namespaces.",
};

static void list(const struct run_list *l, unsigned int mode)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->cases[i].modes & mode)
			puts(l->cases[i].name);
}

int main(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct run_list l = { 0 };
	int status = 0;

	/* A case executes this program to see what exec keeps: parse no options. */
	if (argc == 2 && !strcmp(argv[1], LIFE_EXEC_ARGUMENT))
		return life__report_after_exec();

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	cases_gate__add(&l);
	cases_mainline__add(&l);
	cases_refusal__add(&l);
	cases_view__add(&l);
	cases_trace__add(&l);
	cases_ways__add(&l);
	cases_pidfd__add(&l);
	cases_life__add(&l);
	if (a.list) {
		list(&l, a.run.mode);
	} else if (geteuid()) {
		fputs("semantics: must run as root, in a guest\n", stderr);
		status = 2;
	} else {
		status = run__all(&l, &a.run);
	}
	run__free(&l);
	return status;
}
