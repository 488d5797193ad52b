// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures the cost of one operation, and the maximum rate of operations.
 *
 *	bench_ops OP N		N times setns, fork, setpgid or getppid
 *	bench_ops rate SECONDS [fork|vfork]
 *				fork, exit and wait, by two processes; after vfork() the
 *				child shares the parent's memory, which is not copied
 *	bench_ops flood N [stop] N each of setns, fork and setpgid, to count lost
 *				records; "stop" stops the tracer meanwhile
 *	bench_ops crowd N P	the same by each of P processes at once
 *	bench_ops storm N P	N pid namespaces of P processes, killed at once
 *	bench_ops endless P	setns without end, by P processes of user nobody
 *
 * The first form prints one line, "OP N MIN MEDIAN KERNEL ALL", in instructions per
 * operation. In a guest with --icount=0 a nanosecond is one instruction of any task on
 * the only CPU: kernel, workload, interrupts, and a tracer that reads the records.
 *
 * MIN and MEDIAN are of batches of operations, whichever tasks ran in them. KERNEL is
 * the CPU time of the workload, its children and kernel threads alone: the cost of the
 * hooks without the tracer's process. A workload that shares the CPU pays for the
 * tracer, so ALL counts everything from the first operation to the last, plus the CPU
 * time of all other processes until they are idle, which includes a tracer that reads
 * the rest of its buffer.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"

#define EXIT_USAGE 2
#define WARM_UP_SHARE 10	/* extra N/10 before the first */
#define RATE_PROCESSES 2

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* --- the operations --- */

static int own_ns = -1;
static pid_t other_group;
static bool in_own_group;

static void setns_prepare(void)
{
	own_ns = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own_ns < 0)
		err(EXIT_FAILURE, "/proc/self/ns/pid");
}

static void setns_once(void)
{
	if (setns(own_ns, CLONE_NEWPID))
		err(EXIT_FAILURE, "setns");
}

/* Returns 0 in the child, its pid in the parent. */
static pid_t must_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILURE, "fork");
	return pid;
}

static void await_child(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		errx(EXIT_FAILURE, "the child did not end as it should");
}

static void fork_once(void)
{
	pid_t pid = must_fork();

	if (!pid)
		_exit(0);
	await_child(pid);
}

static void vfork_once(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(0);
	if (pid < 0)
		err(EXIT_FAILURE, "vfork");
	await_child(pid);
}

/*
 * Forks a child of a group leader. The child moves from that group to its own
 * and back, so that each call changes something.
 */
