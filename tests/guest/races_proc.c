// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks a number up in /proc while a task gives up that number: by a join, or
 * by an exec of a thread that takes over its leader's number. Afterwards none
 * of many proc mounts may still have the number; each mount is queried once
 * during the change. The leader's number must exist all the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beat.h"
#include "ns.h"
#include "races.h"
#include "stress_word.h"

#define PROC_DIR "/tmp/races-proc"
#define PROCS 48
#define PROC_SLOW 8

/* Mounts many proc file systems, none of which has cached any number yet. */
static long mount_procs(long a __maybe_unused, long b __maybe_unused)
{
	char path[64];

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir(PROC_DIR, 0700) && errno != EEXIST) ||
	    mount("none", PROC_DIR, "tmpfs", 0, NULL))
		return -errno;
	for (int i = 0; i < PROCS; i++) {
		snprintf(path, sizeof(path), PROC_DIR "/%d", i);
		if (mkdir(path, 0700) || mount("proc", path, "proc", 0, NULL))
			return -errno;
	}
	/*
	 * The kernel makes an inode between the lookups of a task and of its
	 * pid: slow that down.
	 */
	return slow__tracepoint("kmem/kmem_cache_alloc", -1, PROC_SLOW);
}

/* Opens the directories for the lookup: those of processes, or of threads. */
static void open_dirs(int dirs[], pid_t pid, bool threads)
{
	char path[64];

	for (int i = 0; i < PROCS; i++) {
		if (threads)
			snprintf(path, sizeof(path), PROC_DIR "/%d/%d/task", i,
				 pid);
		else
			snprintf(path, sizeof(path), PROC_DIR "/%d", i);
		dirs[i] = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
		if (dirs[i] < 0)
			check__bail("%s: %s", path, strerror(errno));
	}
}

/*
 * Looks the number up in one proc after another while it disappears or is taken
 * over. found: in how many mounts the number was seen meanwhile, and in how
 * many it still exists afterwards.
 */
static long look_up(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;
	int dirs[PROCS], err = 0;
	char name[16];

	snprintf(name, sizeof(name), "%d",
		 r->number && r->threads ? r->number : r->pid);
	open_dirs(dirs, r->pid, r->threads);
	/* The first lookup precedes the start and shows that the number existed. */
	r->found[0] = !faccessat(dirs[0], name, F_OK, 0);
	r->missed = !r->found[0];
	if (r->number)
		round__arm(r);
	else
		round__await_number(r);
	for (int i = 1; i < PROCS && !atomic_load(&r->done); i++) {
		bool there = !faccessat(dirs[i], name, F_OK, 0);

		r->found[0] += there;
		r->missed += !there;
	}
	if (word__await(&r->done, 1, WORD_LIMIT_MS))
		err = -ETIMEDOUT;
	for (int i = 0; i < PROCS; i++) {
		r->found[1] += !faccessat(dirs[i], name, F_OK, 0);
		close(dirs[i]);
	}
	return err;
}

/* --- a thread becomes the leader -------------------------------------------- */

/*
 * The exec of a thread also changes a struct pid: the thread takes over that of
 * its leader. The number of the thread disappears.
 */
struct execer {
	struct round *r;
	int stays, tells;	/* ends of pipes: see race_exec() */
};

static void *exec_at_start(void *arg)
{
	const struct execer *x = arg;

	dup2(x->stays, STDIN_FILENO);
	x->r->number = gettid();
	word__set(&x->r->ready, 1);
	if (!word__await(&x->r->go, 1, WORD_LIMIT_MS))
		execl("/proc/self/exe", "races", RACES_LINGER, NULL);
	_exit(1);
}

