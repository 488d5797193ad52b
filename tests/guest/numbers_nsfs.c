// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of a file of a namespace: numbers across namespaces, and who may use them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ns.h"
#include "numbers.h"
#include "ops.h"

/* include/uapi/linux/nsfs.h, 6.11 and 6.12, by number: a program's headers may be older. */
#define GET_PID_FROM	0x8004b706UL
#define GET_TGID_FROM	0x8004b707UL
#define GET_PID_IN	0x8004b708UL
#define GET_TGID_IN	0x8004b709UL
#define GET_MNTNS_ID	0x8008b705UL
#define MNT_GET_INFO	0x8010b70aUL
#define MNT_GET_NEXT	0x8010b70bUL
#define MNT_GET_PREV	0x8010b70cUL

struct mnt_info {
	uint32_t size, nr_mounts;
	uint64_t id;
};

static long ask(int fd, unsigned long request, unsigned long arg)
{
	int got = ioctl(fd, request, arg);

	return got < 0 ? -errno : got;
}

/* Skips the case on a kernel without the request. */
static void need(int fd, unsigned long request, const char *name)
{
	if (ask(fd, request, 1) == -ENOTTY)
		check__skip("no %s", name);
}

static int own_ns(const struct world *w)
{
	return check__must("pid ns of the owner", w->number[READER_MIDDLE] ?
			   dup(w->nsfd) : ns__open(0, "pid"));
}

/* In a reader: the number that its requests are about. */
static pid_t asked;

static long ask_about(long number, long b __maybe_unused)
{
	asked = number;
	return 0;
}

/* The readers ask the owner's namespace which number of theirs its number is. */
static void mark_ns(struct world *w, long request)
{
	int fd = own_ns(w);

	need(fd, request, "NS_GET_PID_FROM_PIDNS");
	world__share(w, fd);
	for (int i = 0; i < READERS; i++)
		actor__call(&w->reader[i], ask_about, w->own, 0);
}

static long read_from(long fd, long request)
{
	return ask(fd, request, asked);
}

#define FROM(name_, request) \
	{ .name = name_, .mark = mark_ns, .read = read_from, .arg = request, \
	  .none = -ESRCH, .dead = -ESRCH }

const struct interface nsfs_interfaces[] = {
	FROM("NS_GET_PID_FROM_PIDNS", GET_PID_FROM),
	FROM("NS_GET_TGID_FROM_PIDNS", GET_TGID_FROM),
	{ }
};

static long ask_in(long fd_and_request, long number)
{
	return ask(fd_and_request >> 32, fd_and_request & 0xffffffff, number);
}

/* A reader asks by its number of the owner; one that has none uses that of another ns. */
static void number_in(const void *arg)
{
	const long request = *(const unsigned long *)arg;
	struct world w;

	need(ns__open(0, "pid"), request, "NS_GET_PID_IN_PIDNS");
	world__build(&w);
	world__add_child(&w);
	world__share(&w, dup(w.nsfd));
	for (int i = 0; i < READERS; i++)
		check__err("the owner's number in its own ns",
			   actor__call(&w.reader[i], ask_in,
				       w.handle[i] << 32 | request,
				       w.number[i] ?: w.owner.pid),
			   w.number[i] ? w.own : -ESRCH);
}

/* --- mount namespaces --- */

static long mnt_walk(long request, long b __maybe_unused)
{
	int fd = ns__open(0, "mnt"), got;

	if (fd < 0)
		return fd;
	got = ask(fd, request, 0);
	close(fd);
	if (got >= 0)
		close(got);
	return got < 0 ? got : 0;
}

/* Only the initial pid namespace sees mount namespaces that are not its own. */
static void mnt_walk_from(void)
{
	static const unsigned long requests[] = { MNT_GET_NEXT, MNT_GET_PREV };
	struct world w;
	int own;

	own = check__must("mount ns", ns__open(0, "mnt"));
	need(own, MNT_GET_INFO, "NS_MNT_GET_INFO");
	world__build(&w);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		for (int j = READER_MIDDLE; j < READERS; j++)
			check__err("root of a child pid ns asks",
				   actor__call(&w.reader[j], mnt_walk,
					       requests[i], 0), -EPERM);
		check__ne("root outside asks",
			  actor__call(&w.reader[READER_OUTER], mnt_walk,
				      requests[i], 0), -EPERM);
	}
}

/* NS_GET_MNTNS_ID agrees with NS_MNT_GET_INFO, which came after it. */
static void mnt_ids(void)
{
	struct world w;
	uint64_t last = 0, id;

	world__build(&w);
	for (int i = 0; i < READERS; i++) {
		struct mnt_info info = { .size = sizeof(info) };
		int fd = check__must("mount ns",
				     ns__open(w.reader[i].pid, "mnt"));

		if (ask(fd, MNT_GET_INFO, (unsigned long)&info) == -ENOTTY)
			check__skip("no NS_MNT_GET_INFO");
		id = 0;
		check__err("NS_GET_MNTNS_ID",
			   ask(fd, GET_MNTNS_ID, (unsigned long)&id), 0);
		check__eq("the id of the mount namespace", id, info.id);
		check__ne("the id of another one", id, last);
		last = id;
		close(fd);
	}
	check__err("NS_GET_MNTNS_ID of a pid ns",
		   ask(w.nsfd, GET_MNTNS_ID, (unsigned long)&id), -EINVAL);
}

static const unsigned long pid_in = GET_PID_IN, tgid_in = GET_TGID_IN;

static const struct test_case cases[] = {
	CASE_WITH(WHERE_ALWAYS, "nsfs: NS_GET_PID_IN_PIDNS by the asker's number",
		  number_in, &pid_in),
	CASE_WITH(WHERE_ALWAYS, "nsfs: NS_GET_TGID_IN_PIDNS by the asker's number",
		  number_in, &tgid_in),
	CASE(WHERE_ALWAYS, "nsfs: NS_MNT_GET_NEXT and PREV in a child pid ns: EPERM",
	     mnt_walk_from),
	CASE(WHERE_ALWAYS, "nsfs: NS_GET_MNTNS_ID is the id of NS_MNT_GET_INFO",
	     mnt_ids),
};

PROGRAM_PART(numbers_nsfs__add, cases)
