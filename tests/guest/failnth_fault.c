// SPDX-License-Identifier: GPL-2.0-only
/*
 * One call with one fault, see Documentation/fault-injection.
 *
 * The count belongs to the task: each allocation in a system call or in a page
 * fault decrements the count, and the allocation that makes it zero fails. So
 * the caller must do nothing else while the count is set. To map memory and
 * code first, the caller executes the same code once without a fault. The
 * director reads the remaining count: after a join, the caller's open file
 * belongs to a process that is gone, and opening another one needs allocations.
 */
#include "failnth_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/array.h"
#include "joined.h"
#include "ns.h"
#include "run.h"
#include "stress_word.h"

#define FAIL_NTH "/proc/thread-self/fail-nth"
#define DEBUGFS "/sys/kernel/debug/"

/* The size that glibc registers, sysdeps/unix/sysv/linux/rseq-internal.h. */
#define RSEQ_AREA_SIZE 32

/* A call, in memory that director and caller share. */
struct call {
	long number;
	int flags, nth;
	long err;
	pid_t tid;
	_Atomic uint32_t rehearsed, called, seen;
};

void fault__prepare(void)
{
	static const struct {
		const char *path;
		long value;
	} settings[] = {
		{ DEBUGFS "failslab/ignore-gfp-wait", 0 },
		{ DEBUGFS "failslab/cache-filter", 0 },
		{ DEBUGFS "failslab/verbose", 0 },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-wait", 0 },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-highmem", 0 },
		{ DEBUGFS "fail_page_alloc/min-order", 0 },
		{ DEBUGFS "fail_page_alloc/verbose", 0 },
	};
	long err;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		err = file__set(settings[i].path, settings[i].value);
		if (err)
			check__bail("%s: %s (CONFIG_FAULT_INJECTION_DEBUG_FS, CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC are needed)",
				    settings[i].path, strerror(-err));
	}
}

static int count_down(int fd, int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	return pwrite(fd, text, len, 0) == len ? 0 : -errno;
}

int fault__open(void)
{
	int fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		check__bail(FAIL_NTH ": %s", strerror(errno));
	return fd;
}

void fault__leave_rseq(void)
{
	void *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	if (!__rseq_size)
		return;
	if (syscall(SYS_rseq, area, RSEQ_AREA_SIZE, RSEQ_FLAG_UNREGISTER, RSEQ_SIG))
		check__bail("rseq: %s", strerror(errno));
}

void fault__set(int fd, int nth)
{
	int err = count_down(fd, nth);

	if (err)
		check__bail(FAIL_NTH ": %s", strerror(-err));
}

long fault__left(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) < 1)
		check__bail(FAIL_NTH ": %s", strerror(errno));
	fault__set(fd, 0);
	return atol(text);
}

void fault_walk__next(struct fault_walk *w, int step, int survived)
{
	if (survived > w->survived && w->twice != w->nth)
		w->twice = w->nth;
	else
		w->nth += step;
	w->survived = survived;
}

/* Runs in the caller. Executes the same code twice, see above. */
static long call_setns(long call, long b __maybe_unused)
{
	struct call *c = (struct call *)call;
	int nth, err;

	nth = open(FAIL_NTH, O_WRONLY | O_CLOEXEC);
	if (nth < 0)
		return -errno;
	for (int real = 0; real < 2; real++) {
		err = count_down(nth, real ? c->nth : 0);
		c->err = ns__set(real ? c->number : -1, c->flags);
		c->tid = syscall(SYS_gettid);
		word__set(real ? &c->called : &c->rehearsed, 1);
		if (err)
			break;
	}
	if (!err)
		err = word__await(&c->seen, 1, WORD_LIMIT_MS);
	close(nth);
	return err;
}

/* Reads and clears the rest of the count, so that the caller can continue. */
static long take_left(pid_t number)
{
	char path[48];
	long left;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/fail-nth", number);
	left = check__must(path, file__get(path));
	err = file__set(path, 0);
	if (err)
		check__bail("%s: %s", path, strerror(-err));
	return left;
}

void fault__setns(const struct actor *who, long number, int flags, int nth,
		  bool joins, struct fault *out)
{
	struct call *c = shared__alloc(sizeof(*c));
	long err;

	c->number = number;
	c->flags = flags;
	c->nth = nth;
	actor__ask(who, call_setns, (long)c, 0);
	if (word__await(&c->called, 1, run__patience()))
		check__bail("%s: no end of setns with allocation %d failing",
			    who->name, nth);
	out->err = c->err;
	out->tid = c->tid;
	out->number = joins && !c->err ?
		      joined__find(getpid(), c->tid, 2) : who->pid;
	if (out->number <= 0)
		check__bail("setns succeeded, but no child of ours has number %d in the target",
			    c->tid);
	out->left = take_left(out->number);
	word__set(&c->seen, 1);
	err = actor__answer(who);
	if (err)
		check__bail("%s: " FAIL_NTH ": %s", who->name, strerror(-err));
}
