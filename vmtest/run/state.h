/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private state of a run, shared by the files that implement it: run.c
 * (start and end), launch.c (starts QEMU, saves and resumes guests), live.c
 * (events while QEMU lives), hang.c (hung guests), triage.c (names of the
 * faults), after.c, replay.c and splat_child.c (slow work after QEMU's end),
 * evidence.c (the verdict).
 */
#ifndef VMTEST_RUN_STATE_H
#define VMTEST_RUN_STATE_H

#include "vmtest/lib/capped_file.h"
#include "vmtest/lib/lines.h"
#include "vmtest/run/debugging.h"
#include "vmtest/run/port_input.h"
#include "vmtest/run/result_port.h"
#include "vmtest/run/run.h"
#include "vmtest/run/rundir.h"
#include "vmtest/triage/console.h"
#include "vmtest/vm/dump.h"
#include "vmtest/vm/icount.h"
#include "vmtest/vm/migrate.h"
#include "vmtest/vm/qmp.h"
#include "vmtest/vm/shell.h"
#include "vmtest/vm/snapshot.h"
#include "vmtest/wire/protocol.h"

enum state {
	BOOT,			/* until HELLO */
	ATTACH,			/* until the guest waits for its job */
	SAVE,			/* while QEMU writes the snapshot */
	WAKE,			/* until a resumed guest reports its job */
	WORK,			/* until the verdict */
	CLOSE,			/* after the verdict, until the trace's end */
	LEAVE,			/* after BYE, until the guest powers off */
	PANICKED,
	CAUGHT,			/* after the finding that ends the run (until) */
	DUMP,
	GONE,			/* QEMU has ended; the channels are drained */
	JUDGE,			/* a child judges the trace, symbolises the splat */
};

struct run {
	struct run_spec spec;
	struct loop *loop;
	run_done *done;
	void *ctx;

	enum state state;
	double started, state_since, progress, heartbeat;
	double console_at;	/* time of the console's last output */
	int timer;
	enum snapshot_use use;
	struct snapshot snapshot;
	struct migrate migrate;
	int launches;
	/* Output of a guest that will be saved, to be repeated after its resume. */
	FILE *kept[CHANNEL_NR];
	char *kept_text[CHANNEL_NR];
	size_t kept_len[CHANNEL_NR];
	bool saved;
	char *unsaved;		/* why this QEMU failed to save or resume */
	struct qemu qemu;
	struct qmp qmp;
	struct loop_watch channel[CHANNEL_NR], exit, timeout;

	struct rundir dir;
	struct sink console_log, ktap, trace, log, output, registers,
		counts;
	struct console console;
	struct lines lines;
	struct result result;
	struct dump dump;
	char tail[TRACE_TRAILER_LEN];
	bool trace_whole, dumped, caught;
	bool refused;		/* the kernel does not have the requested fault */
	char how[64];		/* QEMU's exit status or signal */
	bool bus_error;		/* SIGBUS: no room for the guest's memory */

	pid_t judge;
	int judge_fd;
	double stopped_at;	/* when a debugger stopped the guest; 0: running */
	struct icount_qmp count;
	struct port_input input;
	struct debugging debugging;
	struct loop_watch poll;	/* timer to read files, which have no events */
	int poll_timer;
	void (*ended)(struct run *r, int status);
	void (*judged)(struct run *r);
	struct run_outcome out;
	int err;
};

/* run.c: the loop's callback for the end of QEMU. */
void run__qemu_ended(void *ctx, uint32_t events);

/* launch.c */

/* Starts QEMU, resuming a saved guest if possible. 0 or -errno with a message. */
int launch__start(struct run *r);
/* Saves a guest that waits for its job, or starts gdb, or sends the job. */
void launch__ready(struct run *r);
/* QEMU ended in state was. Returns true if the run continues with a new QEMU. */
bool launch__again(struct run *r, enum state was);
void launch__free(struct run *r);

/* live.c */

/* Keeps the worst verdict, and the first reason for it; takes reason. */
void live__found(struct run *r, enum verdict v, char *reason);
/* Records a named finding; ends the run if spec.until lists the finding. */
void live__finding(struct run *r, enum finding_kind kind, const char *text);
/* The console's console_fn. */
void live__console(void *ctx, enum console_kind kind, const char *text);
void live__enter(struct run *r, enum state state);
/* Prints why the run cannot be recorded, and ends the run without a verdict. */
void live__fail(struct run *r, const char *what, int err);
/* Creates and watches the timer. Returns 0 or -errno. */
int live__arm(struct run *r);
/* Stops or restarts the clock of the limits, for a guest stopped by a debugger. */
void live__stopped(struct run *r, bool stopped);
/* Watches QEMU's channels and its end. Returns 0 or -errno. */
int live__watch(struct run *r);
/* Handles len bytes as if the channel had delivered them. */
void live__feed(struct run *r, enum channel ch, const char *buf, size_t len);
/* Sends a line to the result port, or ends the run as LOST. Takes line. */
void live__tell(struct run *r, char *line);
void live__kill(struct run *r);
/* Kills QEMU since the guest was not saved or not resumed. Takes why. */
void live__not_saved(struct run *r, char *why);
/* Reads the remaining data of the channels after QEMU has ended. */
void live__drain(struct run *r);

/* after.c: slow work after QEMU's end. */

/*
 * Runs work(r) in a child, which prints to the log. At the child's end, calls
 * ended(r, wait status) and then done(r). Returns true if the child was started.
 */
bool after__start(struct run *r, void (*work)(struct run *r),
		  void (*ended)(struct run *r, int status),
		  void (*done)(struct run *r));

/* replay.c: judges the trace of a dead guest on the host. */

/* Returns true if the judge was started; calls done(r) at the judge's end. */
bool replay__start(struct run *r, void (*done)(struct run *r));

/* splat_child.c: writes splat.txt for a run with a splat, panic or hang. */

/* Like replay__start(), and may be called after the replay's end. */
bool splat__start(struct run *r, void (*done)(struct run *r));

double live__patience(const struct run *r);
double live__total_limit(const struct run *r);

/* hang.c */

#define HANG_TOO_SLOW "too slow"
#define HANG_NO_OUTPUT "no output"
#define HANG_NO_PROGRESS "no progress"

#define DUMP_S 15.0		/* for registers and stacks, at most */
#define DUMP_QUIET_S 0.7	/* silence that ends an answer on the console */

/* Records a hang; dumps CPUs and tasks. kind: not copied. Takes reason. */
void hang__found(struct run *r, const char *kind, char *reason);
/* Classifies and records a hang after a limit has expired. */
void hang__judge(struct run *r, double now);
/* After DUMP_QUIET_S of silence: starts the next dump, or kills the guest. */
void hang__go_on(struct run *r, double now);

/* triage.c: writes the names of the faults to r->out and faults.json. */
void triage__run(struct run *r);

/* evidence.c: weighs all evidence, and sets the verdict in r->out. */
void evidence__weigh(struct run *r);

#endif /* VMTEST_RUN_STATE_H */
