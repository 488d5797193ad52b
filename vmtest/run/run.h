/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run: a VM from its start to its verdict.
 *
 * A run works only in callbacks of the loop, and never waits in a call. The run
 * calls done once, when QEMU is reaped and the run's files are written and closed.
 */
#ifndef VMTEST_RUN_RUN_H
#define VMTEST_RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "results/events.h"
#include "vmtest/lib/loop.h"
#include "lib/verdict.h"
#include "vmtest/run/verify_report.h"
#include "vmtest/triage/fault.h"
#include "vmtest/triage/finding.h"
#include "vmtest/vm/qemu.h"

struct run;

struct run_spec {
	const char *target;	/* its name, for files and messages */
	bool by_image;		/* named after its image, and not a target */
	const char *mode;	/* mainline, join, seed */
	const struct image *image;
	const char *initramfs;
	const char *program;	/* QEMU's path */
	const char *judge;	/* pidnstrace on the host, for the traces of dead
				   guests */
	const char *out;	/* the directory for run directories */
	enum accel accel;
	unsigned int cpus;	/* 0: the default */
	struct tcg tcg;
	unsigned long tsc_khz;
	uint64_t seed;
	uint64_t ops;		/* 0: the workload's own default */
	double limit_s;		/* without progress, already scaled */
	double slack;		/* factor for the other limits: 1, or more if
				   timeout_s is above the default */
	uint64_t timeout_s;	/* --timeout, for repro.sh; 0: not given */
	const struct strv *tests, *cmd, *add;
	const struct strv *append;	/* to the kernel's command line */
	const char *label;	/* name of its directory; NULL: the target's */
	const char *mutant;	/* the fault that the kernel must report; NULL:
				   not checked */
	const struct catchers *until;	/* findings that end the run; NULL: none */
	enum icount icount;	/* a recorded run, or a counted one */
	unsigned int icount_shift;	/* for a counted run */
	uint64_t mib;		/* memory; 0: the default */
	bool widen;		/* delay tasks where they race */
	double total_s;		/* total limit; 0: a multiple of limit_s */
	void *cookie;		/* the caller's */
	struct run_outcome *first;	/* the first of two outcomes (repeat.h);
					   NULL: not a repetition */
	bool ktap;		/* cmd is a test, and prints KTAP */
	bool bare;		/* cmd runs untraced: no report, no trace */
	struct input *input;	/* cmd's standard input; NULL: empty */
	bool tools;		/* cmd is a shell with the tests in its PATH */
	struct shell *shell;	/* has our terminal; NULL: no terminal */
	struct debugger *debugger;	/* gdb before the job begins, or NULL */
	double asked;		/* time of the user's request; 0: the start */
	const struct scanner *scanner;
	const struct allow *allow;	/* known, harmless splats */
	struct snapshots *snapshots;	/* for saved guests; NULL: each boots */
	bool probe;		/* keeps no files */
	bool boot_only;		/* ends at HELLO */
};

/* Returns the guest of such a run, without the files of a started run. */
struct qemu_spec run_spec__qemu(const struct run_spec *spec);

/* Shared by the runs of one runner. */
struct snapshots {
	const char *cache;
	bool off;		/* saving or resuming fails on this host */
};

struct run_outcome {
	enum verdict verdict;
	char *reason;		/* one line */
	char *dir;		/* NULL for a probe */
	char *append;		/* to the kernel's command line; NULL: nothing */
	uint64_t seed;
	double seconds;		/* from start to verdict */
	double boot_s;		/* from asked to HELLO, or until a saved guest
				   woke up; 0: neither */
	double test_s;		/* from asked to a test's first line; 0: none */
	struct totals tests;
	struct events events;	/* the tests, the rules, the verdict */
	struct verify_report judged;
	struct findings findings;	/* both runs', if repeated */
	struct faults faults;	/* named; empty after a PASS */
	const char *hang;	/* kind of a HANG; else NULL */
	bool printed;		/* the console was not silent */
	bool booted;		/* init sent HELLO */
	bool resumed;		/* the guest was a saved one */
	char *saved;		/* directory of the last saved guest tried, or NULL */
	bool emulator;		/* the fault is QEMU's or the host's, not the
				   kernel's */
	bool retried;		/* repeated; other is the unreported outcome */
	struct {
		enum verdict verdict;
		char *reason, *dir;
	} other;
	uint64_t instructions;	/* executed; 0: not counted */
	bool is_mutant;		/* the kernel reported the fault in the spec */
	enum {
		REFUSED_NOTHING,
		REFUSED_ID,		/* the kernel does not know the fault */
		REFUSED_NO_PARAM,	/* the kernel has no parameter for faults */
	} refusal;
};

/* A callee that copies and zeroes *out has to free it; else the run does. */
typedef void run_done(void *ctx, struct run *run, struct run_outcome *out,
		      int err);

/*
 * Starts a run. Returns the run, or NULL with a message and *err.
 * done gets err != 0 if the run could not be recorded (full disk); the outcome
 * then has no verdict, and a message was printed.
 */
struct run *run__start(struct loop *loop, const struct run_spec *spec,
		       run_done *done, void *ctx, int *err);

const struct run_spec *run__spec(const struct run *run);

/* The state of an active run, for a user who waits. */
struct run_status {
	const char *stage;	/* the current test, or "boots"... */
	struct totals tests;	/* so far */
	const struct findings *findings;
	double seconds;
};

/* The strings are valid until the next turn of the loop. */
void run__status(const struct run *run, struct run_status *g);

/* Kills the VM, removes the run's files and frees the run, without calling done. */
void run__abort(struct run *run);

/*
 * Appends suffix to the name of the run's directory, and replaces an earlier
 * run's directory of that name. A failure prints a message and leaves the name
 * unchanged.
 */
void run_outcome__move(struct run_outcome *out, const char *suffix);

void run_outcome__free(struct run_outcome *out);

#endif /* VMTEST_RUN_RUN_H */
