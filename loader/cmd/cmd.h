/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the commands. Each gets its own argv, in which argv[0] is the command's name,
 * and returns the exit status that docs/pidnstrace.1 describes.
 */
#ifndef LOADER_CMD_CMD_H
#define LOADER_CMD_CMD_H

#include "lib/msg.h"

/* EXIT_USAGE, 2, is wrong usage, or an error of the environment. */
enum exit_status {
	EXIT_PASS = 0,
	EXIT_FAIL = 1,
	EXIT_INCONCLUSIVE = 3,
};

/* These observe the running kernel. */
int cmd_trace(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_tree(int argc, char **argv);
int cmd_wait_for(int argc, char **argv);

/* These do not. */
int cmd_replay(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_rules(int argc, char **argv);

#endif /* LOADER_CMD_CMD_H */
