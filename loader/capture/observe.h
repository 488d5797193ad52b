/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Observes one run, from the first hook to the last record, for trace, record and
 * verify. observe_options__init() sets the defaults, the table observe_options has the
 * shared options, and observe() handles signals, the command, the time limit and the
 * progress display.
 */
#ifndef LOADER_CAPTURE_OBSERVE_H
#define LOADER_CAPTURE_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/capture/command.h"
#include "loader/capture/session.h"
#include "loader/lib/options.h"

struct observe_options {
	struct session_options session;
	char **argv;		/* the command, NULL: the whole system */
	struct command_setup setup;	/* how the command is started */
	uint64_t duration_ms;	/* 0: no limit */
	uint64_t grace_ms;	/* time to observe after the command has ended */
	uint64_t sweep_ms;	/* period of the sweeps over all threads, 0: none */
	bool look_first;	/* one sweep before the run, if sweep_ms is 0 */
	bool look_last;		/* the same, after the run */
	bool quiet;		/* no progress on the terminal */
	const char *pin;	/* leave the programs attached, in this directory */
	uint64_t widen_seed;	/* make races longer, 0: off */
	/*
	 * Called, if set, when all hooks are attached and nothing is recorded yet. The
	 * callback may change options that are used later: argv, widen_seed from one
	 * seed to another. An error, which the callback has reported, ends the run.
	 */
	int (*attached)(void *ctx);
	/* Called, if set, after each read: true ends the run. */
	bool (*done)(void *ctx);
	void *ctx;		/* argument of both callbacks */
};

struct observe_result {
	struct command_status command;
	int exec_error;		/* -errno: the command did not start */
	bool has_command;
	bool stopped;		/* the command was asked to end, by a limit or a signal */
	char widened[1024];	/* spins of each hook, in words; "": no widening */
};

/* The table for a struct observe_options; the command comes after the options. */
extern const struct option_table observe_options;

/* Sets the defaults. */
void observe_options__init(struct observe_options *options);

/*
 * Runs until the command ends, the time is up, or SIGINT, SIGTERM or SIGHUP comes.
 * The command gets the signal, too, and has three seconds to end. A second signal
 * ends this process at once.
 *
 * Returns 0 when @sink has received everything, statistics included; the error of
 * the sink; or a negative errno that has been reported.
 */
int observe(const struct observe_options *options, struct record_sink *sink,
	    struct observe_result *result);

#endif /* LOADER_CAPTURE_OBSERVE_H */
