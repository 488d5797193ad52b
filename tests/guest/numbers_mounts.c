// SPDX-License-Identifier: GPL-2.0-only
/* /proc: which namespaces' files it shows, who may mount it, and mounts inside it. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "numbers.h"
#include "numbers_thread.h"
#include "ops.h"

/* --- /proc/net follows the caller's network namespace --- */

static const char * const net_files[] = {
	"/proc/self/net/dev", "/proc/self/net/stat",
	"/proc/self/net/stat/rt_cache", "/proc/thread-self/net/dev",
};

static ino_t inode_of(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		check__bail("%s: %s", path, strerror(errno));
	return st.st_ino;
}

/* In an actor: @path names another file after each change of the namespace. */
static long follow_net(long path_, long b __maybe_unused)
{
	const char *path = (const char *)path_;
	ino_t first, second;
	int home, held, away;

	/* A namespace of the case's own, so that nobody else uses its files. */
	if (unshare(CLONE_NEWNET))
		return -errno;
	home = check__must("net ns", ns__open(0, "net"));
	first = inode_of(path);
	/* An open file keeps its name in the kernel's cache. */
	held = check__must(path, open(path, O_RDONLY | O_CLOEXEC));
	if (unshare(CLONE_NEWNET))
		return -errno;
	second = inode_of(path);
	check__ne("the file after unshare", second, first);
	away = check__must("net ns", ns__open(0, "net"));
	check__err("setns back", ns__set(home, CLONE_NEWNET), 0);
	check__eq("the file after setns", inode_of(path), first);
	check__err("setns", ns__set(away, CLONE_NEWNET), 0);
	check__eq("the file after another setns", inode_of(path), second);
	close(held);
	return 0;
}

static void proc_net(void)
{
	struct actor x;

	for (size_t i = 0; i < ARRAY_SIZE(net_files); i++) {
		check__note("%s", net_files[i]);
		x = actor__spawn("caller", NULL, 0);
		check__err("net namespaces", actor__call(&x, follow_net,
							  (long)net_files[i], 0), 0);
	}
}

/* --- who may mount proc --- */

static const struct cover {
	const char *name;
	const char *path;	/* covered before the mount, or NULL */
	int flags;		/* new namespaces besides those for user and mounts */
	long err;
} covers[] = {
	{ "nothing is covered", NULL, CLONE_NEWPID, 0 },
	{ "a file is covered", "/proc/version", CLONE_NEWPID, -EPERM },
	{ "a directory is covered", "/proc/sys", CLONE_NEWPID, -EPERM },
	{ "an empty directory is covered", "/proc/fs", CLONE_NEWPID, -EPERM },
	{ "the pid namespace is another's", NULL, 0, -EPERM },
};

static long cover(long path, long b __maybe_unused)
{
	struct stat st;

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	if (!path)
		return 0;
	if (stat((const char *)path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return mount("none", (const char *)path, "tmpfs", 0, NULL) ?
			-errno : 0;
	return mount("/dev/null", (const char *)path, NULL, MS_BIND, NULL) ?
		-errno : 0;
}

static long mount_proc(long a __maybe_unused, long b __maybe_unused)
{
	return mount("proc", "/proc", "proc", 0, NULL) ? -errno : 0;
}

static void covered_proc(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(covers); i++) {
		const struct cover *c = &covers[i];
		struct actor outer = actor__spawn("root", NULL, 0), inner;

		check__must("cover", actor__call(&outer, cover, (long)c->path,
						 0));
		inner = actor__spawn("root of a user ns", &outer,
				     CLONE_NEWUSER | CLONE_NEWNS | c->flags);
		check__note("%s", c->name);
		check__err("mount of proc", actor__run(&inner, mount_proc),
			   c->err);
	}
}

/* --- a mount below /proc/PID --- */

static void mount_survives_exec(void)
{
	struct thread_process t = thread__start();
	struct stat covering, seen;
	char path[32];

	check__must("mount namespace", cover(0, 0));
	snprintf(path, sizeof(path), "/proc/%d/environ", t.pid);
	if (mount("/dev/null", path, NULL, MS_BIND, NULL))
		check__bail("%s: %s", path, strerror(errno));
	stat("/dev/null", &covering);
	thread__exec(&t);
	check__err("stat", stat(path, &seen) ? -errno : 0, 0);
	check__eq("what covers the file", seen.st_ino, covering.st_ino);
	check__err("umount", umount(path) ? -errno : 0, 0);
	snprintf(path, sizeof(path), "/proc/%d/task/%d", t.pid, t.pid);
	check__err("the thread has the number of its leader",
		   access(path, F_OK) ? -errno : 0, 0);
	thread__end(&t);
	check__eq("reaped", waitpid(t.pid, NULL, 0), t.pid);
}

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "proc: /proc/net is that of the caller's net namespace",
	     proc_net),
	CASE(WHERE_ALWAYS, "proc: mounting one that would show what is covered: EPERM",
	     covered_proc),
	CASE(WHERE_ALWAYS, "proc: a mount on a file of a process survives exec by a thread",
	     mount_survives_exec),
};

PROGRAM_PART(numbers_mounts__add, cases)
