// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers in files of /proc, which depend on the pid namespace of the mount and not on
 * that of the reader.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "joined.h"
#include "ns.h"
#include "numbers.h"
#include "ops.h"

/* Mounts of the outer and of the middle namespace: levels of the processes' numbers. */
enum { OUTER, MIDDLE, MOUNTS };

static const char * const mounts[MOUNTS] = { "mount outside", "mount in the middle" };

/* The processes that the files of the owner name. */
enum role { OWNER, PARENT, GROUP, SESSION, TRACER, ROLES };

/* Where a number stands: after @key, or in column @column (from 1) of the line. */
static const struct field {
	const char *file, *key;
	int column;
	enum role role;
} fields[] = {
	{ .file = "stat", .column = 1, .role = OWNER },
	{ .file = "stat", .column = 4, .role = PARENT },
	{ .file = "stat", .column = 5, .role = GROUP },
	{ .file = "stat", .column = 6, .role = SESSION },
	{ .file = "status", .key = "\nTgid:", .role = OWNER },
	{ .file = "status", .key = "\nPid:", .role = OWNER },
	{ .file = "status", .key = "\nPPid:", .role = PARENT },
	{ .file = "status", .key = "\nTracerPid:", .role = TRACER },
	{ .file = "status", .key = "\nNStgid:", .role = OWNER },
	{ .file = "status", .key = "\nNSpid:", .role = OWNER },
	{ .file = "status", .key = "\nNSpgid:", .role = GROUP },
	{ .file = "status", .key = "\nNSsid:", .role = SESSION },
	{ .file = "timers", .key = "\nnotify: signal/pid.", .role = OWNER },
	{ .file = "timers", .key = "\nnotify: signal/tid.", .role = OWNER },
};

/* Two timers, which signal the process, and its thread. */
static long add_timers(long a __maybe_unused, long b __maybe_unused)
{
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1,
	};
	int id;

	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id))
		return -errno;
	ev.sigev_notify = SIGEV_THREAD_ID;
	ev._sigev_un._tid = gettid();
	return syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id) ? -errno : 0;
}

static long parse_field(const struct field *f, const char *text)
{
	const char *at = text;

	if (f->key) {
		at = strstr(text, f->key);
		return at ? atol(at + strlen(f->key)) : -ENOENT;
	}
	/* The second column, the name in brackets, has no space in these processes. */
	for (int i = 1; at && i < f->column; i++) {
		at = strchr(at, ' ');
		at += !!at;
	}
	return at ? atol(at) : -ENOENT;
}

/* Returns the number of a process at a level: 0 outside its namespaces. */
static pid_t number_at(pid_t pid, int level)
{
	struct ns_numbers n;

	if (!pid)
		return 0;
	n = joined__numbers(NULL, pid, "NSpid");
	return level < n.nr ? n.number[level] : 0;
}

static void check_fields(const char *proc, int level, const pid_t role[ROLES])
{
	const pid_t self = number_at(role[OWNER], level);
	char path[128], text[4096], what[128];

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];

		snprintf(path, sizeof(path), "%s/%d/%s", proc, self, f->file);
		check__must(path, file__read(path, text, sizeof(text)));
		snprintf(what, sizeof(what), "%s of %s, %s, %d",
			 f->key ? f->key + 1 : "column", f->file, mounts[level],
			 f->column);
		check__eq(what, parse_field(f, text),
			  number_at(role[f->role], level));
	}
}

/* Counts how often PROC/@dir lists @pid. */
static int times_in(const char *proc, const char *dir, pid_t pid)
{
	char path[128];
	struct dirent *e;
	int times = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", proc, dir);
	d = opendir(path);
	if (!d)
		check__bail("%s: %s", path, strerror(errno));
	while ((e = readdir(d)))
		times += atoi(e->d_name) == pid;
	closedir(d);
	return times;
}

static void check_lists(const char *proc, int level, const pid_t role[ROLES])
{
	const pid_t self = number_at(role[OWNER], level);
	const pid_t parent = number_at(role[PARENT], level);
	char path[128], text[256], want[32], task[32];
	bool listed;

	snprintf(task, sizeof(task), "%d/task", self);
	check__eq("times that /proc lists the owner", times_in(proc, "", self),
		  1);
	check__eq("times that its task directory does",
		  times_in(proc, task, self), 1);
	if (!parent)
		return;
	snprintf(path, sizeof(path), "%s/%d/task/%d/children", proc, parent,
		 parent);
	check__must(path, file__read(path, text, sizeof(text)));
	snprintf(want, sizeof(want), "%d ", self);
	listed = !strncmp(text, want, strlen(want));
	snprintf(want, sizeof(want), " %d ", self);
	check__true("the children of its parent have it",
		    listed || strstr(text, want));
}

static void check_mounts(const struct world *w, const pid_t role[ROLES])
{
	const char *proc[MOUNTS] = {
		"/proc", joined__proc_of(&w->reader[READER_MIDDLE]),
	};

	for (int i = 0; i < MOUNTS; i++) {
		check_fields(proc[i], i, role);
		check_lists(proc[i], i, role);
	}
}