static void setpgid_prepare(void)
{
	int status;
	pid_t pid;

	if (setpgid(0, 0))
		err(EXIT_FAILURE, "setpgid");
	other_group = getpgrp();
	fflush(stdout);
	pid = must_fork();
	if (!pid)
		return;
	if (waitpid(pid, &status, 0) != pid)
		err(EXIT_FAILURE, "waitpid");
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

static void setpgid_once(void)
{
	in_own_group = !in_own_group;
	if (setpgid(0, in_own_group ? 0 : other_group))
		err(EXIT_FAILURE, "setpgid");
}

/* A system call that no tracer records. */
static void getppid_once(void)
{
	getppid();
}

static const struct op {
	const char *name;
	void (*prepare)(void);
	void (*once)(void);
	unsigned int batch;	/* about 100000 instructions; a million for fork */
} ops[] = {
	{ "setns", setns_prepare, setns_once, 100 },
	{ "fork", NULL, fork_once, 10 },
	{ "setpgid", setpgid_prepare, setpgid_once, 200 },
	{ "getppid", NULL, getppid_once, 500 },
};

/* --- other processes --- */

/*
 * Other processes are idle if they use less than REST_NS in REST_MS. Periodic
 * polls never stop, and each of these measurements causes work for a tracer.
 */
#define REST_MS 200
#define REST_NS 10000000
#define REST_TRIES 500

struct cpu_time {
	uint64_t all;
	uint64_t kernel;	/* the part of kernel threads */
};

static bool is_kernel_thread(pid_t pid)
{
	char path[64], exe[1];

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return readlink(path, exe, sizeof(exe)) < 0;
}

/* Returns the CPU time of all other processes so far, in ns. */
static struct cpu_time others(void)
{
	struct cpu_time sum = { 0 };
	DIR *proc = opendir("/proc");
	struct dirent *e;

	if (!proc)
		err(EXIT_FAILURE, "/proc");
	while ((e = readdir(proc))) {
		pid_t pid = atoi(e->d_name);
		struct timespec used;
		clockid_t clock;
		uint64_t ns;

		if (pid <= 0 || pid == getpid() ||
		    clock_getcpuclockid(pid, &clock) ||
		    clock_gettime(clock, &used))
			continue;
		ns = used.tv_sec * 1000000000ULL + used.tv_nsec;
		sum.all += ns;
		if (is_kernel_thread(pid))
			sum.kernel += ns;
	}
	closedir(proc);
	return sum;
}

/*
 * Waits until the other processes, which had used @begin, are idle. Returns the
 * CPU time that they used until then, minus their idle use: *@rest in each
 * REST_MS, which is set if it was 0.
 */
static uint64_t await_others(uint64_t begin, uint64_t *rest)
{
	uint64_t before, now = begin, idle;

	for (int i = 1; i <= REST_TRIES; i++) {
		before = now;
		usleep(REST_MS * 1000);
		now = others().all;
		if (now - before >= REST_NS)
			continue;
		if (!*rest)
			*rest = now - before;
		idle = i * *rest;
		return now - begin > idle ? now - begin - idle : 0;
	}
	errx(EXIT_FAILURE, "the other processes do not come to rest");
}

/* Returns the CPU time of this process and its reaped children, in ns. */
static uint64_t own_ns_used(void)
{
	struct timespec own;
	struct rusage ended;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	getrusage(RUSAGE_CHILDREN, &ended);
	return own.tv_sec * 1000000000ULL + own.tv_nsec +
	       (ended.ru_utime.tv_sec + ended.ru_stime.tv_sec) * 1000000000ULL +
	       (ended.ru_utime.tv_usec + ended.ru_stime.tv_usec) * 1000ULL;
}

/* --- cost of one operation --- */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t run_batch(const struct op *op)
{
	uint64_t begin = now_ns();

	for (unsigned int i = 0; i < op->batch; i++)
		op->once();
	return now_ns() - begin;
}

static int measure(const struct op *op, unsigned long n)
{
	unsigned long batches = n / op->batch;
	uint64_t begin, window, own, all, rest = 0, *took;
	struct cpu_time before, after;

	if (!batches || n % (op->batch * WARM_UP_SHARE))
		errx(EXIT_USAGE, "%lu: not a multiple of %u", n,
		     op->batch * WARM_UP_SHARE);
	took = calloc(batches, sizeof(*took));
	if (!took)
		err(EXIT_FAILURE, "%lu batches", batches);
	if (op->prepare)
		op->prepare();
	/* write to all elements, so that no page fault occurs later */
	for (unsigned long i = 0; i < batches; i++)
		took[i] = i;
	for (unsigned long i = 0; i < batches / WARM_UP_SHARE; i++)
		took[i] = run_batch(op);
	await_others(others().all, &rest);
	before = others();
	own = own_ns_used();
	begin = now_ns();
	for (unsigned long i = 0; i < batches; i++)
		took[i] = run_batch(op);
	window = now_ns() - begin;
	own = own_ns_used() - own;
	after = others();
	all = window + await_others(after.all, &rest);
	qsort(took, batches, sizeof(took[0]), by_value);
	printf("%s %lu %.1f %.1f %.1f %.1f\n", op->name, n,
	       (double)took[0] / op->batch,
	       (double)took[batches / 2] / op->batch,
	       (double)(own + (after.kernel - before.kernel)) / n,
	       (double)all / n);
	free(took);
	return 0;
}

/* --- maximum rate --- */

/* Returns the number after @key at the start of a line of the file; 0: unknown. */
static unsigned long number_in(const char *path, const char *key)
{
	char line[4096], format[32];
	unsigned long number = 0;
	FILE *f = fopen(path, "re");

	snprintf(format, sizeof(format), "%s %%lu", key);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, &number) == 1)
			break;
	if (f)
		fclose(f);
	return number;
}

/* Returns the peak memory of the parent, the tracer, in KiB; 0: unknown. */
static unsigned long parent_peak_kib(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", getppid());
	return number_in(path, "VmHWM:");
}

static void await_processes(unsigned long nr)
{
	int status;

	while (nr--)
		if (wait(&status) < 0 || status)
			errx(EXIT_FAILURE, "a process did not end as it should");
}

