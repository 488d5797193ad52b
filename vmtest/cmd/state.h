/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command that runs guests works with, shared by the files that implement it:
 * runner.c (the order of things) on top, and below it choice.c (which kernels), kernels.c
 * (images and what is packed), specs.c (the runs), outcomes.c (what came of them).
 */
#ifndef VMTEST_CMD_STATE_H
#define VMTEST_CMD_STATE_H

#include "vmtest/host/tcg.h"
#include "vmtest/image/image.h"
#include "vmtest/image/paths.h"
#include "vmtest/image/target.h"
#include "vmtest/lib/loop.h"
#include "vmtest/mutants/mutants.h"
#include "vmtest/options/options.h"
#include "vmtest/report/expect.h"
#include "vmtest/report/summary.h"
#include "vmtest/run/batch.h"
#include "vmtest/run/progress.h"
#include "vmtest/run/rundir.h"
#include "vmtest/triage/scanner.h"
#include "vmtest/vm/debugger.h"
#include "vmtest/vm/input.h"
#include "vmtest/vm/shell.h"
#include "vmtest/vm/tsc.h"

/* A target to run, with the data that its run_specs point to. */
struct job {
	struct target target;	/* strings owned by the table or the image */
	bool by_image;		/* named after its image, in no table */
	struct image image;
	struct expect expect;
	struct allow allow;
	char *initramfs;
	struct strv tests;
};

struct vmtest {
	struct options opt;
	struct paths paths;
	struct targets targets;
	struct outdir out;
	struct loop *loop;
	struct loop_watch signals;
	int signal_fd;
	int stop;		/* the signal that was received, or 0 */
	char *program, *judge;
	struct scanner scanner;
	struct tsc_probe tsc;
	struct tcg tcg;
	struct snapshots snapshots;
	struct input *input;	/* for CMD; NULL: empty */
	struct shell shell;
	bool interactive;	/* the shell has our terminal */
	struct debugger debugger;
	double began;
	double making_s;	/* seconds of building kernels since then */
	struct job *jobs;
	size_t n;
	struct summary *summary;
	struct mutants mutants;
	struct batch *batch;
	struct progress *progress;
	struct summary_look look;
	int table;		/* file descriptor of the table */
	int write_err;		/* error of writing it; -EPIPE: no reader */
	bool refused;		/* the arguments are wrong for every kernel */
	unsigned int unexpected;	/* unexpected runs so far, with --runs */
};

/* --- choice.c --- */

/* Prints the table of targets. Returns 0 or -errno. */
int choice__list(const struct targets *ts);

/* Takes --kernel, or else BZIMAGE, which conflicts with KERNEL_SRC. 0 or -EINVAL. */
int choice__take_kernel(struct options *o);

/* Fills t->jobs with the chosen targets. Returns 0, or -errno with a message. */
int choice__take_targets(struct vmtest *t);

/* --- kernels.c --- */

/* Finds mistakes in the arguments before a kernel is built. 0, or -errno with a message. */
int kernels__check(struct vmtest *t);

/* Builds the job's kernel and packs its initramfs. 0, or -errno with a message. */
int kernels__prepare(struct vmtest *t, struct job *job);

/* --- specs.c --- */

/* Fills the spec of the job's runs, but for the seed. */
void specs__fill(struct vmtest *t, const struct job *job, struct run_spec *s);

/* Finds out, with the first kernel, how guests run on this host. */
void specs__find_accel(struct vmtest *t);

/* Returns how many guests run at once. */
uint64_t specs__guests_at_once(struct vmtest *t);

/* A command owns standard output, unless the command is a test. */
bool specs__command_prints(const struct options *o);

/* --- outcomes.c --- */

/* The batch_done of runs without mutants; ctx is the struct vmtest. */
void outcomes__add(void *ctx, const struct run_spec *spec, struct run_outcome *out);

/* Print the rest of the table, or the table of the mutants. */
void outcomes__print_rest(struct vmtest *t);
void outcomes__print_mutants(struct vmtest *t);

/* Writes the reports in --out. Returns 0, or -errno with a message. */
int outcomes__write_reports(struct vmtest *t);

#endif /* VMTEST_CMD_STATE_H */
