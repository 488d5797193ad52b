// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps tables of freed struct pids and of dying namespaces, up to the record of each
 * one's end, and looks up the freed numbers in /proc.
 *
 * The holder of a freed struct pid is often /proc: a lookup of /proc/NR while the task
 * exits may leave a dentry, on any kernel, that keeps the struct pid and its namespaces
 * until the next lookup or a shortage of memory. So each of these numbers is looked up
 * once more, and the unused caches are dropped, because of other mounts of proc.
 */
#include "loader/capture/lingering.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/msg.h"
#include "loader/lib/pool.h"
#include "loader/lib/table.h"
#include "loader/trace/record.h"

struct lingering {
	struct record_sink sink;	/* first member: cast to the lingering */
	struct record_sink *next;
	struct table freed;		/* struct number, by address */
	struct pool unused;		/* struct numbers that are not in use */
	struct table dying;		/* a set: the values mean nothing */
};

struct number {
	uint64_t address;
	int32_t nr;			/* number at level 0 */
};

static void note(struct lingering *l, const struct wire_hdr *rec)
{
	const struct wire_pid *pid = record__pid(rec, 0);
	struct number *n;

	if (!record__levels(rec, pid))
		return;
	n = table__find(&l->freed, pid->address);
	if (!n) {
		n = pool__get(&l->unused, sizeof(*n));
		n->address = pid->address;
		table__add(&l->freed, n->address, n);
	}
	n->nr = pid->upid[0].nr;
}

static void forget(struct lingering *l, uint64_t address)
{
	struct number *n = table__del(&l->freed, address);

	if (n)
		pool__put(&l->unused, n);
}

static void note_ns(struct lingering *l, const struct wire_hdr *rec)
{
	uint64_t ns = ((const struct wire_pidns *)rec)->ns;

	if (!table__find(&l->dying, ns))
		table__add(&l->dying, ns, l);
}

static void forget_ns(struct lingering *l, const struct wire_hdr *rec)
{
	uint64_t ns = ((const struct wire_pidns *)rec)->ns;

	table__del(&l->dying, ns);
}

static void take_put(struct lingering *l, const struct wire_hdr *rec)
{
	const struct wire_put_pid *r = (const void *)rec;

	if (r->count <= 1)
		forget(l, r->pid);
}

static void take_gone(struct lingering *l, const struct wire_hdr *rec)
{
	forget(l, ((const struct wire_pid_gone *)rec)->pid);
}

static int take(struct record_sink *sink, const struct wire_hdr *rec)
{
	static void (*const steps[WIRE_KERNEL_TYPES])(struct lingering *,
						      const struct wire_hdr *) = {
		[WIRE_FREE_PID] = note,
		[WIRE_PUT_PID] = take_put,
		[WIRE_PID_GONE] = take_gone,
		[WIRE_ZAP_EXIT] = note_ns,
		[WIRE_NS_FREE] = forget_ns,
	};
	struct lingering *l = (struct lingering *)sink;

	if (rec->type < WIRE_KERNEL_TYPES && steps[rec->type])
		steps[rec->type](l, rec);
	return record_sink__record(l->next, rec);
}

static int tick(struct record_sink *sink)
{
	return record_sink__tick(((struct lingering *)sink)->next);
}

struct lingering *lingering__new(struct record_sink *next)
{
	struct lingering *l = xcalloc(1, sizeof(*l));

	l->sink.record = take;
	l->sink.tick = tick;
	l->sink.takes_links = true;
	l->next = next;
	return l;
}

void lingering__free(struct lingering *l)
{
	struct number *n;

	if (!l)
		return;
	for (size_t pos = 0; (n = table__next(&l->freed, &pos)); )
		free(n);
	pool__clear(&l->unused);
	table__clear(&l->freed);
	table__clear(&l->dying);
	free(l);
}

struct record_sink *lingering__sink(struct lingering *l)
{
	return &l->sink;
}

/* Drops unused dentries and inodes of all file systems, which costs only time. */
static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "2", 1) < 0)
		msg__error("/proc/sys/vm/drop_caches: %s", strerror(errno));
	close(fd);
}

void lingering__look_up(const struct lingering *l)
{
	const struct number *n;
	char path[32];

	if (!l->freed.count)
		return;

	for (size_t pos = 0; (n = table__next(&l->freed, &pos)); ) {
		snprintf(path, sizeof(path), "/proc/%d", n->nr);
		access(path, F_OK);
	}
	drop_caches();
}

size_t lingering__count(const struct lingering *l)
{
	return l->freed.count + l->dying.count;
}
