/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of the commands that run guests, parsed from the command line. */
#ifndef VMTEST_OPTIONS_OPTIONS_H
#define VMTEST_OPTIONS_OPTIONS_H

#include "lib/terminal.h"
#include "vmtest/lib/util.h"
#include "vmtest/vm/qemu.h"

#define MUTANTS_LINE "6.12"	/* the default of --line */

/* The task of the runner, which also decides the options that apply. */
enum task {
	TASK_RUNS,		/* run each target with each seed */
	TASK_MUTANTS,		/* check that each mutant is caught */
	TASK_RATE,		/* count the seeds that catch each race mutant */
	TASK_RULES,		/* check that a mutant violates each rule */
	TASK_HISTORY,		/* count the seeds that catch each bug of mainline */
	TASK_CONTROL,		/* expect no finding in the mutants' kernel
				   without a fault */
};

struct options {
	enum task task;
	struct strv targets;	/* empty: the default one */
	uint64_t seed_first, seed_last;
	bool seeds_given;
	uint64_t runs;		/* per seed */
	uint64_t jobs;		/* guests at once; 0: as many as fit */
	uint64_t timeout_s;	/* without progress; 0: the default */
	uint64_t ops;		/* 0: the workload's default */
	uint64_t cpus;		/* per guest; 0: the default */
	bool widen, no_widen;	/* neither: the task's default */
	char *mutants;		/* table; NULL: the task's own in tests/mutants */
	bool sample;		/* only the mutants of make check */
	char *line;		/* kernel line of the mutants; NULL: that of the
				   target, or MUTANTS_LINE */
	enum accel accel;
	char *out;		/* NULL: place below the build directory */
	char *place;		/* NULL: the task's default */
	char *kernel;		/* NULL: the target's */
	struct strv add, append, only, tests, cmd;
	bool no_snapshot;	/* each guest boots */
	enum icount icount;
	uint64_t icount_shift;	/* an instruction is 2^this ns */
	uint64_t memory_mib;	/* per guest; 0: the default */
	bool until_fail;	/* ends with the first unexpected outcome */
	bool ktap;		/* cmd's standard output is KTAP */
	bool bare;		/* cmd runs unwatched */
	bool shell;		/* cmd is the guest's interactive shell */
	bool gdb;		/* the guest is stopped for gdb */
	char *gdb_script;	/* commands for gdb; NULL: typed by the user */
	enum color_when color;
	bool list, verbose;
};

/*
 * Parses the command line. --help and --version end the process with status 0.
 * Returns 0, or -EINVAL with a message.
 */
int options__parse(struct options *o, int argc, char **argv);

/* Like options__parse() for `vmtest bisect-step', whose name is argv[0]. */
int options__parse_bisect(struct options *o, int argc, char **argv);

/* Like options__parse() for `vmtest shell', whose name is argv[0]. */
int options__parse_shell(struct options *o, int argc, char **argv);

/* Returns the version in a target's name, "6.12-debug" of "join-6.12-debug", or NULL. */
const char *options__line_of(const char *target);

struct argp;

/* Returns true, with a message, if @argp lacks one of the options. */
bool options__unknown(const struct argp *argp, int argc, char *const *argv);

/*
 * Adds the tests to run on a kernel of @mode (kernel/targets) to @out: the tests
 * given by --tests, else all that fit, or none if there is a command. @faults:
 * the kernel can make allocations fail.
 */
void options__tests(const struct options *o, const char *mode, bool faults,
		    struct strv *out);

/*
 * Checks that the tests given by --tests can run on @target, of mode @mode.
 * Returns 0, or -EINVAL with a message.
 */
int options__check_tests(const struct options *o, const char *target,
			 const char *mode);
void options__free(struct options *o);

/*
 * check.c: checks which options go together, and sets what --record implies. Returns 0,
 * or EINVAL with a message.
 */
int options_check__all(struct options *o);

/* Makes the path of --gdb=SCRIPT absolute. Returns 0, or EINVAL with a message. */
int options_check__script(struct options *o);

#endif /* VMTEST_OPTIONS_OPTIONS_H */
