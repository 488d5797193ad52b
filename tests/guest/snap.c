// SPDX-License-Identifier: GPL-2.0-only
/* Takes snapshots, and compares them line by line. */
#include "snap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "run.h"

/* Actors have few fds, and their numbers are small. */
#define MAX_FDS 64

static const char * const ns_links[] = {
	"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time",
	"time_for_children", "user", "uts",
};

/* Keys of /proc/PID/status: numbers at all levels, and credentials. */
static const char *const number_keys[] = { "NS", NULL };
static const char *const own_keys[] = {
	"NS", "Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", NULL,
};

/* Fds of the process that ran snap__arm_self(). */
static int self_pidfd = -1, self_dir = -1;

static bool begins(const char *line, const char *prefix)
{
	return !strncmp(line, prefix, strlen(prefix));
}

static __printf(2, 3) void add(struct snap *s, const char *fmt, ...)
{
	size_t len = strlen(s->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->text + len, SNAP_SIZE - len, fmt, ap);
	va_end(ap);
}

/* Adds the lines of /proc/PID/status that begin with one of @keys. */
static void add_status(struct snap *s, const char *label, const char *pid,
		       const char *const keys[])
{
	char path[32], text[4096], *line, *end;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	n = file__read(path, text, sizeof(text));
	if (n < 0) {
		add(s, "%sstatus: %s\n", label, strerror(-n));
		return;
	}
	for (line = text; *line; line = end + 1) {
		end = strchrnul(line, '\n');
		for (const char *const *key = keys; *key; key++) {
			if (begins(line, *key))
				add(s, "%s%.*s\n", label, (int)(end - line),
				    line);
		}
		if (!*end)
			break;
	}
}

static void add_link(struct snap *s, const char *path, const char *label)
{
	char to[256];
	ssize_t n = readlink(path, to, sizeof(to) - 1);

	if (n < 0)
		snprintf(to, sizeof(to), "(%s)", strerror(errno));
	else
		to[n] = '\0';
	add(s, "%s -> %s\n", label, to);
}

static void add_fds(struct snap *s)
{
	char path[32];

	for (int fd = 0; fd < MAX_FDS; fd++) {
		/* The link of self_dir describes /proc, not the file. */
		if (fd == self_dir || fcntl(fd, F_GETFD) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		add_link(s, path, path + strlen("/proc/self/"));
	}
}

static void add_armed(struct snap *s)
{
	int events, fd;

	if (self_pidfd < 0)
		return;
	events = ns__poll(self_pidfd, POLLIN, 0);
	add(s, "pidfd of self: events %#x\n",
	    events == -ETIMEDOUT ? 0 : events);
	fd = openat(self_dir, "comm", O_RDONLY | O_CLOEXEC);
	add(s, "open directory /proc/self: %s\n",
	    fd < 0 ? strerror(errno) : "alive");
	if (fd >= 0)
		close(fd);
}

long snap__arm_self(long a __maybe_unused, long b __maybe_unused)
{
	self_pidfd = ns__pidfd(getpid(), 0);
	if (self_pidfd < 0)
		return self_pidfd;
	self_dir = open("/proc/self", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return self_dir < 0 ? -errno : 0;
}

long snap__self(long snap, long b __maybe_unused)
{
	struct snap *s = (struct snap *)snap;
	char path[64], label[64];

	add(s, "getpid %d\ngettid %d\ngetpgrp %d\ngetsid %d\ngetppid %d\n",
	    getpid(), gettid(), getpgrp(), getsid(0), getppid());
	add_status(s, "", "self", own_keys);
	add_link(s, "/proc/self", "/proc/self");
	add_link(s, "/proc/thread-self", "/proc/thread-self");
	add_link(s, "/proc/self/cwd", "cwd");
	add_link(s, "/proc/self/root", "root");
	for (size_t i = 0; i < ARRAY_SIZE(ns_links); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_links[i]);
		snprintf(label, sizeof(label), "ns/%s", ns_links[i]);
		add_link(s, path, label);
	}
	add_fds(s);
	add_armed(s);
	return 0;
}

/* Adds the director's view, by the number that the task had at birth. */
static void add_outside(struct snap *s, const struct actor *who)
{
	siginfo_t info = { .si_pid = 0 };
	char pid[16];
	int err;

	snprintf(pid, sizeof(pid), "%d", who->pid);
	err = kill(who->pid, 0) ? errno : 0;
	add(s, "outside: kill %s\n", strerror(err));
	add_status(s, "outside: ", pid, number_keys);
	err = waitid(P_PID, who->pid, &info, WEXITED | WNOHANG | WNOWAIT) ?
	      errno : 0;
	add(s, "outside: waitid %s, pid %d\n", strerror(err), info.si_pid);
	add(s, "outside: pidfd %s\n",
	    ns__poll(who->pidfd, POLLIN, 0) == -ETIMEDOUT ? "silent" :
	    "reports an exit");
}

void snap__arm(const struct actor *who)
{
	check__must("pidfd and /proc/self of the caller",
		    actor__run(who, snap__arm_self));
}

struct snap *snap__take(const struct actor *who, const struct actor *inside)
{
	struct snap *s = shared__alloc(sizeof(*s));

	actor__call(who, snap__self, (long)s, 0);
	add_outside(s, who);
	if (inside)
		add(s, "inside: numbers (mask) %#lx\n",
		    actor__run(inside, op_numbers));
	return s;
}

/* Selects the lines to compare: with a prefix, or without one. */
struct filter {
	const char *only, *except;
};

static bool passes(const struct filter *f, const char *line)
{
	return !(f->except && begins(line, f->except)) &&
	       !(f->only && !begins(line, f->only));
}

bool snap__has(const struct snap *s, const char *line)
{
	size_t len = strlen(line);
	const char *at = s->text;

	while ((at = strstr(at, line))) {
		if ((at == s->text || at[-1] == '\n') && at[len] == '\n')
			return true;
		at += len;
	}
	return false;
}

/* Counts and notes the lines of @a that are nowhere in @b. */
static unsigned int missing(const struct snap *a, const struct snap *b,
			    const struct filter *f, char sign)
{
	unsigned int found = 0;
	const char *at, *end;
	char line[512];

	for (at = a->text; *at; at = end + 1) {
		int len;

		end = strchrnul(at, '\n');
		len = end - at < (int)sizeof(line) ? end - at :
		      (int)sizeof(line) - 1;
		memcpy(line, at, len);
		line[len] = '\0';
		if (passes(f, line) && !snap__has(b, line)) {
			check__note("%c %s", sign, line);
			found++;
		}
		if (!*end)
			break;
	}
	return found;
}

static bool same(const char *when, const struct snap *before,
		 const struct snap *after, const struct filter *f)
{
	unsigned int gone, came;

	gone = missing(before, after, f, '-');
	came = missing(after, before, f, '+');
	if (!gone && !came)
		return check__true(when, true);
	check__fail("%s: %u facts gone, %u new (listed above)", when, gone,
		    came);
	return false;
}

bool snap__same(const char *when, const struct snap *before,
		const struct snap *after, const char *except)
{
	const struct filter f = { .except = except };

	return same(when, before, after, &f);
}

bool snap__same_part(const char *prefix, const struct snap *before,
		     const struct snap *after)
{
	const struct filter f = { .only = prefix };

	return same(prefix, before, after, &f);
}
