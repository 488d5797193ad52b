// SPDX-License-Identifier: GPL-2.0-only
/* A process outside of a pid namespace that traces the namespace's members. */
#include <errno.h>
#include <sys/wait.h>

#include "entrances.h"
#include "ns.h"
#include "ops.h"

static long seize_with(long pid, long options)
{
	return ptrace(PTRACE_SEIZE, pid, 0, options) ? -errno : 0;
}

long tracer_interrupt(long pid, long b __maybe_unused)
{
	return ptrace(PTRACE_INTERRUPT, pid, 0, 0) ? -errno : 0;
}

long tracer_resume(long pid, long b __maybe_unused)
{
	return ptrace(PTRACE_CONT, pid, 0, 0) ? -errno : 0;
}

long tracer_detach(long pid, long b __maybe_unused)
{
	return ptrace(PTRACE_DETACH, pid, 0, 0) ? -errno : 0;
}

struct actor tracer__make(pid_t pid, long options)
{
	struct actor tracer = actor__spawn("tracer", NULL, 0);

	check__must("PTRACE_SEIZE",
		    actor__call(&tracer, seize_with, pid, options));
	return tracer;
}

int tracer__next(const struct actor *tracer, pid_t pid)
{
	check__eq("waitpid(tracee)",
		  actor__call(tracer, op_waitpid, pid, __WALL), pid);
	return actor__run(tracer, op_wait_status);
}
