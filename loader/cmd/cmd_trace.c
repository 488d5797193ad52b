// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements `pidnstrace trace', which prints a line for each operation, as strace
 * does. Only the hooks that the selected operations need are loaded.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/capture/cgroups.h"
#include "loader/capture/hooks.h"
#include "loader/capture/observe.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "lib/memory.h"
#include "lib/msg.h"
#include "lib/outpath.h"
#include "loader/view/nsname.h"
#include "loader/view/printer.h"

struct trace {
	struct observe_options observe;
	struct print_opts print;
	const char *output;
};

#define MEMBER(name) offsetof(struct trace, name)

static const struct option_table options = {
	.rows = (const struct option_row[]){
		{ "output", 'o', "FILE", "write to FILE; - is stdout (default: stdout; with COMMAND: stderr)",
		  .member = MEMBER(output), .parse = option__text },
		{}
	},
	.parts = (const struct option_part[]){
		{ &print_options, "What is shown:", MEMBER(print) },
		{ &observe_options, "Observation:", MEMBER(observe) },
		{}
	},
	.args_doc = "[-- COMMAND [ARGUMENT...]]",
	.doc = "Shows setns calls, changes of pids, forks, execs, exits, waits, and "
	       "the creation and end of pid namespaces, as they happen, in COMMAND "
	       "and its descendants; without COMMAND, in the whole system until "
	       "Ctrl-C, or until the processes of --pid have ended. Calls of "
	       "setns, fork, clone and unshare that fail are shown with their error, "
	       "orphans with their new parent. --pid, "
	       "--namespace and --comm select operations: where one of them is "
	       "repeated, any of its values may match; different ones must all match."
	       "\v"
	       "Exit status: that of COMMAND, 128 + N if signal N ended it, 127 "
	       "or 126 if it did not start; 0 without COMMAND; 2 wrong usage, no "
	       "such process or namespace, no privileges, no BTF, an output that "
	       "cannot be written; 3 an operation of --trace cannot be seen on this "
	       "kernel.",
};

/* Returns the hooks needed to show t->print.what; the others are not loaded. */
static hook_mask hooks_for(const struct trace *t)
{
	unsigned int what = t->print.what;
	/* the ancestry and name of each task are always needed */
	hook_mask hooks = HOOK(FORK) | HOOK(EXEC) | HOOK(EXIT) | HOOK(RELEASE) |
			 HOOK(EXCHANGE_TIDS) | HOOK(SWEEP) | HOOK(RENAME);

	if (what & PRINT_ALL)
		return HOOKS_ALL;
	if (what & PRINT_SETNS)
		hooks |= HOOK(SETNS_ENTER) | HOOK(SETNS_EXIT) |
			 HOOK(PIDNS_INSTALL) | HOOK(NS_CAPABLE) | HOOK(ALLOC_PID) |
			 HOOK(RESERVE_NR);
	if (what & PRINT_FORK)
		hooks |= HOOK(CLONE_FAILED) | HOOK(CLONE3_FAILED) | HOOK(ALLOC_PID);
	if (what & PRINT_REWRITE)
		hooks |= HOOK(CHANGE_PID) | HOOK(SETNS_ENTER) |
			 HOOK(SETNS_EXIT) | HOOK(PID_REWRITE);
	if (what & PRINT_NS)
		hooks |= HOOK(NS_NEW) | HOOK(NS_FREE) | HOOK(UNSHARE_FAILED);
	/* A process may be killed by another one, or by the end of its namespace. */
	if (what & (PRINT_NS | PRINT_EXIT))
		hooks |= HOOK(ZAP_ENTER) | HOOK(KILL);
	if (what & PRINT_ORPHAN)
		hooks |= HOOK(ORPHAN);
	if (what & PRINT_ERROR)
		hooks |= HOOK(ERROR_REPORT);
	/* Lines have the cgroup of their own record, trees and filters that of now. */
	if (t->print.filter.ncgroups || t->print.views & PRINT_TREE)
		hooks |= HOOK(CGROUP_MOVE);
	return hooks;
}

static bool done(void *ctx)
{
	return printer__done(ctx);
}

static void complain(const struct trace *t, const struct printer *printer,
		     int err, FILE *out)
{
	const char *ns = printer__missing_namespace(printer);
	char *unmatched = err ? NULL : printer__unmatched(printer);

	if (err == -ESRCH && printer__missing(printer))
		msg__error("--pid %s: no such process: it has ended, or has another number there; `pidnstrace tree' shows the numbers of all processes",
			   printer__missing(printer));
	else if (err == -ESRCH && ns)
		msg__error(NO_PROCESS_IN, ns);
	else if (err && (ferror(out) || err == -EPIPE))
		msg__error("%s: %s", t->output ? t->output : "output",
			   strerror(-err));
	else if (!err && printer__missing(printer))
		msg__warning(NOT_SEEN_PID, printer__missing(printer));
	if (!err && ns)
		msg__warning(NOT_SEEN_NAMESPACE, ns);
	if (unmatched)
		msg__warning("%s", unmatched);
	free(unmatched);
}

