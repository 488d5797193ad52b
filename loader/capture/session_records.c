// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hands over the records in the ring, and the names of the addresses in their stacks.
 * Runs sweeps: the iterator calls its program for each live thread, and the program puts
 * records into the ring, among those of the hooks.
 *
 * The names come from /proc/kallsyms, which is read when the first stack arrives. A
 * name that is not found is left out, and the trace then has the address only.
 */
#include "loader/capture/session_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/links_shape.h"
#include "loader/capture/cgroups.h"
#include "loader/capture/ksyms.h"
#include "loader/capture/ring.h"
#include "loader/trace/record.h"
#include "loader/trace/sink.h"

#define KALLSYMS "/proc/kallsyms"
#define LOOK_NS 20000000	/* between two looks at the switches, at least */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

void meta__init(struct wire_hdr *hdr, enum wire_type type, size_t size)
{
	memset(hdr, 0, size);
	hdr->type = type;
	hdr->size = size;
	hdr->ts_ns = now_ns();
}

/* Open addressing. When the table is full, a META_SYM is repeated: harmless. */
static bool session__first_seen(struct session *s, uint64_t address)
{
	size_t slot = (address * 0x9e3779b97f4a7c15ULL) >> 54;

	for (int i = 0; i < 16; i++, slot++) {
		uint64_t *seen = &s->seen[slot % SEEN_MAX];

		if (*seen == address)
			return false;
		if (!*seen) {
			*seen = address;
			return true;
		}
	}
	return true;
}

static const struct ksyms *session__ksyms(struct session *s)
{
	FILE *file;

	if (s->ksyms_tried)
		return s->ksyms;
	s->ksyms_tried = true;
	file = fopen(KALLSYMS, "re");
	if (!file)
		return NULL;
	s->ksyms = ksyms__read(file);
	fclose(file);
	return s->ksyms;
}

/* Hands over a META_SYM for each address that has had none. */
static int session__name_stack(struct session *s, const __u64 *stack)
{
	for (int i = 0; i < WIRE_STACK_DEPTH && stack[i]; i++) {
		struct wire_meta_sym sym;
		const struct ksyms *ksyms;
		int err;

		if (!session__first_seen(s, stack[i]))
			continue;
		ksyms = session__ksyms(s);
		meta__init(&sym.hdr, WIRE_META_SYM, sizeof(sym));
		sym.address = stack[i];
		if (!ksyms || ksyms__name(ksyms, stack[i], sym.name,
					  sizeof(sym.name)))
			continue;
		err = record_sink__record(s->sink, &sym.hdr);
		if (err)
			return err;
	}
	return 0;
}

/* Hands over a META_CGROUP before the first record with this id. */
static int session__name_cgroup(struct session *s, uint64_t id)
{
	struct wire_meta_cgroup cgroup;
	const char *path;
	bool first;

	if (!id || id == s->last_cgroup)
		return 0;
	s->last_cgroup = id;
	path = cgroups__path(s->cgroups, id, &first);
	if (!first)
		return 0;
	meta__init(&cgroup.hdr, WIRE_META_CGROUP, sizeof(cgroup));
	cgroup.id = id;
	strncpy(cgroup.path, path, sizeof(cgroup.path) - 1);
	return record_sink__record(s->sink, &cgroup.hdr);
}

static const __u64 *stack_of(const struct wire_hdr *hdr)
{
	switch (hdr->type) {
	case WIRE_ERROR_REPORT:
		return ((const struct wire_error_report *)hdr)->stack;
	case WIRE_STACK:
		return ((const struct wire_stack *)hdr)->stack;
	}
	return NULL;
}

/* Hands over the names of the addresses in a stack, or that of the cgroup. */
static __attribute__((noinline))
int session__name(struct session *s, const struct wire_hdr *hdr)
{
	const __u64 *stack = stack_of(hdr);

	if (stack)
		return session__name_stack(s, stack);
	return session__name_cgroup(s, record__cgroup(hdr));
}

int session__take(void *context, const struct wire_hdr *hdr)
{
	struct session *s = context;

	if (record__has(hdr->type, WIRE_TRACE | WIRE_CGROUP)) {
		int err = session__name(s, hdr);

		if (err)
			return err;
	}
	s->records += links__count(hdr);
	return record_sink__record(s->sink, hdr);
}

int session__take_gathered(struct session *s, struct record_sink *sink)
{
	int err = 0;

	s->sink = sink;
	for (int cpu = 0; !err && cpu < s->ncpus; cpu++) {
		const struct gathered *g = &s->after[cpu].gathered;
		struct wire_links_pid links;

		if (!g->n)
			continue;
		meta__init(&links.hdr, g->type, sizeof(links));
		links.hdr.cpu = cpu;
		links.hdr.seq = s->after[cpu].seq;
		gathered__fill(&links, g, g->n);
		err = session__take(s, &links.hdr);
	}
	return err;
}

int session__fd(const struct session *s)
{
	return ring__fd(s->ring);
}

long session__read(struct session *s, struct record_sink *sink)
{
	uint64_t now = now_ns();

	if (now - s->looked_ns > LOOK_NS) {
		s->looked_ns = now;
		switches__look(&s->switches);
	}
	s->sink = sink;
	return ring__read(s->ring, session__take, s);
}

uint64_t session__records(const struct session *s)
{
	return s->records;
}

static const struct program *session__sweeper(const struct session *s)
{
	for (int i = 0; i < s->nprograms; i++)
		if (s->programs[i].hook == WIRE_HOOK_SWEEP &&
		    s->programs[i].link)
			return &s->programs[i];
	return NULL;
}

/* Runs the iterator to its end. The program makes records and prints nothing. */
static int iterator__run(int fd)
{
	char nothing[64];
	ssize_t got;

	do {
		got = read(fd, nothing, sizeof(nothing));
	} while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
	return got < 0 ? -errno : 0;
}

int session__sweep(struct session *s, enum wire_sweep_reason reason)
{
	const struct program *p = session__sweeper(s);
	int fd, err;

	if (!p)
		return -ENOENT;
	s->skel->bss->sweep_id = ++s->sweeps;
	s->skel->bss->sweep_reason = reason;
	fd = bpf_iter_create(bpf_link__fd(p->link));
	if (fd < 0)
		return -errno;
	err = iterator__run(fd);
	close(fd);
	return err;
}