static void start_execer(struct execer *x)
{
	pthread_t thread;
	pid_t pid;

	x->r->ready = x->r->armed = x->r->go = x->r->done = 0;
	x->r->found[0] = x->r->found[1] = 0;
	pid = ns__clone(0, NULL);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!pthread_create(&thread, NULL, exec_at_start, x))
			pthread_join(thread, NULL);
		_exit(1);
	}
	if (pid < 0)
		check__bail("no process: %s", strerror(-pid));
	x->r->pid = pid;
	if (word__await(&x->r->ready, 1, run__patience()))
		check__bail("the thread does not get ready");
}

/*
 * The executed program runs until the pipe to its standard input is closed. The
 * EOF of the other pipe, whose end is close-on-exec, shows that the exec
 * happened.
 */
static void race_exec(struct race *race)
{
	struct round *r = race->r;
	struct execer x = { .r = r };
	int in[2], out[2], status;
	char byte;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		check__bail("pipe2: %s", strerror(errno));
	x.stays = in[0];
	x.tells = out[1];
	start_execer(&x);
	close(in[0]);
	close(out[1]);
	round__go(r, &race->neighbour, look_up);
	check__eq("end of the pipe at the exec", read(out[0], &byte, 1), 0);
	word__set(&r->done, 1);
	check__err("the reader's end", actor__answer(&race->neighbour), 0);
	close(in[1]);
	close(out[0]);
	check__eq("waitpid", waitpid(r->pid, &status, 0), r->pid);
	check__eq("exit status", status, 0);
}

static bool thread_has_gone(const struct round *r)
{
	return check__eq("mounts of /proc with the thread's number",
			 r->found[1], 0);
}

static bool process_was_there(const struct round *r)
{
	return check__eq("lookups that did not find the process",
			 r->missed, 0) &&
	       check__eq("mounts of /proc with the process", r->found[1], PROCS);
}

/* *arg: look in /proc/PID/task, not in /proc. */
static void exec_lookup(const void *arg)
{
	enum { ROUNDS = 60 };
	struct race x = { .r = shared__alloc(sizeof(*x.r)) };
	/* The race is hit in one round of ten. */
	const long end = beat__now_ms() + 3 * RACE_MS;
	long seen = 0;

	x.neighbour = round__neighbour("reader of /proc");
	check__must("mounts of /proc", actor__run(&x.neighbour, mount_procs));
	x.r->threads = *(const bool *)arg;
	for (int i = 0; race__another(i, ROUNDS, end); i++) {
		race_exec(&x);
		seen += x.r->found[0];
		if (!(x.r->threads ? thread_has_gone(x.r) : process_was_there(x.r)))
			break;
	}
	check__true("it was looked up before it went", seen > 0);
}

/* --- a process moves --------------------------------------------------------- */

static void join_lookup(const void *arg)
{
	enum { ROUNDS = 20 };
	struct race x = race__make("reader of /proc",
				   CLONE_NEWPID | CLONE_NEWNS);
	const long end = beat__now_ms() + RACE_MS;
	struct round *r = x.r;
	long seen = 0;

	check__must("mounts of /proc", actor__run(&x.neighbour, mount_procs));
	r->threads = *(const bool *)arg;
	for (int i = 0; race__another(i, ROUNDS, end); i++) {
		round__start(r, &x.neighbour, look_up);
		round__await_done(r);
		check__err("setns", r->err, 0);
		check__err("the reader's end", round__end(r, &x.neighbour), 0);
		check__eq("mounts of /proc with the old number",
			  r->found[1], 0);
		seen += r->found[0];
	}
	check__true("it was looked up before it went", seen > 0);
}

static const bool processes = false, threads = true;
static const struct test_case cases[] = {
	RACE_WITH("no /proc has the old number after the move",
		  join_lookup, &processes),
	RACE_WITH("no /proc/PID/task has the old number after the move",
		  join_lookup, &threads),
	RACE_WITH("no /proc/PID/task has a thread's number after its exec",
		  exec_lookup, &threads),
	RACE_WITH("/proc has a process while a thread of it executes",
		  exec_lookup, &processes),
};

PROGRAM_PART(races_proc__add, cases)
