// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and controls the BPF programs that widen races by spinning, and reports how
 * often they did. bpf/widen.h has the hooks; a hook that this kernel lacks is left out.
 */
#include "loader/capture/widen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/memory.h"
#include "bpf/widen.h"
#include "loader/capture/detacher.h"
#include "loader/capture/kernel.h"
#include "lib/msg.h"
#include "widen.skel.h"

struct widen {
	struct widen_bpf *skel;
	struct bpf_link *links[WIDEN_NHOOKS];
	int nlinks;
	uint64_t seed;
};

static const char *const sections[WIDEN_NHOOKS] = {
#define X(e, section, who, lock, one_in, us, why) [WIDEN_##e] = section,
	WIDEN_HOOKS(X)
#undef X
};

/* Excludes programs from loading whose target this kernel lacks. */
static int widen__choose(struct widen *w)
{
	struct btf *btf = btf__parse_raw(BTF_FILE);
	struct bpf_program *program;

	if (!btf)
		return -errno;
	bpf_object__for_each_program(program, w->skel->obj) {
		const char *section = bpf_program__section_name(program);

		if (bpf_program__type(program) != BPF_PROG_TYPE_SYSCALL)
			bpf_program__set_autoload(program, section__find(btf, section));
	}
	btf__free(btf);
	return 0;
}

static int widen__load(struct widen *w, const struct session *session)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = widen__choose(w);

	if (!err)
		err = bpf_map__reuse_fd(w->skel->maps.windows,
					session__windows_fd(session));
	if (!err)
		err = widen_bpf__load(w->skel);
	if (!err)
		err = bpf_prog_test_run_opts(
			bpf_program__fd(w->skel->progs.calibrate), &opts);
	if (!err)
		w->skel->bss->tasklist_lock_address =
			session__tasklist_lock(session);
	return err;
}

/* A program that cannot be attached has no visits and is not in the description. */
static int widen__attach(struct widen *w)
{
	struct bpf_program *program;
	int err = -ENOENT;

	bpf_object__for_each_program(program, w->skel->obj) {
		struct bpf_link *link;

		if (bpf_program__fd(program) < 0 ||
		    bpf_program__type(program) == BPF_PROG_TYPE_SYSCALL ||
		    w->nlinks == WIDEN_NHOOKS)
			continue;
		link = bpf_program__attach(program);
		if (link)
			w->links[w->nlinks++] = link;
		else
			err = -errno;
	}
	return w->nlinks ? 0 : err;
}

int widen__open(const struct session *session, struct widen **out)
{
	struct widen *w = xcalloc(1, sizeof(*w));
	int err;

	*out = NULL;
	w->skel = widen_bpf__open();
	err = w->skel ? widen__load(w, session) : -errno;
	if (!err)
		err = widen__attach(w);
	if (err) {
		msg__error("programs that widen races: %s", strerror(-err));
		widen__free(w);
		return err;
	}
	*out = w;
	return 0;
}

void widen__start(struct widen *w, uint64_t seed)
{
	struct timespec now;

	w->seed = seed;
	w->skel->bss->seed = seed;
	clock_gettime(CLOCK_MONOTONIC, &now);
	w->skel->bss->begin_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	__atomic_store_n(&w->skel->bss->ready, true, __ATOMIC_RELEASE);
}

void widen__stop(struct widen *w)
{
	__atomic_store_n(&w->skel->bss->ready, false, __ATOMIC_RELEASE);
}

/* Sums the counters of a hook over all CPUs. */
static struct widen_count widen__count(const struct widen *w, __u32 hook)
{
	struct widen_count sum = {}, *counts;
	int ncpus = libbpf_num_possible_cpus();

	counts = xcalloc(ncpus > 0 ? ncpus : 0, sizeof(*counts));
	if (!bpf_map_lookup_elem(bpf_map__fd(w->skel->maps.spins),
					   &hook, counts))
		for (int cpu = 0; cpu < ncpus; cpu++) {
			sum.visits += counts[cpu].visits;
			sum.spins += counts[cpu].spins;
			sum.ns += counts[cpu].ns;
		}
	free(counts);
	return sum;
}

const char *widen__describe(const struct widen *w, char *text, size_t len)
{
	struct widen_count counts[WIDEN_NHOOKS], all = {};
	size_t n;

	for (int h = 0; h < WIDEN_NHOOKS; h++) {
		counts[h] = widen__count(w, h);
		all.spins += counts[h].spins;
		all.ns += counts[h].ns;
	}
	n = snprintf(text, len, "races widened with seed %" PRIu64 ": %" PRIu64
		     " spins, %" PRIu64 " ms in all", w->seed,
		     (uint64_t)all.spins, (uint64_t)all.ns / 1000000);
	for (int h = 0; h < WIDEN_NHOOKS && n < len; h++)
		if (counts[h].visits)
			n += snprintf(text + n, len - n,
				      "; %s %" PRIu64 " of %" PRIu64,
				      sections[h], (uint64_t)counts[h].spins,
				      (uint64_t)counts[h].visits);
	return text;
}

int widen__pin(struct widen *w, const char *dir)
{
	char name[16];
	int worst = 0;

	for (int i = 0; i < w->nlinks; i++) {
		int err;

		snprintf(name, sizeof(name), "widen%d", i);
		err = link__pin(w->links[i], dir, name);
		worst = worst ? worst : err;
	}
	return worst;
}

void widen__add_links(const struct widen *w, struct detacher *detacher)
{
	for (int i = 0; w && i < w->nlinks; i++)
		detacher__add(detacher, w->links[i]);
}

void widen__free(struct widen *w)
{
	if (!w)
		return;
	for (int i = 0; i < w->nlinks; i++)
		bpf_link__destroy(w->links[i]);
	widen_bpf__destroy(w->skel);
	free(w);
}
