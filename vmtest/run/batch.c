// SPDX-License-Identifier: GPL-2.0-only
/* Starts a queued run whenever a run ends. One event loop serves all runs. */
#include "vmtest/run/batch.h"

#include <errno.h>
#include <string.h>

/* Runs that differ only in their seed. */
struct series {
	struct run_spec spec;
	uint64_t first, last, times;
	uint64_t seed, done;	/* the next seed, and its runs started so far */
};

struct batch {
	struct loop *loop;
	batch_done *done;
	void *ctx;
	struct run **active;
	size_t jobs, n_active;
	struct series *v;
	size_t n, at;
	bool closed;		/* no further run starts */
	uint64_t ended;
	struct run_outcome **firsts;	/* first outcomes of repeated runs */
	size_t n_firsts;
	int err;
};

struct batch *batch__new(struct loop *loop, batch_done *done, void *ctx)
{
	struct batch *b = xcalloc(1, sizeof(*b));

	b->loop = loop;
	b->done = done;
	b->ctx = ctx;
	batch__limit_jobs(b, 1);
	return b;
}

void batch__limit_jobs(struct batch *b, uint64_t jobs)
{
	free(b->active);
	b->jobs = (size_t)jobs;
	b->active = xcalloc(b->jobs, sizeof(struct run *));
}

void batch__free(struct batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n_firsts; i++) {
		run_outcome__free(b->firsts[i]);
		free(b->firsts[i]);
	}
	free(b->firsts);
	free(b->active);
	free(b->v);
	free(b);
}

void batch__add(struct batch *b, const struct run_spec *spec, uint64_t first,
		uint64_t last, uint64_t times)
{
	if (b->closed)
		return;
	b->v = xrealloc(b->v, (b->n + 1) * sizeof(*b->v));
	b->v[b->n++] = (struct series){ .spec = *spec, .first = first,
					.last = last, .times = times,
					.seed = first };
}

struct run *const *batch__running(const struct batch *b, size_t *n)
{
	*n = b->n_active;
	return b->active;
}

void batch__count(const struct batch *b, uint64_t *ended, uint64_t *all)
{
	*ended = b->ended;
	*all = 0;
	for (size_t i = 0; i < b->n; i++)
		*all += (b->v[i].last - b->v[i].first + 1) * b->v[i].times;
}

void batch__repeat(struct batch *b, const struct run_spec *spec,
		   struct run_outcome *out)
{
	struct run_outcome *first = xcalloc(1, sizeof(*first));
	struct run_spec again = *spec;

	*first = *out;
	memset(out, 0, sizeof(*out));
	b->firsts = xrealloc(b->firsts,
			     (b->n_firsts + 1) * sizeof(*b->firsts));
	b->firsts[b->n_firsts++] = first;
	again.first = first;
	batch__add(b, &again, spec->seed, spec->seed, 1);
}

void batch__close(struct batch *b)
{
	b->at = b->n;
	b->closed = true;
}

bool batch__closed(const struct batch *b)
{
	return b->closed;
}

/* Gets the spec of the next run to start. Returns false if no run is queued. */
static bool next_spec(struct batch *b, struct run_spec *spec)
{
	struct series *s;

	if (b->at == b->n)
		return false;
	s = &b->v[b->at];
	*spec = s->spec;
	/* Later runs measure boot_s and test_s from their own start: see run.h. */
	s->spec.asked = 0;
	spec->seed = s->seed;
	if (++s->done == s->times) {
		s->done = 0;
		if (s->seed == s->last)
			b->at++;
		else
			s->seed++;
	}
	return true;
}

static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct batch *b = ctx;
	size_t i = 0;

	while (b->active[i] != run)
		i++;
	b->active[i] = b->active[--b->n_active];
	b->ended++;
	if (err) {
		b->err = b->err ? b->err : err;
		return;
	}
	b->done(b->ctx, run__spec(run), out);
}

int batch__run(struct batch *b, const int *stop)
{
	struct run_spec spec;
	int err;

	for (;;) {
		while (!b->err && b->n_active < b->jobs && next_spec(b, &spec)) {
			struct run *run = run__start(b->loop, &spec, on_done, b,
						     &err);

			if (run)
				b->active[b->n_active++] = run;
			else
				b->err = err;
		}
		if (b->err || *stop || !b->n_active)
			break;
		err = loop__turn(b->loop);
		if (err) {
			msg__error("epoll: %s", strerror(-err));
			b->err = err;
		}
	}
	while (b->n_active)
		run__abort(b->active[--b->n_active]);
	return *stop ? -EINTR : b->err;
}
