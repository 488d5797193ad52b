// SPDX-License-Identifier: GPL-2.0-only
/*
 * The purposes that the 2012 posting names, with unmodified setsid(1) and
 * nsenter(1): switch a container off and on from outside, open a console in
 * it, repair it. KTAP on stdout; run as root by a descendant of the guest's
 * init. In mode mainline: that the same commands behave in mainline's way.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "purposes.h"
#include "run.h"

static const struct argp_option options[] = {
	{ "mode", 'm', "MODE", 0,
	  "Kind of kernel: join, mainline or seed", 0 },
	{ "only", 'o', "TEXT", 0, "Run the cases whose name has TEXT", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case 'm':
		o->mode = run__parse_mode(arg);
		if (!o->mode)
			argp_error(state, "no such mode: '%s'", arg);
		return 0;
	case 'o':
		o->only = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->mode)
			argp_error(state, "--mode is needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Tests the purposes of joining a pid namespace.",
};

int main(int argc, char **argv)
{
	struct run_options o = { 0 };
	struct run_list l = { 0 };
	int status;

	/* Run by a tool, maybe in a container: no case, no output. */
	if (argc == 3 && !strcmp(argv[1], REBOOT_ARGUMENT))
		return purpose_reboot__call(argv[2]);

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (geteuid()) {
		fputs("purposes: must run as root, in a guest\n", stderr);
		return 2;
	}
	purpose_reboot__add(&l);
	purpose_console__add(&l);
	purpose_repair__add(&l);
	status = run__all(&l, &o);
	run__free(&l);
	return status;
}
