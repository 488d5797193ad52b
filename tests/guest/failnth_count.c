// SPDX-License-Identifier: GPL-2.0-only
/* Counts of kernel objects, by the caches that they are allocated from. */
#include "failnth_count.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "run.h"

#define SLAB "/sys/kernel/slab/"

/* A write waits until all objects are freed that wait for a grace period, 6.0. */
#define RCU_BARRIER "/sys/module/rcutree/parameters/do_rcu_barrier"

/* No event shows that the kernel has freed something: read until that many are equal. */
#define STABLE 3
#define PAUSE_MS 8

static const struct {
	const char *what;
	const char *cache;
	const char *old_cache;	/* name in older kernels */
} caches[COUNTS] = {
	[COUNT_PID] = { "struct pid", "pid", NULL },
	[COUNT_PID_BELOW] = { "struct pid, one level below", "pid_2", NULL },
	[COUNT_PID_NS] = { "struct pid_namespace", "pid_namespace", NULL },
	[COUNT_NSPROXY] = { "struct nsproxy", "nsproxy", NULL },
	[COUNT_CRED] = { "struct cred", "cred", "cred_jar" },
	[COUNT_FS] = { "struct fs_struct", "fs_cache", NULL },
	[COUNT_LIMITED] = { "pid namespaces of the user", NULL, NULL },
};

static void slab_path(char *path, size_t size, enum count i, const char *file)
{
	snprintf(path, size, SLAB "%s/%s", caches[i].cache, file);
	if (caches[i].old_cache && access(path, F_OK))
		snprintf(path, size, SLAB "%s/%s", caches[i].old_cache, file);
}

/* Can a child make a pid namespace? */
static bool can_make_pid_ns(void)
{
	pid_t pid = ns__clone(CLONE_NEWPID, NULL);

	if (!pid)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	else if (pid != -ENOSPC)
		check__bail("clone(CLONE_NEWPID): %s", strerror(-pid));
	return pid > 0;
}

/* The kernel does not show the count: find the lowest limit that allows one more. */
static long count_limited(void)
{
	const long limit = check__must(MAX_PID_NS, file__get(MAX_PID_NS));
	long count = 0;

	do {
		check__must(MAX_PID_NS, file__set(MAX_PID_NS, ++count));
	} while (!can_make_pid_ns() && count < limit);
	check__must(MAX_PID_NS, file__set(MAX_PID_NS, limit));
	return count - 1;
}

static void read_once(struct counts *c)
{
	char path[80];
	int err;

	for (int i = 0; i < COUNTS; i++) {
		if (i == COUNT_LIMITED)
			continue;
		slab_path(path, sizeof(path), i, "shrink");
		err = file__set(path, 1);
		if (err)
			check__bail("%s: %s", path, strerror(-err));
		slab_path(path, sizeof(path), i, "objects");
		c->nr[i] = check__must(path, file__get(path));
	}
}

/* The kernel frees objects late: after grace periods, and by work queues. */
void counts__read(struct counts *c)
{
	const long end = ns__now_ms() + run__patience() / 3;
	struct counts last;
	int same = 0;

	check__must(RCU_BARRIER, file__set(RCU_BARRIER, 1));
	c->nr[COUNT_LIMITED] = 0;
	read_once(c);
	while (same < STABLE && ns__now_ms() < end) {
		last = *c;
		poll(NULL, 0, PAUSE_MS);
		read_once(c);
		same = memcmp(&last, c, sizeof(last)) ? 0 : same + 1;
	}
	/* Makes namespaces, which are freed late, so it is the last count. */
	c->nr[COUNT_LIMITED] = count_limited();
}

static bool has_grown(const struct counts *before, const struct counts *after)
{
	for (int i = 0; i < COUNTS; i++)
		if (after->nr[i] > before->nr[i])
			return true;
	return false;
}

bool counts__settle(const struct counts *before, struct counts *after)
{
	const long end = ns__now_ms() + run__patience() / 3;

	do {
		counts__read(after);
		if (!has_grown(before, after))
			return true;
	} while (ns__now_ms() < end);
	return false;
}

void counts__note_growth(const struct counts *before, const struct counts *after)
{
	for (int i = 0; i < COUNTS; i++)
		if (after->nr[i] > before->nr[i])
			check__note("%s: %ld before, %ld after", caches[i].what,
				    before->nr[i], after->nr[i]);
}
