// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests whether this machine executes code that has been overwritten in memory.
 *
 * One CPU rewrites an instruction's operand and announces the new value.
 * Another CPU reads the announcement, serializes (CPUID), calls the instruction
 * and must get this value or a later one. The protocol is that for code
 * modified by another processor (Intel SDM volume 3, "Handling Self- and
 * Cross-Modifying Code"), so a real CPU never fails. A QEMU with a thread for
 * each CPU does fail: one thread translates an instruction while the other
 * writes it, misses the write, and keeps the translation. A kernel that patches
 * its text then dies at an int3 that it has already replaced. This program
 * provokes the same race a thousand times a second.
 *
 * Two processes share the pages, as the kernel patches its text through a
 * separate mapping. One instruction lies within a page, the other crosses a
 * page boundary. The pauses between writes vary, because the race needs a write
 * during a translation.
 *
 * Limits: on a single real CPU the race hardly ever occurs, so a negative
 * result means little there.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

#define LIMIT_S 10
#define PAGE 4096
#define WRITES_PER_LOOK 32

/* mov $VALUE, %eax; ret. The value is aligned and therefore written whole. */
#define MOV_EAX 0xb8
#define RET 0xc3
#define VALUE_AT 1
#define RET_AT 5

static const size_t sites[] = { 3, PAGE - VALUE_AT };

/* The longest pauses between two writes, in iterations of a loop. */
static const unsigned int pauses[] = { 50, 500, 5000 };

struct shared {
	unsigned char code[2 * PAGE];
	_Atomic uint32_t announced;
	_Atomic bool stale;
};

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/*
	 * Ignore errors: unpinned processes run on different CPUs most of the
	 * time.
	 */
	sched_setaffinity(0, sizeof(set), &set);
}

static void serialize(void)
{
	unsigned int a = 0, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d)
				 : : "memory");
}

static uint32_t call(const unsigned char *code)
{
	uint32_t (*function)(void);

	memcpy(&function, &code, sizeof(function));
	return function();
}

static void execute(struct shared *s)
{
	for (size_t i = 0;; i++) {
		const unsigned char *code =
			s->code + sites[i % ARRAY_SIZE(sites)];
		uint32_t announced = s->announced;

		serialize();
		if (call(code) < announced) {
			s->stale = true;
			return;
		}
	}
}

static void wait_a_while(uint64_t *random, unsigned int most)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	for (volatile uint64_t n = *random % most; n; n--)
		;
}

static void rewrite(struct shared *s, uint32_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(sites); i++)
		*(volatile uint32_t *)(s->code + sites[i] + VALUE_AT) = value;
	s->announced = value;
}

static bool is_stale(struct shared *s)
{
	uint64_t random = 88172645463325252;
	double end = now_s() + LIMIT_S;
	uint32_t value = 0;

	while (!s->stale && now_s() < end) {
		for (int i = 0; i < WRITES_PER_LOOK && !s->stale; i++) {
			wait_a_while(&random,
				     pauses[value / 256 % ARRAY_SIZE(pauses)]);
			rewrite(s, ++value);
		}
	}
	return s->stale;
}

static struct shared *make_code(void)
{
	struct shared *s = mmap(NULL, sizeof(*s),
				PROT_READ | PROT_WRITE | PROT_EXEC,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(sites); i++) {
		s->code[sites[i]] = MOV_EAX;
		s->code[sites[i] + RET_AT] = RET;
	}
	return s;
}

enum fault stale__test(void)
{
	struct shared *s = make_code();
	int cpus[2], n = 0;
	cpu_set_t set;
	bool stale;
	pid_t pid;

	if (!s || sched_getaffinity(0, sizeof(set), &set))
		return FAULT_NOT_KNOWN;
	for (int i = 0; i < CPU_SETSIZE && n < 2; i++) {
		if (CPU_ISSET(i, &set))
			cpus[n++] = i;
	}
	if (n < 2)
		return FAULT_NOT_KNOWN;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(cpus[1]);
		execute(s);
		_exit(0);
	}
	if (pid < 0)
		return FAULT_NOT_KNOWN;
	pin(cpus[0]);
	stale = is_stale(s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return stale ? FAULT_YES : FAULT_NO;
}
