/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private state of a run, and what all parts of a run do with it. From the top: run.c
 * (start and end), events.c (while QEMU lives), launch.c (starts QEMU, saves and resumes
 * guests), hang.c, debugging.c, and, after QEMU's end, judge_trace.c, splat_child.c,
 * run_triage.c and evidence.c (the verdict). Each struct below belongs to one of them.
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

enum run_state {
	RUN_BOOT,		/* until HELLO */
	RUN_ATTACH,		/* until the guest waits for its job */
	RUN_SAVE,		/* while QEMU writes the snapshot */
	RUN_WAKE,		/* until a resumed guest reports its job */
	RUN_WORK,		/* until the verdict */
	RUN_CLOSE,		/* after the verdict, until the trace's end */
	RUN_LEAVE,		/* after BYE, until the guest powers off */
	RUN_PANICKED,
	RUN_CAUGHT,		/* after the finding that ends the run (until) */
	RUN_DUMP,
	RUN_GONE,		/* QEMU has ended; the channels are drained */
	RUN_JUDGE,		/* a child judges the trace, symbolises the splat */
};

/* Times, as of now_s(), for the limits. */
struct run_clock {
	double started, state_since, progress, heartbeat;
	double console_at;	/* time of the console's last output */
	double stopped_at;	/* when a debugger stopped the guest; 0: running */
	int timer;
	struct loop_watch timeout;
};

struct run_files {
	struct rundir dir;
	struct capped_file console_log, ktap, trace, log, output, registers, counts;
};

struct run_vm {
	struct qemu qemu;
	struct qmp qmp;
	struct icount_qmp count;
	char how[64];		/* QEMU's exit status or signal */
};

/* launch.c */
struct launch {
	int launches;
	enum snapshot_use use;
	struct snapshot snapshot;
	struct migrate migrate;
	/* Output of a guest that will be saved, to be repeated after its resume. */
	FILE *kept[CHANNEL_NR];
	char *kept_text[CHANNEL_NR];
	size_t kept_len[CHANNEL_NR];
	bool of_another;	/* the guest was saved by another run */
	bool saved;
	char *unsaved;		/* why this QEMU failed to save or resume */
	bool bus_error;		/* SIGBUS: no room for the guest's memory */
};

/* events.c */
struct run_ports {
	struct loop_watch channel[CHANNEL_NR], exit;
	struct loop_watch poll;	/* timer to read files, which have no events */
	int poll_timer;
	struct lines lines;	/* the result port's */
	char tail[TRACE_TRAILER_LEN];
};

/* All that the guest sent: written by events.c, read for the verdict. */
struct run_seen {
	struct console console;
	struct result_port result;
	bool trace_whole;
	bool caught;		/* the finding that ends the run */
	bool refused;		/* the kernel does not have the requested fault */
};

/* hang.c */
struct hang {
	struct dump dump;
	bool dumped;
};

/* post_run.c */
struct post_run {
	pid_t child;
	int child_fd;
	struct loop_watch end;
	void (*ended)(struct run *r, int status);
	void (*done)(struct run *r);
};

struct run {
	struct run_spec spec;
	struct loop *loop;
	run_done *done;
	void *ctx;
	loop_fn *qemu_ended;	/* run.c's, for the ends of QEMU and of gdb */

	enum run_state state;
	struct run_clock clock;
	struct run_files files;
	struct run_vm vm;
	struct launch launch;
	struct run_ports ports;
	struct run_seen seen;
	struct port_input input;
	struct debugging debugging;
	struct hang hang;
	struct post_run post;
	struct run_outcome out;
	int err;
};

#define DUMP_S 15.0		/* for registers and stacks, at most */
#define DUMP_QUIET_S 0.7	/* silence that ends an answer on the console */

/* Keeps the worst verdict, and the first reason for it; takes reason. */
void run__found(struct run *r, enum verdict v, char *reason);

/* Records a named finding; ends the run if spec.until lists the finding. */
void run__finding(struct run *r, enum finding_kind kind, const char *text);

/* The console's console_fn; ctx is the run. */
void run__console(void *ctx, enum console_kind kind, const char *text);

void run__enter(struct run *r, enum run_state state);

/* Stops or restarts the clock of the limits, for a guest stopped by a debugger. */
void run__set_stopped(struct run *r, bool stopped);

/* Returns the time at which the current state times out. */
double run__deadline(const struct run *r);

/* Return limits in seconds: without progress, in all, and for saving or resuming. */
double run__patience(const struct run *r);
double run__total_limit(const struct run *r);
double run__migrate_limit(const struct run *r);

/* Prints why the run cannot be recorded, and ends the run without a verdict. */
void run__fail(struct run *r, const char *what, int err);

/* Ends the run if the file could not be written. */
void run__check_file(struct run *r, struct capped_file *s);

/* Sends a line to the result port, or ends the run as LOST. Takes line. */
void run__send(struct run *r, char *line);

/* Ends the command's input, and the shell's use of the terminal. */
void run__end_input(struct run *r);

void run__kill(struct run *r);

#endif /* VMTEST_RUN_STATE_H */
