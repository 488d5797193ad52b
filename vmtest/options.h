/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line. */
#ifndef VMTEST_OPTIONS_H
#define VMTEST_OPTIONS_H

#include "../lib/terminal.h"
#include "qemu.h"
#include "util.h"

/* What is to be done, and with it which of the options mean something. */
enum task {
	TASK_RUNS,		/* targets, each with each seed */
	TASK_MUTANTS,		/* kernels with a fault: is each found? */
	TASK_RATE,		/* those with a race: in how many seeds? */
	TASK_RULES,		/* rules: is each violated by one of them? */
	TASK_CONTROL,		/* the same kernel without: is anything found? */
};

struct options {
	enum task task;
	struct strv targets;	/* empty: the default one */
	uint64_t seed_first, seed_last;
	bool seeds_given;
	uint64_t runs;		/* of each seed */
	uint64_t jobs;		/* guests at once; 0: as many as fit */
	uint64_t timeout_s;	/* without progress; 0: the default */
	uint64_t ops;		/* 0: the workload's default */
	uint64_t cpus;		/* of a guest; 0: the default */
	bool widen, no_widen;	/* neither: what the task likes */
	char *mutants;		/* their table; NULL: tests/mutants/mutants.txt */
	bool sample;		/* only the mutants of make check */
	char *line;		/* of kernels with faults, as "6.12" */
	enum accel accel;
	char *out;		/* NULL: the build directory's default */
	char *place;		/* directory below it; NULL: the task's */
	char *kernel;		/* NULL: the target's */
	struct strv add, append, only, tests, cmd;
	bool no_snapshot;	/* each guest boots */
	enum icount icount;
	uint64_t icount_shift;	/* an instruction is 2^this ns */
	uint64_t memory_mib;	/* of a guest; 0: the default */
	bool until_fail;	/* ends with the first run that is not as wanted */
	bool ktap;		/* cmd's standard output is KTAP */
	bool bare;		/* cmd runs unwatched */
	bool shell;		/* cmd is the guest's interactive shell */
	bool gdb;		/* the guest is stopped for gdb */
	char *gdb_script;	/* commands for gdb; NULL: typed by the user */
	enum color_when color;
	bool list, verbose;
};

/*
 * Parses. Ends the process for --help and --version (0).
 * Returns 0, or -EINVAL with a message.
 */
int options__parse(struct options *o, int argc, char **argv);

/* The same for `vmtest bisect-step', whose name is argv[0]. */
int options__parse_bisect(struct options *o, int argc, char **argv);

/* The same for `vmtest shell', whose name is argv[0]. */
int options__parse_shell(struct options *o, int argc, char **argv);
struct argp;

/* Returns true, with a message, if @argp lacks one of the options. */
bool options__unknown(const struct argp *argp, int argc, char *const *argv);

/*
 * The tests to run on a kernel of @mode (kernel/targets), added to @out: none
 * if there is a command, else those asked for, else all that fit. @faults says
 * whether allocations can be made to fail there.
 */
void options__tests(const struct options *o, const char *mode, bool faults,
		    struct strv *out);

/*
 * Checks that the tests asked for can run on @target, whose mode is @mode.
 * Returns 0, or -EINVAL with a message.
 */
int options__check_tests(const struct options *o, const char *target,
			 const char *mode);
void options__free(struct options *o);

#endif
