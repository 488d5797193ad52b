// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes splat.txt in a child, as addr2line takes seconds and the loop has other
 * runs to serve.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/run/state.h"
#include "vmtest/triage/splat.h"

static void on_written(struct run *r, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status))
		live__fail(r, "splat.txt", -WEXITSTATUS(status));
	else if (status)
		sink__printf(&r->log, "vmtest: splat.txt: addr2line took too long\n");
}

static void write_splat(struct run *r)
{
	_exit(-splat__write(r->dir.path, r->spec.image->path, r->spec.scanner,
			    r->spec.allow));
}

bool splat__start(struct run *r, void (*done)(struct run *r))
{
	if (!r->dir.path || r->err ||
	    (!r->dumped && !r->console.count[CONSOLE_SPLAT] &&
	     !r->console.count[CONSOLE_PANIC]))
		return false;
	return after__start(r, write_splat, on_written, done);
}
