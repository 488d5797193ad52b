// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes splat.txt in a child, as addr2line takes seconds and the loop has other
 * runs to serve.
 */
#include "vmtest/run/splat_child.h"

#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/run/post_run.h"
#include "vmtest/triage/splat.h"

static void on_written(struct run *r, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status))
		run__fail(r, "splat.txt", -WEXITSTATUS(status));
	else if (status)
		capped_file__printf(&r->files.log, "vmtest: splat.txt: addr2line took too long\n");
}

static void write_splat(struct run *r)
{
	_exit(-splat__write(r->files.dir.path, r->spec.image->path, r->spec.scanner,
			    r->spec.allow));
}

bool splat_child__start(struct run *r, void (*done)(struct run *r))
{
	if (!r->files.dir.path || r->err ||
	    (!r->hang.dumped && !r->seen.console.count[CONSOLE_SPLAT] &&
	     !r->seen.console.count[CONSOLE_PANIC]))
		return false;
	return post_run__start(r, write_splat, on_written, done);
}
