// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who comes in between a join's steps: a tracer and the death of the target's
 * init, between the checks and the move; a CPU timer that is armed, a path in
 * /proc that is looked up, and an alarm that goes off, while it moves.
 *
 * The first two see that the join is past its checks by the number it has
 * taken, and the joiner gives them time: with its namespaces goes the last
 * user of a mount namespace, and to free that takes an RCU grace period.
 * Whether they came in between shows, and a case in which nobody did fails.
 * The others have to hit microseconds, which tracepoints in there make longer:
 * what must hold in any case shows, a hit does not (coverage tells).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ns.h"
#include "races.h"
#include "stress_word.h"

/* A slow machine does fewer rounds, but so many at least. */
#define LEAST_ROUNDS 3
#define CASE_MS 5000

#define LAST_PID "/proc/sys/kernel/ns_last_pid"

/* Who takes part, in round after round. */
struct race {
	struct round *r;
	struct actor init, neighbour;
};

static void own_mounts(struct round *r)
{
	(void)r;
	if (unshare(CLONE_NEWNS))
		check__bail("unshare(CLONE_NEWNS): %s", strerror(errno));
}

/*
 * Makes a target, its init having all that the joiner is to enter, and sends
 * the joiner there; who enters a mount namespace takes his time, see above.
 */
static void race__target(struct race *x, int flags)
{
	x->init = actor__spawn("init of the target", NULL, flags);
	x->r->fd = x->init.pidfd;
	x->r->flags = flags;
	x->r->victim = x->init.pid;
	x->r->prepare = flags & CLONE_NEWNS ? own_mounts : NULL;
}

static struct race race__make(const char *neighbour, int flags)
{
	struct race x = { .r = shared__alloc(sizeof(*x.r)) };

	race__target(&x, flags);
	x.neighbour = round__neighbour(neighbour);
	return x;
}

/* --- between the checks and the move -------------------------------------- */

/* Returns when the joiner has taken its number, or is through. */
static void await_number(struct round *r)
{
	char first[16] = "", now[16] = "";
	int fd = open(LAST_PID, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, first, sizeof(first), 0) < 1)
		check__bail(LAST_PID ": %s", strerror(errno));
	round__arm(r);
	do {
		if (pread(fd, now, sizeof(now), 0) < 1)
			break;
	} while (!memcmp(first, now, sizeof(now)) && !atomic_load(&r->done));
	close(fd);
}

/* found: what PTRACE_SEIZE and a wait for the old number say. */
static long seize(long round, long unused, int fd)
{
	struct round *r = (struct round *)round;
	int status;

	(void)unused;
	(void)fd;
	await_number(r);
	r->found[0] = ptrace(PTRACE_SEIZE, r->pid, 0, 0) ? -errno : 0;
	if (r->found[0])
		return 0;
	r->found[1] = waitpid(r->pid, &status, __WALL) < 0 ? -errno : 0;
	/* It has another number now, and tells us its end under that. */
	return waitpid(-1, &status, __WALL) > 0 ? 0 : -errno;
}

static void tracer(const void *arg)
{
	enum { ROUNDS = 40, WANTED = 2 };
	struct race x = race__make("tracer", CLONE_NEWPID | CLONE_NEWNS);
	struct round *r = x.r;
	int between = 0;

	(void)arg;
	for (int i = 0; i < ROUNDS && between < WANTED; i++) {
		round__start(r, &x.neighbour, seize);
		round__await_done(r);
		check__err("setns", r->err, 0);
		check__err("the tracer's end", round__end(r, &x.neighbour), 0);
		if (r->found[0]) {
			check__err("PTRACE_SEIZE of the old number",
				   r->found[0], -ESRCH);
			continue;
		}
		between++;
		check__err("waitpid(old number) by the tracer", r->found[1],
			   -ECHILD);
	}
	check__true("a tracer came in between", between > 0);
}

static long strike(long round, long unused, int fd)
{
	struct round *r = (struct round *)round;

	(void)unused;
	(void)fd;
	await_number(r);
	return kill(r->victim, SIGKILL) ? -errno : 0;
}

/* Two die, the init and the joiner; says how the joiner did. */
static int reap_both(const struct actor *init)
{
	int status = 0, got;
	pid_t pid;

	for (int i = 0; i < 2; i++) {
		pid = waitpid(-1, &got, __WALL);
		if (pid <= 0)
			check__bail("waitpid: %s", strerror(errno));
		if (pid != init->pid)
			status = got;
	}
	close(init->pidfd);
	close(init->sock);
	return status;
}

