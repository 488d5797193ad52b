/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private state of a run, and the functions by which the parts of a run change it.
 * The parts, from the top: run.c (start and end), events.c (while QEMU lives), launch.c
 * (starts QEMU, saves and resumes guests), hang.c, debugging.c, and, after QEMU's end,
 * kernel_text.c, post_run.c, run_triage.c and evidence.c (the verdict). state.c and run_files.c serve
 * them all. A struct below that follows the name of a file belongs to this file.
 */
#ifndef VMTEST_RUN_STATE_H
#define VMTEST_RUN_STATE_H

#include "vmtest/lib/capped_file.h"
#include "vmtest/lib/lines.h"
#include "vmtest/run/port_input.h"
#include "vmtest/run/result_port.h"
#include "vmtest/run/run.h"
#include "vmtest/run/rundir.h"
#include "vmtest/triage/console.h"
#include "vmtest/triage/kernel_log.h"
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
	RUN_CAUGHT,		/* after a finding that spec.until lists */
	RUN_DUMP,		/* while hang.c dumps registers and stacks */
	RUN_GONE,		/* QEMU has ended; the channels are drained */
	RUN_JUDGE,		/* while a child of post_run.c works */
};

/* Times, as of now_s(), for the limits. */
struct run_clock {
	double started, state_since;
	double progress, heartbeat;	/* signs of life of the guest */
	double console_at;	/* the last output on the console */
	/* Seconds in which QEMU had to wait for a CPU: in all, and up to @progress. */
	double waited, waited_before;
	double stopped_at;	/* when a debugger stopped the guest; 0: running */
	struct timer timer;	/* for run__deadline() */
};

struct run_files {
	struct rundir dir;
	struct capped_file console_log, kernel_log, ktap, trace, log, output, registers, counts;
};

struct run_vm {
	struct qemu qemu;
	struct qmp qmp;
	struct icount_qmp count;
	char how[64];		/* QEMU's exit status or signal */
	int status;		/* QEMU's wait status */
	char shutdown[32];	/* QEMU's reason, such as "guest-reset"; "": none */
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
	bool saved;		/* this QEMU has saved its guest */
	char *unsaved;		/* why this QEMU failed to save or resume */
	bool bus_error;		/* SIGBUS: no room for the guest's memory */
};

/* events.c */
struct run_ports {
	struct loop_watch channel[CHANNEL_NR], exit;
	struct port {		/* the context of each watch */
		struct run *run;
		enum channel channel;
	} port[CHANNEL_NR];
	struct loop_watch errors_watch;
	int errors;		/* QEMU's own messages, a pipe; -1: none */
	struct timer poll;	/* under -icount: reads files, which have no events */
	struct lines lines;	/* reads the result port */
	char tail[TRACE_TRAILER_LEN];	/* the newest bytes of the trace */
};

/* All that the guest sent: written by events.c, read for the verdict. */
struct run_seen {
	/* Reports on the console and in the log; at the end, all of them in console. */
	struct console console, logged;
	struct kernel_log log;
	char *kernel_text;	/* the text of these reports, if there are any */
	struct result_port result;
	bool trace_whole;
	bool caught;		/* a finding that spec.until lists */
	bool refused;		/* the kernel does not have the requested fault */
};

/* hang.c */
struct hang {
	bool dumped;
	size_t step;		/* the dump's next step */
	int stalls;		/* consecutive steps without an answer of QEMU */
};

/* debugging.c */
struct debugging {
	pid_t gdb;
	struct loop_watch end;
	bool asked;		/* QEMU is stopping the guest; gdb is next */
	bool held;		/* QEMU has ended, and the run waits for gdb */
};

/* post_run.c */
struct post_run {
	pid_t child;
	struct loop_watch end;
	void (*ended)(struct run *r, int status);
	void (*done)(struct run *r);
};

