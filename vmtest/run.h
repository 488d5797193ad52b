/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run: a VM from its start to its verdict.
 *
 * Everything happens in the loop; a run never waits in a call. It calls done
 * once, when QEMU is reaped and the run's files are written and closed.
 */
#ifndef VMTEST_RUN_H
#define VMTEST_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "finding.h"
#include "judged.h"
#include "../results/events.h"
#include "loop.h"
#include "qemu.h"
#include "verdict.h"

struct run;

struct run_spec {
	const char *target;	/* its name, for files and messages */
	bool by_image;		/* named after its image, and not a target */
	const char *mode;	/* mainline, join, seed */
	const struct image *image;
	const char *initramfs;
	const char *program;	/* QEMU's path */
	const char *judge;	/* pidnstrace on the host, for what a dead guest
				   could not judge */
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
	uint64_t timeout_s;	/* as the user gave it, 0: not; for repro.sh */
	const struct strv *tests, *cmd, *add;
	const struct strv *append;	/* to the kernel's command line */
	const char *label;	/* of its directory; NULL: the target */
	const char *mutant;	/* the fault that the kernel must say it has;
				   NULL: none is asked for */
	const struct catchers *until;	/* ends when one fits; NULL: at its end */
	enum icount icount;	/* a recorded run, or a counted one */
	unsigned int icount_shift;	/* of a counted one */
	uint64_t mib;		/* of memory; 0: the default */
	bool widen;		/* races, on purpose */
	double total_s;		/* at most; 0: a multiple of limit_s */
	void *cookie;		/* the caller's */
	struct run_outcome *first;	/* the first of two outcomes (repeat.h);
					   NULL: not a repetition */
	bool ktap;		/* cmd is a test, and prints KTAP */
	bool bare;		/* nobody watches cmd: there is no report, no trace */
	struct input *input;	/* cmd's standard input; NULL: it is empty */
	bool tools;		/* cmd is a shell: the tests are in its PATH */
	struct shell *shell;	/* has our terminal; NULL: no terminal */
	struct debugger *debugger;	/* gdb before the job begins, or NULL */
	double asked;		/* when the user did, now_s(); 0: at the start */
	const struct scanner *scanner;
	const struct allow *allow;	/* splats that are known and harmless */
	struct snapshots *snapshots;	/* may guests be saved; NULL: each boots */
	bool probe;		/* keeps no files */
	bool boot_only;		/* ends at HELLO */
};

/* Returns the guest of such a run, without the files of a run at work. */
struct qemu_spec run_spec__qemu(const struct run_spec *spec);

/* Shared by the runs of one runner. */
struct snapshots {
	const char *cache;
	bool off;		/* they do not work here */
};

struct run_outcome {
	enum verdict verdict;
	char *reason;		/* one line */
	char *dir;		/* NULL for a probe */
	char *append;		/* to the kernel's command line; NULL: nothing */
	uint64_t seed;
	double seconds;		/* from start to verdict */
	double boot_s;		/* from asked to HELLO, or until a saved guest
				   woke up; 0: never came */
	double test_s;		/* from asked to a test's first line; 0: none */
	struct totals tests;
	struct events events;	/* the tests, the rules, the verdict */
	struct judged judged;
	struct findings findings;	/* of both runs, if made twice */
	struct faults faults;	/* why it did not pass */
	const char *hang;	/* of a HANG, which kind; else NULL */
	bool printed;		/* its console was not silent */
	bool booted;		/* init spoke */
	bool resumed;		/* the guest was a saved one */
	bool emulator;		/* the fault is QEMU's or the host's, not the
				   kernel's */
	bool retried;		/* made twice; the outcome not reported: */
	struct {
		enum verdict verdict;
		char *reason, *dir;
	} other;
	uint64_t instructions;	/* executed; 0: not counted */
	bool is_mutant;		/* it said that it has the fault asked for */
};

/* Who takes out (by copying and zeroing it) frees it; else the run does. */
typedef void run_done(void *ctx, struct run *run, struct run_outcome *out,
		      int err);

/*
 * Starts a run. Returns it, or NULL with a message and *err.
 * done gets err != 0 if the run could not be recorded (full disk): there is
 * no verdict then, and a message was printed.
 */
struct run *run__start(struct loop *loop, const struct run_spec *spec,
		       run_done *done, void *ctx, int *err);

const struct run_spec *run__spec(const struct run *run);

/* The state of a run at work, for a user who waits. */
struct run_glance {
	const char *stage;	/* the test at work, or "boots"... */
	struct totals tests;	/* so far */
	const struct findings *findings;
	double seconds;
};

/* The strings are valid until the next turn of the loop. */
void run__glance(const struct run *run, struct run_glance *g);

/* Kills the VM, removes the run's files, frees it; done is not called. */
void run__abort(struct run *run);

/*
 * Appends suffix to the name of the run's directory, and replaces an earlier
 * run's directory of that name. After a failure, with a message, the name is
 * unchanged.
 */
void run_outcome__move(struct run_outcome *out, const char *suffix);

void run_outcome__free(struct run_outcome *out);

#endif