/* Warns of unseen operations, unless stderr is the output, which lists them already. */
static bool complain_of_unseen(const struct printer *printer, FILE *out)
{
	const char *operations = printer__unseen(printer);

	if (*operations && out != stderr)
		msg__warning("this kernel does not let us see: %s; `pidnstrace probe' says why",
			     operations);
	return *operations;
}

/* Returns 0 or -errno, already reported; sets *unseen if an operation is unseen. */
static int trace(struct trace *t, FILE *out, struct observe_result *seen,
		 bool *unseen)
{
	struct printer *printer;
	int err;

	printer = printer__new(out, &t->print);
	if (!t->observe.argv)
		t->observe.done = done;
	t->observe.ctx = printer;
	err = observe(&t->observe, printer__sink(printer), seen);
	if (!err)
		err = printer__finish(printer);
	complain(t, printer, err, out);
	*unseen = !err && complain_of_unseen(printer, out);
	printer__free(printer);
	return err;
}

/* Looks up --pid numbers given without a namespace in our own namespace. */
static int see_own_namespace(struct trace *t)
{
	char why[256];
	uint32_t inum;
	int err;

	if (!t->print.filter.npids)
		return 0;
	err = nsname__parse("/proc/self/ns/pid", &inum, why, sizeof(why));
	if (err)
		msg__error("%s: is /proc mounted?", why);
	else
		filter__default_namespace(&t->print.filter, inum);
	return err;
}

static FILE *open_output(const char *path)
{
	int fd = outpath__open_path(path);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out)
		msg__error("%s: %s", path, strerror(fd < 0 ? -fd : errno));
	return out;
}

/* Without a command, nothing is printed until a task enters the cgroup. */
static void warn_of_absent_cgroups(const struct filter *f, const char *mount)
{
	for (size_t i = 0; i < f->ncgroups; i++) {
		char *dir = xasprintf("%s%s", mount, f->cgroups[i].text);

		if (access(dir, F_OK))
			msg__warning("--cgroup %s: there is no such cgroup at present",
				     f->cgroups[i].text);
		free(dir);
	}
}

/* On a machine with version 1 alone, all tasks are in the root of the unified hierarchy. */
static int check_cgroups(const struct trace *t)
{
	const char *mount = cgroups__mount();

	if (t->print.filter.ncgroups && mount && !t->observe.argv)
		warn_of_absent_cgroups(&t->print.filter, mount);
	if (!t->print.filter.ncgroups || mount)
		return 0;
	msg__error("--cgroup: no cgroup hierarchy of version 2 is mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified; those of version 1 are not supported");
	return -ENOENT;
}

int cmd_trace(int argc, char **argv)
{
	struct trace t = {};
	struct observe_result seen;
	FILE *out = stdout;
	bool unseen = false;
	int err;

	observe_options__init(&t.observe);
	t.observe.sweep_ms = 0;
	t.observe.look_first = true;
	if (options__parse(&options, argc, argv, ARGP_IN_ORDER, &t))
		return EXIT_USAGE;
	if (session__check() || check_cgroups(&t) || see_own_namespace(&t))
		return EXIT_USAGE;
	if (!t.print.what)
		t.print.what = PRINT_DEFAULT;
	t.observe.session.hooks = hooks_for(&t);
	t.observe.session.stacks = t.print.stack;
	t.observe.look_last = t.print.views & PRINT_TREE;
	t.observe.session.failed_allocs = !(t.print.what & PRINT_ALL);
	if (!t.observe.argv)
		t.print.everyone = true;
	else
		out = stderr;	/* stdout is the command's, as with strace */
	t.print.may_come = t.observe.argv;
	if (t.output)
		out = strcmp(t.output, "-") ? open_output(t.output) : stdout;
	if (!out)
		return EXIT_USAGE;
	setvbuf(out, NULL, _IOFBF, PRINT_BUFFER);
	err = trace(&t, out, &seen, &unseen);
	if (t.output && fclose(out) && !err) {
		err = -errno;
		msg__error("%s: %s", t.output, strerror(-err));
	}
	if (err)
		return EXIT_USAGE;
	if (seen.exec_error)
		return command__exec_status(seen.exec_error);
	if (unseen)
		return EXIT_INCONCLUSIVE;
	return seen.has_command ? command_status__shell(&seen.command) : 0;
}
