/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run's inside, shared by run.c (start and end), launch.c (how QEMU comes to
 * run its guest), live.c (what happens while it lives), hang.c, triage.c (what
 * the faults were), after.c, replay.c and
 * evidence.c (what it is worth), splat_child.c. Nobody else's.
 */
#ifndef VMTEST_LIVE_H
#define VMTEST_LIVE_H

#include "console.h"
#include "debugging.h"
#include "dump.h"
#include "icount.h"
#include "lines.h"
#include "migrate.h"
#include "port_input.h"
#include "protocol.h"
#include "qmp.h"
#include "result.h"
#include "run.h"
#include "rundir.h"
#include "shell.h"
#include "sink.h"
#include "snapshot.h"

enum state {
	BOOT,			/* until HELLO */
	ATTACH,			/* until the guest waits for its job */
	SAVE,			/* it is written to a file */
	WAKE,			/* it was, and is to say that it has its job */
	WORK,			/* until the verdict */
	CLOSE,			/* the verdict is here, the trace's end is not */
	LEAVE,			/* BYE is said, the guest powers off */
	PANICKED,
	CAUGHT,			/* what was looked for is found: enough */
	DUMP,
	GONE,			/* QEMU ended; what it sent is still read */
	JUDGE,			/* the trace is judged here, the splat symbolised */
};

struct run {
	struct run_spec spec;
	struct loop *loop;
	run_done *done;
	void *ctx;

	enum state state;
	double started, state_since, progress, heartbeat;
	double console_at;	/* when it last said anything */
	int timer;
	enum snapshot_use use;
	struct snapshot snapshot;
	struct migrate migrate;
	int launches;
	/* What a guest that is to be saved has said, to be said again later. */
	FILE *kept[CHANNEL_NR];
	char *kept_text[CHANNEL_NR];
	size_t kept_len[CHANNEL_NR];
	bool saved;
	char *unsaved;		/* why it was not saved or resumed, by this QEMU */
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
	bool refused;		/* the kernel is not the one asked for */
	char how[64];		/* QEMU's end */
	bool bus_error;		/* of it: no room for the guest's memory */

	pid_t judge;
	int judge_fd;
	double stopped_at;	/* when a debugger stopped it; 0: it runs */
	struct icount_qmp count;
	struct port_input input;
	struct debugging debugging;
	struct loop_watch poll;	/* of files, which no event tells of */
	int poll_timer;
	void (*ended)(struct run *r, int status);
	void (*judged)(struct run *r);
	struct run_outcome out;
	int err;
};

/* run.c: what the loop calls at the end of QEMU. */
void run__qemu_ended(void *ctx, uint32_t events);

/* launch.c */

/* Starts QEMU, with a saved guest if there is one. Returns 0 or -errno, told. */
int launch__start(struct run *r);
/* The guest waits for its job. */
void launch__ready(struct run *r);
/* QEMU has ended in that state. Returns true if the run goes on with another. */
bool launch__again(struct run *r, enum state was);
void launch__free(struct run *r);

/* live.c */

/* Of what was found, the worst is told, and of that the first; takes reason. */
void live__found(struct run *r, enum verdict v, char *reason);
/* It is told by name, too; what is looked for ends the run. */
void live__finding(struct run *r, enum finding_kind kind, const char *text);
/* Of the console, a console_fn. */
void live__console(void *ctx, enum console_kind kind, const char *text);
void live__enter(struct run *r, enum state state);
/* The run cannot be recorded: a message, and it ends without a verdict. */
void live__fail(struct run *r, const char *what, int err);
/* Makes the timer and watches it. Returns 0 or -errno. */
int live__arm(struct run *r);
/* The limits exclude the time for which a debugger has the guest stopped. */
void live__stopped(struct run *r, bool stopped);
/* Watches QEMU's channels and its end. Returns 0 or -errno. */
int live__watch(struct run *r);
/* As if the channel had brought it. */
void live__feed(struct run *r, enum channel ch, const char *buf, size_t len);
/* Of the result port. A guest that does not take it is lost. */
void live__tell(struct run *r, char *line);
void live__kill(struct run *r);
/* The guest could not be saved or resumed: QEMU is killed. Takes why. */
void live__not_saved(struct run *r, char *why);
/* Takes what the channels of a QEMU that is gone still hold. */
void live__drain(struct run *r);

/* after.c: what takes long, when QEMU is gone. */

/*
 * work(r) runs in a child, whose output is the log's; ended(r, its status), then
 * done(r), are called when it has ended. Returns true if it was started.
 */
bool after__start(struct run *r, void (*work)(struct run *r),
		  void (*ended)(struct run *r, int status),
		  void (*done)(struct run *r));

/* replay.c: the trace of a guest that died is judged on the host. */

/* Returns true if it was started; done(r) is called when it ended. */
bool replay__start(struct run *r, void (*done)(struct run *r));

/* splat_child.c: of a run with a splat, panic or hang, splat.txt. */

/* As replay__start(), after which it may come. */
bool splat__start(struct run *r, void (*done)(struct run *r));

double live__patience(const struct run *r);
double live__total_limit(const struct run *r);

/* hang.c */

#define HANG_TOO_SLOW "too slow"
#define HANG_NO_OUTPUT "no output"
#define HANG_NO_PROGRESS "no progress"

#define DUMP_S 15.0		/* for registers and stacks, at most */
#define DUMP_QUIET_S 0.7	/* then the console has no more to say */

/* Of that kind, a string that stays; takes reason. It is asked where it is. */
void hang__found(struct run *r, const char *kind, char *reason);
/* The limit is over: for want of what? */
void hang__judge(struct run *r, double now);
/* The console has been quiet for DUMP_QUIET_S: the next question, or the end. */
void hang__go_on(struct run *r, double now);

/* triage.c: what the faults were, into r->out and faults.json. */
void triage__run(struct run *r);

/* evidence.c: all that speaks for or against the run, into r->out. */
void evidence__weigh(struct run *r);

#endif