/* An owner with a parent, group and session inside, which a process outside traces. */
static void files_of_child(void)
{
	struct world w;
	pid_t role[ROLES];

	world__build(&w);
	world__add_child(&w);
	role[OWNER] = w.owner.pid;
	role[PARENT] = w.parent;
	role[GROUP] = role[SESSION] = getpid();
	role[TRACER] = 0;
	world__mark(&w, add_timers, 0, 0);
	check_mounts(&w, role);

	check__must("PTRACE_SEIZE",
		    actor__call(&w.reader[READER_OUTER], op_seize, w.owner.pid,
				0));
	role[TRACER] = w.reader[READER_OUTER].pid;
	world__mark(&w, op_setsid, 0, 0);
	role[GROUP] = role[SESSION] = w.owner.pid;
	check_mounts(&w, role);
}

/* An owner with its parent outside, which the init of its namespace traces. */
static void files_of_entered(void)
{
	struct world w;
	pid_t role[ROLES];

	world__build(&w);
	world__add_entered(&w);
	role[OWNER] = w.owner.pid;
	role[GROUP] = role[SESSION] = getpid();
	check__eq("getppid() of an owner whose parent is outside",
		  actor__run(&w.owner, op_getppid), 0);
	check__must("PTRACE_SEIZE",
		    actor__call(&w.reader[READER_MIDDLE], op_seize, w.own, 0));
	role[TRACER] = w.reader[READER_MIDDLE].pid;
	role[PARENT] = w.parent;
	world__mark(&w, add_timers, 0, 0);
	check_mounts(&w, role);
}

/* --- /proc/self and /proc/thread-self --- */

static long read_self(long dir, long thread)
{
	char text[64] = "", want[64];
	ssize_t n = readlinkat(dir, thread ? "thread-self" : "self", text,
			       sizeof(text) - 1);

	if (n < 0)
		return -errno;
	snprintf(want, sizeof(want), "%d/task/%d", atoi(text), atoi(text));
	if (thread)
		check__str("thread-self of the only thread", text, want);
	return atol(text);
}

/* Each reader reads the links in the mounts of all. */
static void self_in_each_mount(void)
{
	/* The level that a mount shows, and the readers that have a number there. */
	static const bool has_number[READERS][READERS] = {
		[READER_OUTER] = { true, true, true, true },
		[READER_MIDDLE] = { [READER_MIDDLE] = true, [READER_INNER] = true },
		[READER_INNER] = { [READER_INNER] = true },
		[READER_OTHER] = { [READER_OTHER] = true },
	};
	static const int level[READERS] = {
		[READER_MIDDLE] = 1, [READER_INNER] = 2, [READER_OTHER] = 1,
	};
	struct world w;

	world__build(&w);
	for (int i = 0; i < READERS; i++) {
		int fd = check__must("mount", open(joined__proc_of(&w.reader[i]),
						   O_PATH | O_CLOEXEC));

		for (int j = 0; j < READERS; j++) {
			long dir = actor__give(&w.reader[j], fd);
			long want = has_number[i][j] ?
				number_at(w.reader[j].pid, level[i]) : -ENOENT;

			check__err("self", actor__call(&w.reader[j], read_self,
						       dir, false), want);
			check__err("thread-self",
				   actor__call(&w.reader[j], read_self, dir,
					       true), want);
			actor__call(&w.reader[j], op_close, dir, 0);
		}
		close(fd);
	}
}

/* --- cad_pid --- */

#define CAD_PID "/proc/sys/kernel/cad_pid"

static long read_cad(long a __maybe_unused, long b __maybe_unused)
{
	return file__get(CAD_PID);
}

static void expect_cad(const struct world *w, const char *when,
		       const pid_t number[READERS])
{
	for (int i = 0; i < READERS; i++)
		check__eq(when, actor__run(&w->reader[i], read_cad), number[i]);
}

/* The process that Ctrl-Alt-Del signals is another for a while, twice. */
static void cad_pid(void)
{
	static const pid_t init[READERS] = { [READER_OUTER] = 1 };
	struct world w;

	world__build(&w);
	world__add_child(&w);
	if (read_cad(0, 0) < 0)
		check__skip("no " CAD_PID);
	expect_cad(&w, "init", init);
	for (int i = 0; i < 2; i++) {
		check__must("another", file__set(CAD_PID, w.owner.pid));
		/* The cached files of /proc/1 hold references, too. */
		file__set("/proc/sys/vm/drop_caches", 2);
		expect_cad(&w, "the owner", w.number);
		check__must("back", file__set(CAD_PID, 1));
		expect_cad(&w, "init", init);
	}
	check__err("a number that nobody has", file__set(CAD_PID, 1 << 22),
		   -ESRCH);
	expect_cad(&w, "init", init);
}

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "proc: files of a process in each mount", files_of_child),
	CASE(WHERE_ALWAYS, "proc: files of a process whose parent is outside",
	     files_of_entered),
	CASE(WHERE_ALWAYS, "proc: self and thread-self in each mount",
	     self_in_each_mount),
	CASE(WHERE_ALWAYS, "proc: cad_pid is handed on and back", cad_pid),
};

PROGRAM_PART(numbers_proc__add, cases)