static void death_of_init(const void *arg)
{
	enum { ROUNDS = 40, WANTED = 2 };
	struct race x = race__make("killer", CLONE_NEWPID | CLONE_NEWNS);
	struct round *r = x.r;
	int between = 0, status;

	(void)arg;
	for (int i = 0; i < ROUNDS && between < WANTED; i++) {
		if (i)
			race__target(&x, r->flags);
		round__start(r, &x.neighbour, strike);
		check__err("kill", actor__answer(&x.neighbour), 0);
		status = reap_both(&x.init);
		close(r->pidfd);
		if (WIFSIGNALED(status)) {
			check__eq("what killed the joiner", WTERMSIG(status),
				  SIGKILL);
			/* Killed before it saw what setns returned. */
			between += !atomic_load(&r->done);
		} else {
			check__err("setns, too late", r->err, -ENOMEM);
		}
	}
	check__true("the init died in between", between > 0);
}

/* --- while it moves -------------------------------------------------------- */

/*
 * The joiner wakes a parent that waits for it before its PID has changed, and
 * those who poll its pidfd before its TGID has: that takes long now.
 */
static void slow_wakeups(int times)
{
	check__must("a slow tracepoint",
		    slow__tracepoint("sched/sched_waking", sched_getcpu(),
				     times));
}

/* Is there time for round @i of a case that began @began? */
static bool another(int i, int rounds, long began)
{
	return i < LEAST_ROUNDS ||
	       (i < rounds && ns__now_ms() < began + CASE_MS);
}

/* MAKE_PROCESS_CPUCLOCK() of include/linux/posix-timers.h. */
#define CPUCLOCK_SCHED	2

/*
 * The joiner wakes its parent with siglock held. Meanwhile the owner of a timer
 * finds it by the old number, and waits for the lock.
 *
 * found: of the last timer_settime, and of the first.
 */
static long arm_cpu_timer(long round, long unused, int fd)
{
	const struct itimerspec late = { .it_value.tv_sec = 1000 };
	struct round *r = (struct round *)round;
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1,
	};
	timer_t timer;
	bool through;

	(void)unused;
	(void)fd;
	signal(SIGUSR1, SIG_IGN);
	if (timer_create((clockid_t)(~(uint32_t)r->pid << 3 | CPUCLOCK_SCHED),
			 &ev, &timer))
		return -errno;
	r->found[1] = timer_settime(timer, 0, &late, NULL) ? -errno : 0;
	round__arm(r);
	do {
		/* Once more when it is through. */
		through = atomic_load(&r->done);
		r->found[0] = timer_settime(timer, 0, &late, NULL) ? -errno : 0;
	} while (!r->found[0] && !through);
	return timer_delete(timer) ? -errno : 0;
}

/* It is on our CPU: as long as we run it cannot begin to wait. */
static void let_parent_wait(struct round *r)
{
	(void)r;
	usleep(2000);
}

static void cpu_timer(const void *arg)
{
	enum { ROUNDS = 20 };
	const long began = ns__now_ms();
	struct round *r;
	struct race x;

	(void)arg;
	slow_wakeups(64);
	x = race__make("owner of a timer", CLONE_NEWPID);
	r = x.r;
	r->aim = let_parent_wait;
	for (int i = 0; another(i, ROUNDS, began); i++) {
		round__start(r, &x.neighbour, arm_cpu_timer);
		check__err("waitpid(old number)",
			   waitpid(r->pid, NULL, 0) < 0 ? -errno : 0, -ECHILD);
		round__await_done(r);
		check__err("setns", r->err, 0);
		check__err("timer_delete", round__end(r, &x.neighbour), 0);
		check__err("timer_settime on the old number", r->found[0],
			   -ESRCH);
		check__err("timer_settime before", r->found[1], 0);
	}
}

#define PROC_DIR "/tmp/races-proc"
#define PROCS 48
#define PROC_SLOW 8

/* Each a file system of its own, that has not seen any number yet. */
static long mount_procs(long a, long b, int fd)
{
	char path[64];

	(void)a;
	(void)b;
	(void)fd;
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
	/* An inode is made between the lookup of a task and that of its pid. */
	return slow__tracepoint("kmem/kmem_cache_alloc", -1, PROC_SLOW);
}

/* Where the number is to be looked up: among the processes, or the threads. */
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
 * Looks the old number up, in one proc after another, while it goes away. In
 * found: in how many it was seen then, and in how many it still is.
 */
