// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_trace.c - pidnstrace trace: one line an operation, in strace's manner.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "hooks.h"
#include "msg.h"
#include "observe.h"
#include "option.h"
#include "print.h"

struct trace {
	struct observe_options observe;
	struct print_opts print;
	const char *output;
};

enum {
	OPT_FORMAT = 0x100,
};

static const struct argp_option option_table[] = {
	{ "trace", 'e', "LIST", 0,
	  "what to show: setns, rewrite, fork, exec, exit, error, all (default: all of these but `all', which is every record as it is)",
	  0 },
	{ "everyone", 'a', NULL, 0,
	  "also show tasks that COMMAND did not start", 0 },
	{ "output", 'o', "FILE", 0, "write to FILE (default: stdout; with COMMAND: stderr)", 0 },
	{ "format", OPT_FORMAT, "FORMAT", 0,
	  "text, or json: one object a line (default text)", 0 },
	{}
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct trace *t = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &t->observe;
		return 0;
	case 'e':
		option__print_what(arg, &t->print, state);
		return 0;
	case 'a':
		t->print.everyone = true;
		return 0;
	case 'o':
		t->output = arg;
		return 0;
	case OPT_FORMAT:
		option__print_format(arg, &t->print, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "[-- COMMAND [ARGUMENT...]]",
	.doc = "Shows setns, changes of pids, forks, execs and exits as they "
	       "happen, of COMMAND and its descendants; without COMMAND, of the "
	       "whole system until Ctrl-C."
	       "\v"
	       "Exit status: that of COMMAND, 128 + N if signal N ended it, 127 "
	       "or 126 if it did not start; 0 without COMMAND; 2 usage, no "
	       "privileges, no BTF, an output that cannot be written.",
	.children = observe_children,
};

/* What is not shown need not be loaded. */
static uint32_t hooks_for(unsigned int what)
{
#define HOOK(e) (1U << WIRE_HOOK_##e)
	/* whose descendant a task is, and what it is called, is always asked */
	uint32_t hooks = HOOK(FORK) | HOOK(EXEC) | HOOK(EXIT);

	if (!what || what & PRINT_ALL)
		return HOOKS_ALL;
	if (what & PRINT_SETNS)
		hooks |= HOOK(SETNS_ENTER) | HOOK(SETNS_EXIT) |
			 HOOK(PIDNS_INSTALL);
	if (what & PRINT_REWRITE)
		hooks |= HOOK(CHANGE_PID) | HOOK(SETNS_ENTER) |
			 HOOK(SETNS_EXIT) | HOOK(PID_REWRITE);
	if (what & PRINT_ERROR)
		hooks |= HOOK(ERROR_REPORT);
	return hooks;
#undef HOOK
}

/* Returns 0, or -errno: that of the output, which was said. */
static int trace(const struct trace *t, FILE *out, struct observe_result *seen)
{
	struct printer *printer;
	int err;

	err = printer__new(&printer, out, &t->print);
	if (err) {
		msg__error("%s", strerror(-err));
		return err;
	}
	err = observe(&t->observe, printer__sink(printer), seen);
	if (!err)
		err = printer__finish(printer);
	printer__free(printer);
	if (!err && fflush(out))
		err = -errno;
	if (ferror(out))
		msg__error("%s: %s", t->output ? t->output : "output",
			   strerror(err ? -err : EIO));
	return err;
}

int cmd_trace(int argc, char **argv)
{
	struct trace t = {};
	struct observe_result seen;
	FILE *out = stdout;
	int err;

	observe_options__init(&t.observe);
	t.observe.sweep_ms = 0;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &t))
		return EXIT_USAGE;
	if (session__check())
		return EXIT_USAGE;
	t.observe.session.hooks = hooks_for(t.print.what);
	if (!t.observe.argv)
		t.print.everyone = true;
	else
		out = stderr;	/* stdout is the command's, as with strace */
	if (t.output)
		out = fopen(t.output, "we");
	if (!out) {
		msg__error("%s: %s", t.output, strerror(errno));
		return EXIT_USAGE;
	}
	err = trace(&t, out, &seen);
	if (t.output && fclose(out) && !err) {
		err = -errno;
		msg__error("%s: %s", t.output, strerror(-err));
	}
	if (err)
		return EXIT_USAGE;
	if (seen.exec_error)
		return command__exec_status(seen.exec_error);
	return seen.has_command ? command_status__shell(&seen.command) : 0;
}
