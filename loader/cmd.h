/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd.h - the commands that need a kernel; see cmd_offline.h for the others.
 *
 * Each gets its own argv (argv[0] names it) and returns the exit status of
 * DESIGN.md section 5.
 */
#ifndef PIDNS_CMD_H
#define PIDNS_CMD_H

enum exit_status {
	EXIT_PASS = 0,
	EXIT_FAIL = 1,
	EXIT_USAGE = 2,		/* usage, or something in the environment */
	EXIT_INCONCLUSIVE = 3,
};

int cmd_trace(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_probe(int argc, char **argv);

#endif /* PIDNS_CMD_H */
