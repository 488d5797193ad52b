// SPDX-License-Identifier: GPL-2.0-only
/* Parses the command line of the stress program. */
#include "stress_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_OPS	500

static const char *const modes[MODE__NR] = {
	[MODE_MAINLINE]	= "mainline",
	[MODE_JOIN]	= "join",
	[MODE_SEED]	= "seed",
	[MODE_KEEP]	= "keep",
};

const char *mode__name(enum stress_mode mode)
{
	return modes[mode];
}

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: stress --seed N --ops M --mode join|keep|mainline|seed [OPTION]...\n"
		"Stress setns(2) into pid namespaces. KTAP on stdout.\n\n"
		"  --seed N       which operations, in which order (default 1)\n"
		"  --ops M        how many, over all workers (default %d)\n"
		"  --mode MODE    what setns is expected to do on this kernel; keep: all\n"
		"                 operations as in mode join, and then as with the knob at 2\n"
		"  --expect FILE  write what was caused to FILE, as key=count\n"
		"  --only OP,...  draw from these operations alone\n"
		"  --verbose      more than the first failure of each operation\n"
		"  --help         this text\n\n"
		"Exit status: 0 all is as expected, 1 it is not, 2 it can not be run.\n",
		DEFAULT_OPS);
}

static bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-' &&
	       *value <= max;
}

static int parse_mode(const char *text)
{
	for (int i = 0; i < MODE__NR; i++)
		if (!strcmp(text, modes[i]))
			return i;
	return -1;
}

/* Parses "join,crowd" into a mask of indices into ops; false: unknown operation. */
static bool parse_only(char *text, uint32_t *mask)
{
	char *name, *rest;

	*mask = 0;
	for (name = strtok_r(text, ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest)) {
		unsigned int i;

		for (i = 0; i < ops_nr && strcmp(name, ops[i].name); i++)
			;
		if (i == ops_nr)
			return false;
		*mask |= 1u << i;
	}
	return *mask;
}

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "ops", required_argument, NULL, 'n' },
	{ "mode", required_argument, NULL, 'm' },
	{ "expect", required_argument, NULL, 'e' },
	{ "only", required_argument, NULL, 'o' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Returns false if @value is not a value for the option @c. */
static bool set_option(struct options *opt, int *mode, int c, char *value)
{
	uint64_t n;

	switch (c) {
	case 's':
		return parse_number(value, UINT64_MAX, &opt->seed);
	case 'n':
		if (!parse_number(value, 10000000, &n) || !n)
			return false;
		opt->ops = n;
		return true;
	case 'm':
		*mode = parse_mode(value);
		return *mode >= 0;
	case 'e':
		opt->expect = value;
		return true;
	case 'o':
		return parse_only(value, &opt->only);
	case 'v':
		opt->verbose = true;
		return true;
	}
	return false;
}

int options__parse(int argc, char **argv, struct options *opt)
{
	int c, mode = -1;

	*opt = (struct options) {
		.seed = 1, .ops = DEFAULT_OPS, .only = UINT32_MAX,
	};
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (c == 'h') {
			usage(stdout);
			return 0;
		}
		if (c == '?') {
			usage(stderr);
			return 2;
		}
		if (!set_option(opt, &mode, c, optarg)) {
			fprintf(stderr, "stress: %s: not a value for this option\n",
				optarg);
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "stress: %s: unexpected argument\n",
			argv[optind]);
		return 2;
	}
	if (mode < 0) {
		fputs("stress: --mode is missing: join, keep, mainline or seed\n",
		      stderr);
		return 2;
	}
	opt->mode = mode;
	return -1;
}
