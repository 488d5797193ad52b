// SPDX-License-Identifier: GPL-2.0-only
/* Prints the slab caches of struct pid, from inside of nested namespaces. */
#include "bench_slabs.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "bench_hand.h"
#include "ns.h"

/* create_pid_cachep() names the caches pid, pid_2, pid_3 and so on. */
static long attribute(int depth, const char *name)
{
	char path[96], suffix[16] = "";

	if (depth)
		snprintf(suffix, sizeof(suffix), "_%d", depth + 1);
	snprintf(path, sizeof(path), "/sys/kernel/slab/pid%s/%s", suffix, name);
	return must(path, file__get(path));
}

/* Called in a namespace of @depth. */
static void print_from(int depth, int levels)
{
	pid_t pid;

	printf("slab %d %ld %ld %d\n", depth, attribute(depth, "slab_size"),
	       attribute(depth, "objs_per_slab"),
	       1 << attribute(depth, "order"));
	fflush(stdout);
	if (depth + 1 == levels)
		return;
	pid = must("clone", ns__clone(CLONE_NEWPID, NULL));
	if (!pid) {
		print_from(depth + 1, levels);
		_exit(0);
	}
	must_end_well("init of a nested namespace", pid);
}

void slabs__print(int levels)
{
	print_from(0, levels);
}
