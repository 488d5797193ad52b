// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures how many records per second `pidnstrace replay' judges, and its memory use.
 *
 *	bench_replay PIDNSTRACE [RECORDS]
 *	bench_replay generate RECORDS LIVE >TRACE
 *
 * Each trace is generated as a stream into replay's stdin: no file has to hold 100
 * million records. The mix is that of a recorded stress run on join-6.12: per fork a
 * link and an unlink for each of four types, 1.3 change_pid(), 0.4 setns (most of them
 * refused), and an occasional sweep over all tasks. LIVE tasks exist all the time;
 * parents are drawn from them.
 *
 * Speed is not tested, as it depends on the machine: the program prints the rates by
 * replay's CPU time and by the clock. A verdict other than PASS, or memory that grows
 * with the length of the trace, is a failure.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/trace/trace.h"
#include "tracegen.h"

#define FORKS_A_ROUND	15
#define SETSIDS_A_ROUND	8
#define REFUSED_A_ROUND	5
#define RECORDS_A_VISIT	36	/* records for one task visited by a sweep */
#define RECORDS_A_TASK	100	/* at least: the task is made, and swept twice */
#define SLACK_KIB	1024	/* tolerance of memory use, between runs */

/* --- the stream --- */

static struct gen_task *any(struct gen_task **tasks, unsigned int n)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return tasks[(state >> 33) % n];
}

static void life(struct gen *g, struct gen_task *parent, bool leads)
{
	struct gen_task *t = gen__fork(g, parent);

	if (leads)
		gen__setsid(g, t);
	gen__exit(g, t, 0);
	gen__release(g, parent, t);
}

static void play_round(struct gen *g, struct gen_ns *ns,
		       struct gen_task **tasks, unsigned int n)
{
	struct gen_task *t = gen__candidate(g, any(tasks, n));

	gen__setns_join(g, t, ns);
	gen__exec(g, t, "worker");
	life(g, t, true);
	for (int i = 0; i < REFUSED_A_ROUND; i++)
		gen__setns_refused(g, any(tasks, n), ns, -1);
	for (int i = 2; i < FORKS_A_ROUND; i++)
		life(g, any(tasks, n), i <= SETSIDS_A_ROUND);
	gen__wait(g, g->init, t);
	gen__exit(g, t, 0);
	gen__release(g, t->parent, t);
}

/* Generates at least @records records: makes all tasks and completes the last round. */
static int generate(uint64_t records, unsigned int live, uint64_t *made)
{
	const struct trace_info info = { .semantics = SEMANTICS_JOIN };
	struct gen_task **tasks = calloc(live + 1, sizeof(*tasks));
	struct trace_writer *w;
	uint64_t swept = 0;
	struct gen_ns *ns;
	struct gen *g;

	if (!tasks || trace_writer__open(&w, "-", &info))
		return 2;
	g = gen__new(trace_writer__sink(w), live + 1024);
	g->knob = WIRE_KNOB_ON;
	gen__begin(g, 0);
	gen__sweep(g, WIRE_SWEEP_START);
	ns = gen__container(g, g->init);
	for (unsigned int i = 0; i <= live; i++)
		tasks[i] = gen__fork(g, g->init);
	while (g->records < records && !g->error) {
		play_round(g, ns, tasks, live + 1);
		if (g->records - swept > (uint64_t)RECORDS_A_VISIT * live) {
			gen__sweep(g, WIRE_SWEEP_PERIOD);
			swept = g->records;
		}
	}
	gen__sweep(g, WIRE_SWEEP_FINAL);
	gen__end(g);
	*made = g->records;
	gen__free(g);
	free(tasks);
	return trace_writer__close(w) ? 2 : 0;
}

/* --- one measurement --- */

struct cost {
	uint64_t records;
	double cpu, wall;	/* seconds */
	long kib;		/* peak of resident memory */
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void start_generator(int out, uint64_t records, unsigned int live,
			    uint64_t *made)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (pid)
		return;
	dup2(out, STDOUT_FILENO);
	_exit(generate(records, live, made));
}

/* Returns a word shared with the generator. */
static uint64_t *shared_word(void)
{
	void *p = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(2, "mmap");
	return p;
}

static struct cost replay(const char *pidnstrace, uint64_t records,
			  unsigned int live)
{
	uint64_t *made = shared_word();
	double start = now();
	struct cost c;
	struct rusage u;
	int status, fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		err(2, "pipe");
	start_generator(fds[1], records, live, made);
	pid = fork();
	if (pid < 0)
		err(2, "fork");
	if (!pid) {
		dup2(fds[0], STDIN_FILENO);
		execl(pidnstrace, pidnstrace, "replay", "-", "--report",
		      "text=/dev/null", NULL);
		err(127, "%s", pidnstrace);
	}
	close(fds[0]);
	close(fds[1]);
	if (wait4(pid, &status, 0, &u) != pid)
		err(2, "wait4");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		errx(2, "replay did not end with PASS but status 0x%x", status);
	if (wait(&status) < 0 || status)
		errx(2, "the generator ended with status 0x%x", status);
	c = (struct cost){
		.records = *made,
		.cpu = u.ru_utime.tv_sec + u.ru_stime.tv_sec +
		       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
		.wall = now() - start,
		.kib = u.ru_maxrss,
	};
	munmap(made, sizeof(*made));
	return c;
}

static struct cost row(const char *pidnstrace, uint64_t records,
		       unsigned int live)
{
	struct cost c = replay(pidnstrace, records, live);

	printf("%11llu %8u %14.2f %14.2f %12.1f\n",
	       (unsigned long long)c.records, live, c.records / c.cpu / 1e6,
	       c.records / c.wall / 1e6, c.kib / 1024.0);
	fflush(stdout);
	return c;
}

static struct cost row_of_many(const char *pidnstrace, uint64_t records,
			       unsigned int live)
{
	uint64_t least = (uint64_t)RECORDS_A_TASK * live;

	return row(pidnstrace, records > least ? records : least, live);
}

int main(int argc, char **argv)
{
	uint64_t records = 100000000, made;
	struct cost few, many;
	long least = 0, most = 0;

	if (argc == 4 && !strcmp(argv[1], "generate"))
		return generate(strtoull(argv[2], NULL, 10),
				strtoul(argv[3], NULL, 10), &made);
	if (argc < 2)
		errx(2, "usage: bench_replay PIDNSTRACE [RECORDS]");
	if (argc > 2)
		records = strtoull(argv[2], NULL, 10);
	printf("    records    tasks   M/s of CPU s M/s by the clock peak RSS MiB\n");
	for (uint64_t n = records / 100; n <= records; n *= 10) {
		few = row(argv[1], n, 100);
		least = least ? least : few.kib;
		most = few.kib > most ? few.kib : most;
	}
	few = row_of_many(argv[1], records / 20, 1000);
	row_of_many(argv[1], records / 20, 10000);
	many = row_of_many(argv[1], records / 20, 100000);
	printf("%.0f bytes a task that is alive\n",
	       (many.kib - few.kib) * 1024.0 / (100000 - 1000));
	if (most > least + SLACK_KIB)
		errx(1, "memory grows with the trace: %ld KiB, then %ld", least,
		     most);
	return 0;
}
