// SPDX-License-Identifier: GPL-2.0-only
/* Reads the affinity mask of this process, and /proc/meminfo. */
#include "vmtest/host/host.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmtest/lib/util.h"

unsigned int host__cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

/* Returns the kernel's estimate: Documentation/filesystems/proc.rst, MemAvailable. */
uint64_t host__free_mib(void)
{
	static const char key[] = "MemAvailable:";
	uint64_t kib = 0;
	char *text, *at;

	if (read_file("/proc/meminfo", &text, NULL))
		return 0;
	at = strstr(text, key);
	if (at)
		kib = strtoull(at + sizeof(key) - 1, NULL, 10);
	free(text);
	return kib >> 10;
}
