/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the commands that do not observe the running kernel: replay, report, export
 * and rules.
 *
 * As in cmd.h, each command gets its own argv and returns the exit status that
 * docs/pidnstrace.1 describes. --help works and returns 0.
 */
#ifndef LOADER_CMD_CMD_OFFLINE_H
#define LOADER_CMD_CMD_OFFLINE_H

int cmd_replay(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_rules(int argc, char **argv);

#endif /* LOADER_CMD_CMD_OFFLINE_H */
