// SPDX-License-Identifier: GPL-2.0-only
/*
 * A step of a bisection. A fault makes the commit bad only if the guest reached
 * its init. A kernel that does not boot proves nothing about the bug in
 * question, and is skipped, as is a kernel whose run is lost or inconclusive.
 */
#include "vmtest/options/bisect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/lib/process.h"

int bisect__status(enum verdict verdict, bool booted)
{
	switch (verdict) {
	case VERDICT_PASS:
		return BISECT_GOOD;
	case VERDICT_FAIL:
	case VERDICT_SPLAT:
	case VERDICT_PANIC:
	case VERDICT_HANG:
		return booted ? BISECT_BAD : BISECT_SKIP;
	default:
		return BISECT_SKIP;
	}
}

/* Returns the tree's abbreviated commit, or "tree" without git; free it. */
static char *commit_of(const char *tree)
{
	auto_free char *quoted = shell_quote(tree);
	auto_free char *command = xasprintf("git -C %s rev-parse --short=12 HEAD 2>/dev/null",
					    quoted);

	return child__first_line(command) ?: xstrdup("tree");
}

/* Returns 0, or -EINVAL with a message if there is no tree to build. */
static int find_tree(void)
{
	const char *dir = getenv("KERNEL_SRC");
	auto_free char *here = NULL;

	if (dir && *dir)
		return 0;
	if (access("Kbuild", R_OK) || access("kernel/pid_namespace.c", R_OK)) {
		msg__error("bisect-step: the current directory is not a kernel tree; run it in one, or name the tree in KERNEL_SRC");
		return -EINVAL;
	}
	here = realpath(".", NULL);
	if (!here || setenv("KERNEL_SRC", here, 1)) {
		msg__error("bisect-step: %s", strerror(errno));
		return -EINVAL;
	}
	return 0;
}

int bisect__parse(struct options *o, int argc, char **argv)
{
	int err = options__parse_bisect(o, argc, argv);
	auto_free char *commit = NULL;

	if (err)
		return err;
	err = find_tree();
	if (err) {
		options__free(o);
		return err;
	}
	if (!o->targets.n)
		strv__add(&o->targets, "tree");
	commit = commit_of(getenv("KERNEL_SRC"));
	o->place = xasprintf("bisect/%s", commit);
	return 0;
}
