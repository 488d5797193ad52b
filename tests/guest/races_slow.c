// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a tracepoint slow, by perf events on it that want a call chain each
 * and have no buffer to put it into: what the kernel does on either side of
 * the tracepoint is so long apart. See races.h.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "races.h"

#define EVENTS "/sys/kernel/tracing/events/"

int slow__tracepoint(const char *name, int cpu, int times)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_CALLCHAIN,
	};
	char path[128];
	long id;

	snprintf(path, sizeof(path), EVENTS "%s/id", name);
	id = file__get(path);
	if (id < 0)
		return id;
	attr.config = id;
	while (times--)
		if (syscall(SYS_perf_event_open, &attr, cpu < 0 ? 0 : -1, cpu,
			    -1, PERF_FLAG_FD_CLOEXEC) < 0)
			return -errno;
	return 0;
}