static long look_up(long round, long unused, int fd)
{
	struct round *r = (struct round *)round;
	int dirs[PROCS], err = 0;
	char name[16];

	(void)unused;
	(void)fd;
	snprintf(name, sizeof(name), "%d", r->pid);
	open_dirs(dirs, r->pid, r->threads);
	await_number(r);
	for (int i = 0; i < PROCS && !atomic_load(&r->done); i++)
		r->found[0] += !faccessat(dirs[i], name, F_OK, 0);
	if (word__await(&r->done, 1, WORD_LIMIT_MS))
		err = -ETIMEDOUT;
	for (int i = 0; i < PROCS; i++) {
		r->found[1] += !faccessat(dirs[i], name, F_OK, 0);
		close(dirs[i]);
	}
	return err;
}

/* In the directory of the processes, or in that of the threads of one. */
static void look_up_in(bool threads)
{
	enum { ROUNDS = 20 };
	struct race x = race__make("reader of /proc",
				   CLONE_NEWPID | CLONE_NEWNS);
	const long began = ns__now_ms();
	struct round *r = x.r;
	long seen = 0;

	check__must("mounts of /proc",
		    actor__call(&x.neighbour, mount_procs, 0, 0, -1));
	r->threads = threads;
	for (int i = 0; another(i, ROUNDS, began); i++) {
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

static void proc_lookup(const void *arg)
{
	(void)arg;
	look_up_in(false);
}

static void task_lookup(const void *arg)
{
	(void)arg;
	look_up_in(true);
}

/* --- an alarm goes off ------------------------------------------------------ */

#define ALARM_US 20000
#define INTERVAL_US 1000
#define ALARMS 3

static void block_alarm(struct round *r)
{
	sigset_t set;

	(void)r;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/*
 * The timer is to expire on another CPU, as the one we move on takes no
 * interrupt meanwhile; and so long after the start of setns as lead_us says:
 * in between the changes of the PID and of the TGID nobody is found by either.
 */
static void set_alarm(struct round *r)
{
	const struct itimerval it = {
		.it_value.tv_usec = ALARM_US, .it_interval.tv_usec = INTERVAL_US,
	};
	long due;

	round__move(true);
	due = round__now_us() + ALARM_US;
	setitimer(ITIMER_REAL, &it, NULL);
	round__move(false);
	while (round__now_us() < due - r->lead_us)
		;
}

/* Each is rearmed when the one before is taken: one lost is all lost. */
static void count_alarms(struct round *r)
{
	const struct timespec limit = { .tv_sec = run__patience() / 1000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	while (r->found[0] < ALARMS &&
	       sigtimedwait(&set, NULL, &limit) == SIGALRM)
		r->found[0]++;
	word__set(&r->leave, 1);
}

static long keep_awake(long round, long unused, int fd)
{
	struct round *r = (struct round *)round;

	(void)unused;
	(void)fd;
	round__arm(r);
	while (!atomic_load(&r->leave))
		;
	return 0;
}

static void alarms(const void *arg)
{
	enum { ROUNDS = 40, STEPS = 80 };
	const long began = ns__now_ms();
	struct round *r;
	struct race x;

	(void)arg;
	slow_wakeups(160);
	x = race__make("the other CPU", CLONE_NEWPID);
	r = x.r;
	r->prepare = block_alarm;
	r->aim = set_alarm;
	r->after = count_alarms;
	r->took_us = ALARM_US / 4;
	for (int i = 0; another(i, ROUNDS, began); i++) {
		/* As long before its end as a part of what it took last. */
		r->lead_us = r->took_us * (5 + i * 37 % STEPS) / 100;
		if (r->lead_us > ALARM_US / 2)
			r->lead_us = ALARM_US / 2;
		round__start(r, &x.neighbour, keep_awake);
		check__err("the pidfd tells of the old number's end",
			   ns__wait_dead(r->pidfd, run__patience()), 0);
		round__await_done(r);
		check__err("setns", r->err, 0);
		if (word__await(&r->leave, 1, 2 * run__patience()))
			check__bail("no alarms, and no end of them");
		round__end(r, &x.neighbour);
		if (!check__eq("alarms after the join", r->found[0], ALARMS))
			break;
	}
}

#define RACE(title, fn) \
	{ .name = title, .modes = MODE_JOIN, .knob = KNOB_ON, .run = fn }

void races__add(struct run_list *l)
{
	static const struct test_case cases[] = {
		RACE("a tracer attaches after the checks", tracer),
		RACE("the target's init dies after the checks", death_of_init),
		RACE("a CPU timer is armed while its process moves", cpu_timer),
		RACE("no /proc has the old number after the move", proc_lookup),
		RACE("no /proc/PID/task has the old number after the move",
		     task_lookup),
		RACE("no alarm is lost while its process moves", alarms),
	};

	run__add(l, cases, sizeof(cases) / sizeof(*cases));
}
