// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_replay.c - how many records a second replay reads, and judges.
 *
 * Not a test: it prints numbers and fails only when it cannot measure. The
 * stream is what stress makes: mostly forks and exits, a join in each round.
 * Usage: bench_replay [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include "../../loader/judge.h"
#include "../../loader/trace.h"
#include "tracegen.h"

#define FORKS_A_ROUND 4

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void life(struct gen *g, struct gen_task *parent)
{
	struct gen_task *t = gen__fork(g, parent);

	gen__exec(g, t, "worker");
	gen__exit(g, t, 0);
	gen__release(g, parent, t);
}

static void generate(struct record_sink *sink, unsigned int rounds)
{
	struct gen *g = gen__new(sink, 1024);
	struct gen_ns *ns;

	g->knob = WIRE_KNOB_ON;
	gen__begin(g, 0);
	ns = gen__container(g, g->init);
	for (unsigned int i = 0; i < rounds; i++) {
		struct gen_task *t = gen__candidate(g, g->init);

		gen__setns_join(g, t, ns);
		for (int k = 0; k < FORKS_A_ROUND; k++)
			life(g, t);
		gen__exit(g, t, 0);
		gen__release(g, g->init, t);
	}
	gen__end(g);
	gen__free(g);
}

static int discard(struct record_sink *sink, const struct wire_hdr *rec)
{
	(void)sink;
	(void)rec;
	return 0;
}

/* Seconds that one pass over the file takes; records in *n. */
static double pass(const char *path, struct record_sink *sink, uint64_t *n)
{
	struct trace_reader *r;
	char err[256];
	double start = now();

	if (trace_reader__open(&r, path, err, sizeof(err)) ||
	    trace_reader__run(r, &sink, 1)) {
		fprintf(stderr, "bench_replay: cannot read %s\n", path);
		exit(2);
	}
	*n = trace_reader__records(r);
	trace_reader__close(r);
	return now() - start;
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	struct judge_opts opts = { .semantics = SEMANTICS_JOIN };
	struct record_sink none = { .record = discard };
	struct trace_info info = { .semantics = SEMANTICS_JOIN };
	const struct judge_result *res;
	struct trace_writer *w;
	struct judge *j;
	char path[64], err[256];
	double start, write, read, judge;
	uint64_t n;
	int fd = memfd_create("trace", MFD_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	start = now();
	if (fd < 0 || trace_writer__open(&w, path, &info)) {
		perror("bench_replay");
		return 2;
	}
	generate(trace_writer__sink(w), rounds);
	printf("%llu bytes\n", (unsigned long long)trace_writer__bytes(w));
	if (trace_writer__close(w))
		return 2;
	write = now() - start;
	read = pass(path, &none, &n);
	if (judge__new(&j, &opts, err, sizeof(err)))
		return 2;
	judge = pass(path, judge__sink(j), &n);
	res = judge__finish(j);
	printf("%llu records: made and written %.2f M/s, read %.2f M/s, read and judged %.2f M/s; %s, %llu joins\n",
	       (unsigned long long)n, n / write / 1e6, n / read / 1e6,
	       n / judge / 1e6, verdict__name(res->verdict),
	       (unsigned long long)res->joins);
	judge__free(j);
	return res->verdict == VERDICT_PASS ? 0 : 2;
}
