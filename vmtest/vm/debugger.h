/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs gdb as a child of the runner, on the terminal or with a script. */
#ifndef VMTEST_VM_DEBUGGER_H
#define VMTEST_VM_DEBUGGER_H

#include <stdbool.h>
#include <sys/types.h>

struct debugger {
	const char *script;	/* gdb commands; NULL: the user types them */
	bool terminal;		/* gdb uses the runner's; if false, and without a
				   script, the gdb command is printed */
};

/* Returns true if standard input and output are a terminal. */
bool debugger__has_terminal(void);

/*
 * Starts gdb, or $GDB, with the commands in the file @init and then in the file
 * @script. Without a script gdb owns the terminal until debugger__reap().
 * Returns its pid, or -errno with a message.
 */
pid_t debugger__start(const char *init, const char *script);

/*
 * Waits until gdb has ended, after killing it if @kill_it, and restores the
 * terminal. Returns the wait status.
 */
int debugger__reap(pid_t pid, bool kill_it);

/* Returns true while gdb, not the runner, handles Ctrl-C on the terminal. */
bool debugger__owns_ctrl_c(void);

#endif /* VMTEST_VM_DEBUGGER_H */
