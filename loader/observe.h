/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * observe.h - one run from the first hook to the last record.
 *
 * What trace, record and verify share: options, signals, the command, the time
 * limit, progress.
 */
#ifndef PIDNS_OBSERVE_H
#define PIDNS_OBSERVE_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "session.h"

struct observe_options {
	struct session_options session;
	char **argv;		/* the command, NULL: the whole system */
	unsigned int duration_ms;	/* 0: no limit */
	unsigned int grace_ms;	/* observe on when the command has ended */
	unsigned int sweep_ms;	/* look at all threads this often, 0: never */
	bool look_first;	/* ... but once, before anything else */
	const char *pin;	/* leave the programs attached, in this directory */
	uint64_t widen_seed;	/* make races longer, 0: no */
	bool progress;		/* on stderr, from the start */
	/*
	 * If set, called when all is attached and nothing is recorded yet. It may
	 * change what is not used before: argv, widen_seed from one seed to
	 * another. An error, which it has reported, ends the run.
	 */
	int (*attached)(void *ctx);
	/* If set, asked after each read: true ends the run as Ctrl-C does. */
	bool (*done)(void *ctx);
	void *ctx;		/* of both */
};

struct observe_result {
	struct command_status command;
	int exec_error;		/* -errno: the command did not even start */
	bool has_command;
	bool interrupted;	/* by a signal */
	char widened[1024];	/* what was spun where, "": nothing */
};

/*
 * Options of the above, the children of each command's parser. The input of the
 * one there is is a struct observe_options *; what follows the options is the
 * command.
 */
extern const struct argp observe_argp;
extern const struct argp_child observe_children[];

/* The defaults. */
void observe_options__init(struct observe_options *options);

/*
 * Runs until the command ends, time is up, or SIGINT, SIGTERM or SIGHUP come.
 * The command gets the signal, too, and three seconds to end. A second signal
 * ends this process at once.
 *
 * Returns 0 when @sink has got everything, statistics included; the error of
 * the sink; or a negative errno that has been reported.
 */
int observe(const struct observe_options *options, struct record_sink *sink,
	    struct observe_result *result);

#endif /* PIDNS_OBSERVE_H */
