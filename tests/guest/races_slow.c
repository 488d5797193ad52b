// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slows a tracepoint down by attaching perf events that each collect a call
 * chain and have no buffer for it. The delay extends the time between the
 * kernel's actions before and after the tracepoint.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
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