static int rate(unsigned long seconds, void (*once)(void))
{
	uint64_t begin = now_ns(), end = begin + seconds * 1000000000ULL;
	uint64_t forks = RATE_PROCESSES;
	uint64_t *done = mmap(NULL, RATE_PROCESSES * sizeof(*done),
			      PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (done == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	for (int i = 0; i < RATE_PROCESSES; i++) {
		if (must_fork())
			continue;
		for (; now_ns() < end; done[i]++)
			once();
		_exit(0);
	}
	await_processes(RATE_PROCESSES);
	for (int i = 0; i < RATE_PROCESSES; i++)
		forks += done[i];
	printf("rate forks %llu seconds %.3f peak_kib %lu\n",
	       (unsigned long long)forks, (now_ns() - begin) / 1e9,
	       parent_peak_kib());
	return 0;
}

/* --- known numbers of operations --- */

/* Returns the forks of the whole system since boot, kernel threads included. */
static unsigned long long system_forks(void)
{
	unsigned long long forks = number_in("/proc/stat", "processes");

	if (!forks)
		errx(EXIT_FAILURE, "/proc/stat does not tell how many forks there were");
	return forks;
}

/* Forks a child that leads its own group, as a target for setpgid(). */
static pid_t make_group(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	if (pid < 0 || setpgid(pid, pid))
		err(EXIT_FAILURE, "a group of its own");
	return pid;
}

static void end_group(pid_t leader)
{
	if (kill(leader, SIGKILL) || waitpid(leader, NULL, 0) != leader)
		err(EXIT_FAILURE, "the group's leader");
}

static void do_each(unsigned long n)
{
	in_own_group = getpgrp() == getpid();
	for (unsigned long i = 0; i < n; i++) {
		setns_once();
		fork_once();
		setpgid_once();
	}
}

/* Prints "flood" and the totals: @n of each operation, and @more forks. */
static int flooded(unsigned long n, unsigned long more,
		   unsigned long long system_before)
{
	unsigned long long forks = system_forks() - system_before;

	/* the other group's leader adds one fork and one setpgid */
	more += n + 1;
	printf("flood setns %lu forks %lu setpgid %lu others %llu\n", n, more,
	       n + 1, forks - more);
	return 0;
}

/* @stop: the parent, the tracer, is stopped meanwhile and reads nothing. */
static int flood(unsigned long n, bool stop)
{
	unsigned long long before = system_forks();

	setns_prepare();
	other_group = make_group();
	if (stop)
		kill(getppid(), SIGSTOP);
	do_each(n);
	if (stop)
		kill(getppid(), SIGCONT);
	end_group(other_group);
	return flooded(n, 0, before);
}

static int crowd(unsigned long n, unsigned long processes)
{
	unsigned long long before = system_forks();

	setns_prepare();
	other_group = make_group();
	for (unsigned long i = 0; i < processes; i++) {
		if (must_fork())
			continue;
		do_each(n);
		_exit(0);
	}
	await_processes(processes);
	end_group(other_group);
	return flooded(n * processes, processes, before);
}

/* The init of a pid namespace: forks @processes waiting children and exits. */
static _Noreturn void storm_once(unsigned long processes)
{
	for (unsigned long i = 0; i < processes; i++)
		if (!must_fork())
			for (;;)
				pause();
	_exit(0);
}

static int storm(unsigned long n, unsigned long processes)
{
	unsigned long long before = system_forks();
	unsigned long forks = n * (processes + 1), all;

	for (unsigned long i = 0; i < n; i++) {
		pid_t pid = ns__clone(CLONE_NEWPID, NULL);
		int status;

		if (pid < 0)
			errx(EXIT_FAILURE, "a pid namespace: %s", strerror(-pid));
		if (!pid)
			storm_once(processes);
		if (waitpid(pid, &status, 0) != pid || status)
			errx(EXIT_FAILURE, "an init did not end as it should");
	}
	all = system_forks() - before;
	printf("flood setns 0 setpgid 0 forks %lu others %lu\n", forks, all - forks);
	return 0;
}

/* --- without end --- */

#define NOBODY 65534

/* Each setns() fails, as the caller has no privilege. */
static int endless(unsigned long processes)
{
	setns_prepare();
	if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
		err(EXIT_FAILURE, "user nobody");
	for (unsigned long i = 1; i < processes; i++) {
		pid_t parent = getpid();

		if (must_fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			return EXIT_FAILURE;
		break;
	}
	while (setns(own_ns, CLONE_NEWPID))
		;
	errx(EXIT_FAILURE, "setns() worked");
}

/* --- main --- */

static unsigned long number(const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*end || !n)
		errx(EXIT_USAGE, "%s: not a number above 0", arg);
	return n;
}

int main(int argc, char **argv)
{
	if (argc < 3 || argc > 4)
		errx(EXIT_USAGE, "usage: bench_ops setns|fork|setpgid|getppid|rate|flood|crowd|storm|endless N [vfork|stop|P]");
	if (!strcmp(argv[1], "rate"))
		return rate(number(argv[2]),
			    argc == 4 && !strcmp(argv[3], "vfork") ? vfork_once :
								     fork_once);
	if (!strcmp(argv[1], "crowd"))
		return crowd(number(argv[2]), number(argc == 4 ? argv[3] : ""));
	if (!strcmp(argv[1], "storm"))
		return storm(number(argv[2]), number(argc == 4 ? argv[3] : ""));
	if (!strcmp(argv[1], "endless"))
		return endless(number(argv[2]));
	if (!strcmp(argv[1], "flood"))
		return flood(number(argv[2]), argc == 4);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!strcmp(argv[1], ops[i].name))
			return measure(&ops[i], number(argv[2]));
	}
	errx(EXIT_USAGE, "%s: no such operation", argv[1]);
}
