// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds a clone3(2) with a userfaultfd, at one of three places.
 *
 * Two of them are writes to user memory: of the pidfd, and of the number for
 * CLONE_PARENT_SETTID. The write goes to a page that the userfaultfd reports as
 * missing. The third is the copying of the memory, which the userfaultfd reports
 * (UFFD_FEATURE_EVENT_FORK): copy_mm() waits until the report is read.
 */
#include "hold.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "run.h"

static size_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static struct uffdio_range range(const struct hold *h)
{
	return (struct uffdio_range){
		.start = (uintptr_t)h->word, .len = page_size(),
	};
}

/* Makes the userfaultfd watch the page of the word. */
static int watch(const struct hold *h, int uffd)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = h->where == HOLD_UNNUMBERED ?
			    UFFD_FEATURE_EVENT_FORK : 0,
	};
	struct uffdio_register reg = {
		.range = range(h), .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &reg))
		return -errno;
	return 0;
}

int hold__prepare(struct hold *h)
{
	int uffd, err;

	h->word = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (h->word == MAP_FAILED)
		return -errno;
	/* Only a userfaultfd that does not block can be polled. */
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0)
		return -errno;
	err = watch(h, uffd);
	if (err) {
		close(uffd);
		return err;
	}
	return uffd;
}

int hold__rearm(struct hold *h)
{
	h->pidfd = -1;
	/* The page of the previous call is not missing any more. */
	return madvise(h->word, page_size(), MADV_DONTNEED) ? -errno : 0;
}

void hold__sleep(void)
{
	/* A copy of an actor's socket would hide the actor's death. */
	syscall(SYS_close_range, 3, ~0U, 0);
	for (;;)
		pause();
}

pid_t hold__clone(struct hold *h, struct clone_args *args)
{
	pid_t pid;
	int err;

	if (h->where == HOLD_NUMBERED) {
		args->flags |= CLONE_PIDFD;
		args->pidfd = (uintptr_t)h->word;
	} else if (h->where == HOLD_LINKED) {
		args->flags |= CLONE_PARENT_SETTID;
		args->parent_tid = (uintptr_t)h->word;
	}
	err = hold__rearm(h);
	if (err)
		return err;
	pid = syscall(SYS_clone3, args, sizeof(*args));
	if (pid < 0)
		return -errno;
	if (pid && h->where == HOLD_NUMBERED)
		h->pidfd = *h->word;
	return pid;
}

/* --- for actors and their director --------------------------------------- */

static long prepare(long hold, long b __maybe_unused)
{
	return hold__prepare((struct hold *)hold);
}

static long close_copy(long fd, long b __maybe_unused)
{
	return close(fd) ? -errno : 0;
}

struct hold *hold__begin(const struct actor *x, enum hold_where where)
{
	struct hold *h = shared__alloc(sizeof(*h));
	long number;

	h->where = where;
	number = actor__call(x, prepare, (long)h, 0);
	if (number == -ENOSYS)
		check__skip("the kernel has no userfaultfd (CONFIG_USERFAULTFD)");
	check__must("userfaultfd", number);
	h->uffd = syscall(SYS_pidfd_getfd, x->pidfd, (int)number, 0);
	if (h->uffd < 0)
		check__bail("pidfd_getfd: %s", strerror(errno));
	check__must("close", actor__call(x, close_copy, number, 0));
	return h;
}

long hold__fork(long hold, long flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t pid = hold__clone((struct hold *)hold, &args);

	if (!pid)
		hold__sleep();
	return pid;
}

void hold__await(const struct hold *h)
{
	int got = ns__poll(h->uffd, POLLIN, run__patience());

	if (got < 0 || !(got & POLLIN))
		check__bail("no clone3() stops at the hold");
}

/* Reads the report of a fork, which brings a userfaultfd on the child's memory. */
static void read_fork(const struct hold *h)
{
	struct uffd_msg msg;

	if (read(h->uffd, &msg, sizeof(msg)) != sizeof(msg))
		check__bail("read of the userfaultfd: %s", strerror(errno));
	if (msg.event != UFFD_EVENT_FORK)
		check__bail("event %#x instead of a fork", msg.event);
	close(msg.arg.fork.ufd);
}

static void fill_page(const struct hold *h)
{
	struct uffdio_zeropage zero = { .range = range(h) };

	if (ioctl(h->uffd, UFFDIO_ZEROPAGE, &zero))
		check__bail("UFFDIO_ZEROPAGE: %s", strerror(errno));
}

void hold__release(const struct hold *h)
{
	if (h->where == HOLD_UNNUMBERED)
		read_fork(h);
	else
		fill_page(h);
}

void hold__end(struct hold *h)
{
	close(h->uffd);
	h->uffd = -1;
}