struct run {
	struct run_spec spec;
	struct loop *loop;
	run_done *done;
	void *ctx;
	loop_fn *qemu_ended;	/* a function of run.c: QEMU or gdb has ended */

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

/* --- state.c --- */

#define DUMP_S 15.0		/* for registers and stacks, at most */
#define DUMP_QUIET_S 0.7	/* silence that ends an answer on the console */

/* Adds a line to the run's log. */
void run__log(struct run *r, const char *fmt, ...) __printf(2, 3);

/* Keeps the worst verdict, and the first reason for it. */
void run__raise_verdict(struct run *r, enum verdict v, const char *fmt, ...) __printf(3, 4);

/* Records a named finding; ends the run if spec.until lists the finding. */
void run__add_finding(struct run *r, enum finding_kind kind, const char *text);

/* A console_fn, for findings on the console; ctx is the run. */
void run__console(void *ctx, enum console_kind kind, const char *text);
/* The same for findings in the kernel's log, which a shell shows to its user. */
void run__logged(void *ctx, enum console_kind kind, const char *text);

void run__enter(struct run *r, enum run_state state);

/* Stops or restarts the clock of the limits, for a guest stopped by a debugger. */
void run__set_stopped(struct run *r, bool stopped);

/* Returns the time at which the current state times out. */
double run__deadline(const struct run *r);

/*
 * Reads how long QEMU had to wait for a CPU of the host, which no limit counts.
 * @progress: the guest has just made progress.
 */
void run__look_at_host(struct run *r, bool progress);

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

/* --- qemu_errors.c --- */

/* Opens a pipe. Returns the end for QEMU, which the caller closes, or -1: none. */
int qemu_errors__open(struct run *r);

/* Watches the pipe. Returns 0 or -errno. */
int qemu_errors__watch(struct run *r);

/* Copies the rest, and closes the pipe. */
void qemu_errors__drain(struct run *r);

/* --- run_files.c --- */

/* Makes the directory and opens the files. A probe has none. 0 or -errno with a message. */
int run_files__open(struct run *r);

/* Completes the files that are read for the verdict: the guest sends no more. */
void run_files__settle(struct run *r);
void run_files__close(struct run *r);

/* Removes the empty and the temporary files. */
void run_files__remove_unused(struct run *r);

/* --- hang.c --- */

#define HANG_TOO_SLOW "too slow"
#define HANG_NO_OUTPUT "no output"
#define HANG_NO_PROGRESS "no progress"
#define HANG_TOO_MUCH "too much output"

/* Records a hang and starts to dump CPUs and tasks. @kind is not copied. */
void hang__record(struct run *r, const char *kind, const char *fmt, ...)
	__printf(3, 4);

/* Determines the kind of hang of a guest whose limit has expired, and records it. */
void hang__classify(struct run *r, double now);

/* Takes the next step of the dump, or kills the guest; to be called after a pause. */
void hang__next_dump(struct run *r, double now);

/* --- debugging.c: stops the guest for gdb before the job begins --- */

/*
 * Returns a socket, in the run's directory, on which QEMU waits for gdb, or
 * -errno.
 */
int debugging__listen(const struct run *r);

/* Stops a guest that waits for its job, sends the job, and starts gdb. */
void debugging__begin(struct run *r);

/*
 * To be called when QEMU has ended. Returns true if gdb still runs: qemu_ended() is then
 * called again at the end of gdb.
 */
bool debugging__hold(struct run *r);

/* Kills gdb and removes its files. May be called at any time, and repeatedly. */
void debugging__end(struct run *r);

/* --- launch.c --- */

/* Starts QEMU, resuming a saved guest if possible. 0 or -errno with a message. */
int launch__start(struct run *r);

/*
 * If another run saved the guest: sets *text and *len to the output of the guest on a
 * channel before it was saved; free *text. Else sets *text to NULL. Returns 0 or -errno.
 */
int launch__output(const struct run *r, enum channel ch, char **text, size_t *len);

/* Saves a guest that waits for its job, or starts gdb, or sends the job. */
void launch__ready(struct run *r);

/* Kills QEMU, because the guest was not saved or not resumed, as the text explains. */
void launch__not_saved(struct run *r, const char *fmt, ...) __printf(2, 3);

/*
 * To be called when QEMU has ended, in the state @was. Returns true if the run continues
 * with a new QEMU.
 */
bool launch__relaunch(struct run *r, enum run_state was);

void launch__free(struct run *r);

/* --- events.c --- */

/* Called when clock.timer expires; ctx is the run. */
void events__timeout(void *ctx);

/*
 * Watches QEMU's channels and its end, and repeats what a saved guest printed before it
 * was saved. To be called after each launch. Returns 0, or -errno with a message.
 */
int events__watch(struct run *r);

/* Reads the remaining data of the channels after QEMU has ended. */
void events__drain(struct run *r);

/* --- kernel_text.c --- */

/* Takes the rest of an L line of the guest. Returns false if the line is invalid. */
bool kernel_text__take(struct run *r, const char *record);

/*
 * To be called when QEMU has ended: decides, from the log and the console, which reports
 * are the kernel's, and drops the others.
 */
void kernel_text__settle(struct run *r);

/* --- post_run.c --- */

/*
 * post_run__judge() judges, on the host, the trace of a guest that died before its own
 * report. post_run__symbolise() writes splat.txt for a run with a splat, panic or hang.
 * Both return true if a child was started; done(r) is then called at its end.
 */
bool post_run__judge(struct run *r, void (*done)(struct run *r));
bool post_run__symbolise(struct run *r, void (*done)(struct run *r));

/* --- run_triage.c --- */

/* Writes the names of the faults to r->out and to faults.json. */
void run_triage__write(struct run *r);

/* --- evidence.c --- */

/* Weighs all evidence, and sets the verdict in r->out. */
void evidence__weigh(struct run *r);

#endif /* VMTEST_RUN_STATE_H */
