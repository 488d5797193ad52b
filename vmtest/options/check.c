// SPDX-License-Identifier: GPL-2.0-only
/* Checks that the options given go together. Each returns 0, or EINVAL with a message. */
#include "vmtest/options/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *options__line_of(const char *target)
{
	unsigned int version, patchlevel;

	for (const char *at = strchr(target, '-'); at; at = strchr(at + 1, '-')) {
		if (sscanf(at, "-%u.%u", &version, &patchlevel) == 2)
			return at + 1;
	}
	return NULL;
}

/* A target has a kernel line of its own, unless it is a tree. */
static int check_line(const struct options *o)
{
	const char *line = o->targets.n ? options__line_of(o->targets.v[0]) : NULL;
	size_t n = o->line ? strlen(o->line) : 0;

	if (!o->line || !line || (!strncmp(line, o->line, n) &&
				  (!line[n] || line[n] == '-')))
		return 0;
	msg__error("--line %s: %s is of another line; omit --line", o->line,
		  o->targets.v[0]);
	return EINVAL;
}

static int check_task(const struct options *o)
{
	const char *misplaced = NULL;

	if (o->task == TASK_RUNS)
		misplaced = o->only.n ? "only" : o->sample ? "sample" :
			    o->mutants ? "mutants-table" : NULL;
	if (misplaced) {
		msg__error("--%s: needs --mutants or another option for mutants; see --help",
			  misplaced);
		return EINVAL;
	}
	if (o->task != TASK_RUNS && (o->targets.n > 1 || o->cmd.n)) {
		msg__error("mutants: the options for mutants take one target and no command; see --help");
		return EINVAL;
	}
	return o->task == TASK_RUNS ? 0 : check_line(o);
}

/* Checks that no option conflicts with -icount, which implies one CPU and TCG. */
static int check_icount(struct options *o)
{
	const char *why = NULL;

	if (o->until_fail && o->icount != ICOUNT_RECORD)
		why = "--until-fail: needs --record";
	else if (!o->icount)
		return 0;
	else if (o->icount == ICOUNT_RECORD && o->icount_shift != ICOUNT_SHIFT)
		why = "--icount=SHIFT: cannot be used with --record, which has a fixed shift";
	else if (o->cpus > 1)
		why = "--record and --icount: the guest has one CPU; omit --cpus";
	else if (o->accel == ACCEL_KVM)
		why = "--record and --icount: TCG only; omit --accel";
	else if (o->task != TASK_RUNS && o->task != TASK_CONTROL)
		why = "--record and --icount: one mutant only; use --target mutants-6.12 --append pidns_mutant=ID";
	if (why) {
		msg__error("%s; see --help", why);
		return EINVAL;
	}
	o->cpus = 1;
	o->accel = ACCEL_TCG;
	return 0;
}

/* gdb can only be connected to a single guest. */
static int check_gdb(const struct options *o)
{
	const char *why = NULL;

	if (!o->gdb)
		return 0;
	if (o->icount)
		why = "--gdb: cannot be used with --record or --icount; for a recorded run, use vmtest replay --gdb";
	else if (o->task != TASK_RUNS || o->targets.n > 1 || o->runs > 1 ||
		 o->seed_first != o->seed_last)
		why = "--gdb: needs a single run, of one target with one seed";
	if (!why)
		return 0;
	msg__error("%s; see --help", why);
	return EINVAL;
}

int options_check__script(struct options *o)
{
	char *path = o->gdb_script ? realpath(o->gdb_script, NULL) : NULL;

	if (o->gdb_script && (!path || access(path, R_OK))) {
		msg__error("--gdb=%s: %s", o->gdb_script, strerror(errno));
		free(path);
		return EINVAL;
	}
	free(o->gdb_script);
	o->gdb_script = path;
	return 0;
}

static int check_command(const struct options *o)
{
	if ((!o->ktap && !o->bare) || o->cmd.n)
		return 0;
	msg__error("--%s: needs a command after --; see --help",
		  o->ktap ? "ktap" : "bare");
	return EINVAL;
}

int options_check__all(struct options *o)
{
	return check_task(o) ?: check_icount(o) ?: check_gdb(o) ?:
	       options_check__script(o) ?: check_command(o);
}
