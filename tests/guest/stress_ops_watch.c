// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins are watched by tasks that hold the old pid as a number, an open /proc
 * file, a pidfd, or a CPU timer. The watchers must get the results of a death
 * of the task as soon as the join is over, and never before; if the task keeps
 * its struct pid, never.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ns.h"
#include "stress_ops.h"
#include "stress_view.h"

/* Adds a joiner that stays at the end of its path until GATE_LEAVE. */
static struct member *add_watched(struct trial *run, struct plan *plan)
{
	*plan = ops__plan(run, 1);
	plan->stay = true;
	return crew__add(run, ops__joiner, plan);
}

/* Number of levels at which the task itself has a number. */
static int levels_of(const struct member *m)
{
	return shared->levels + slot__moved(m->slot);
}

/* --- /proc -------------------------------------------------------------- */

static int open_in_proc(pid_t pid, const char *file)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Reads the file from its start; returns bytes or -errno. */
static int read_again(int fd)
{
	char text[512];
	ssize_t len = pread(fd, text, sizeof(text), 0);

	return len < 0 ? -errno : (int)len;
}

/* Looks once at a task that may be in the middle of its join. */
static void look_in_passing(struct trial *run, pid_t pid, const char *file)
{
	int fd = open_in_proc(pid, file);
	int rc = fd < 0 ? fd : read_again(fd);

	if (fd >= 0)
		close(fd);
	if (rc <= 0 && rc != -ESRCH && rc != -ENOENT)
		run__fail(run, "/proc/%d/%s while it joins: %s, expected text, ENOENT or ESRCH",
			  pid, file, rc__name(rc));
}

/* Lists /proc, which must contain the worker exactly once. */
static void list_proc(struct trial *run)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	if (!dir) {
		run__fail(run, "/proc: %m");
		return;
	}
	while ((entry = readdir(dir)))
		if (atoi(entry->d_name) == getpid())
			found++;
	closedir(dir);
	if (found != 1)
		run__fail(run, "readdir(/proc) named the reader %d times",
			  found);
}

/* Checks the old and the new number in /proc while the joiner stays. */
static void check_proc(struct trial *run, struct member *m, int old_fd)
{
	pid_t number = stress__renumbers() ? atomic_load(&m->slot->number) :
					     m->pid;
	struct ns_numbers id[VIEW__NR];
	char who[16];
	int rc;

	if (old_fd >= 0) {
		rc = read_again(old_fd);
		if (stress__renumbers() ? rc != -ESRCH : rc <= 0)
			run__fail(run, "a status file opened before the join gave %s after it",
				  rc < 0 ? rc__name(rc) : "text");
	}
	if (stress__renumbers()) {
		rc = open_in_proc(m->pid, "status");
		if (rc != -ENOENT)
			run__fail(run, "/proc/%d, the old number: %s, expected ENOENT",
				  m->pid, rc < 0 ? rc__name(rc) : "opened");
		if (rc >= 0)
			close(rc);
	}
	snprintf(who, sizeof(who), "%d", number);
	rc = view__status(who, id);
	if (rc)
		run__fail(run, "/proc/%d/status, the new number: %s", number,
			  rc__name(rc));
	else if (id[VIEW_PID].nr != levels_of(m) ||
		 id[VIEW_PID].number[shared->levels - 1] != number)
		run__fail(run, "/proc/%d/status: NSpid has %d levels and %d, expected %d and %d",
			  number, id[VIEW_PID].nr,
			  id[VIEW_PID].number[shared->levels - 1],
			  levels_of(m), number);
}

void op_proc(struct trial *run)
{
	static const char *const files[] = { "status", "stat", "wchan" };
	/* Without an open file /proc has no entry yet: the lookup races too. */
	bool early = rng__chance(&run->rng, 50);
	struct plan plan;
	struct member *m;
	int fd = -1;

	m = add_watched(run, &plan);
	if (!m)
		return;
	if (early)
		fd = open_in_proc(m->pid, "status");
	if (early && fd < 0)
		run__fail(run, "/proc/%d/status: %s", m->pid, rc__name(fd));
	if (crew__ready(run)) {
		word__jitter(&run->rng);
		for (int i = 0; i < 20; i++) {
			look_in_passing(run, m->pid,
					files[rng__below(&run->rng, 3)]);
			if (i == 4 && rng__chance(&run->rng, 30))
				list_proc(run);
			if (atomic_load(&m->slot->phase) == SLOT_DONE)
				break;
		}
		if (crew__done(run, m) && !atomic_load(&m->slot->bad))
			check_proc(run, m, fd);
	}
	if (fd >= 0)
		close(fd);
	crew__collect(run);
}

/* --- pidfds ------------------------------------------------------------- */

static int send_nothing(int pidfd)
{
	return syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) ? -errno : 0;
}

static void check_old_pidfd(struct trial *run, struct member *m, int pidfd)
{
	siginfo_t si;
	int rc;

	rc = ns__poll(pidfd, POLLIN, WORD_LIMIT_MS / 2);
	if (rc < 0 || !(rc & POLLIN))
		run__fail(run, "pidfd of old %d after the join: poll gave %s, events %#x, expected POLLIN",
			  m->pid, rc < 0 ? rc__name(rc) : "0", rc);
	rc = send_nothing(pidfd);
	if (rc != -ESRCH)
		run__fail(run, "pidfd_send_signal to old %d: %s, expected ESRCH",
			  m->pid, rc__name(rc));
	rc = waitid(P_PIDFD, pidfd, &si, WEXITED | WNOWAIT | WNOHANG) ?
	     -errno : 0;
	if (rc != -ECHILD)
		run__fail(run, "waitid(pidfd of old %d): %s, expected ECHILD",
			  m->pid, rc__name(rc));
}

/* Checks that a pidfd of a live task has no poll event and accepts signals. */
static void check_live_pidfd(struct trial *run, pid_t pid, int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int rc = poll(&p, 1, 0);

	if (rc)
		run__fail(run, "pidfd of live %d: poll gave %d, events %#x, expected none",
			  pid, rc, p.revents);
	rc = send_nothing(pidfd);
	if (rc)
		run__fail(run, "pidfd_send_signal to live %d: %s, expected 0",
			  pid, rc__name(rc));
}

/* The joiner lives, so its pidfd reports no event, however often it is polled. */
static void poll_until_done(struct trial *run, const struct member *m, int pidfd)
{
	while (atomic_load(&m->slot->phase) != SLOT_DONE &&
	       !atomic_load(&m->slot->bad)) {
		if (ns__poll(pidfd, POLLIN, 1) <= 0)
			continue;
		run__fail(run, "the pidfd of %d reported an end while it joined",
			  m->pid);
		return;
	}
}

void op_pidfd(struct trial *run)
{
	int old, now = -1, rc;
	struct plan plan;
	struct member *m;
	pid_t number;

	m = add_watched(run, &plan);
	if (!m)
		return;
	old = ns__pidfd(m->pid, 0);
	if (old < 0)
		run__fail(run, "pidfd_open(%d): %s", m->pid, rc__name(old));
	else
		check_live_pidfd(run, m->pid, old);
	if (crew__ready(run)) {
		/* Block in poll while the task joins: the join wakes the poller. */
		if (stress__renumbers() && old >= 0)
			ns__poll(old, POLLIN, WORD_LIMIT_MS / 2);
		if (!stress__renumbers() && old >= 0)
			poll_until_done(run, m, old);
		if (crew__done(run, m) && !atomic_load(&m->slot->bad)) {
			number = stress__renumbers() ?
				 atomic_load(&m->slot->number) : m->pid;
			if (stress__renumbers())
				check_old_pidfd(run, m, old);
			now = ns__pidfd(number, 0);
			if (now < 0)
				run__fail(run, "pidfd_open(%d), the new number: %s",
					  number, rc__name(now));
			else
				check_live_pidfd(run, number, now);
		}
	}
	crew__gate(run, GATE_LEAVE);
	if (now >= 0) {
		rc = ns__wait_dead(now, WORD_LIMIT_MS);
		if (rc)
			run__fail(run, "pidfd of the new number did not tell the exit");
		close(now);
	}
	if (old >= 0)
		close(old);
	crew__collect(run);
}

/* --- CPU timers --------------------------------------------------------- */

/* MAKE_PROCESS_CPUCLOCK() of include/linux/posix-timers.h. */
#define CPUCLOCK_SCHED	2

static clockid_t cpu_clock(pid_t pid)
{
	return (clockid_t)(~(uint32_t)pid << 3 | CPUCLOCK_SCHED);
}

static int arm(struct trial *run, timer_t timer)
{
	struct itimerspec it = {
		.it_value.tv_nsec = 1 + rng__below(&run->rng, 20000000),
	};

	if (rng__chance(&run->rng, 30))
		it.it_interval.tv_nsec = 1000000;
	return timer_settime(timer, 0, &it, NULL) ? -errno : 0;
}

static void arm_against_join(struct trial *run, struct member *m, timer_t timer)
{
	int again = rng__below(&run->rng, 20);

	for (int i = 0; i < again; i++) {
		int rc = arm(run, timer);

		if (rc && (rc != -ESRCH || !stress__renumbers())) {
			run__fail(run, "timer_settime on %d while it joins: %s, expected 0%s",
				  m->pid, rc__name(rc),
				  stress__renumbers() ? " or ESRCH" : "");
			return;
		}
		word__jitter(&run->rng);
	}
}

static void check_timer(struct trial *run, struct member *m, timer_t timer)
{
	int want = stress__renumbers() ? -ESRCH : 0;
	struct timespec ts;
	int rc = arm(run, timer);

	if (rc != want)
		run__fail(run, "timer_settime on old %d after the join: %s, expected %s",
			  m->pid, rc__name(rc), rc__name(want));
	want = stress__renumbers() ? -EINVAL : 0;
	rc = clock_gettime(cpu_clock(m->pid), &ts) ? -errno : 0;
	if (rc != want)
		run__fail(run, "clock_gettime of old %d after the join: %s, expected %s",
			  m->pid, rc__name(rc), rc__name(want));
}

static void delete_timer(struct trial *run, timer_t timer)
{
	if (timer_delete(timer))
		run__fail(run, "timer_delete: %m, expected 0");
}

void op_timer(struct trial *run)
{
	/* The worker ignores SIGUSR1. SIGEV_NONE would not queue the timer. */
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1,
	};
	bool early = rng__chance(&run->rng, 50);
	struct plan plan;
	struct member *m;
	timer_t timer;
	int rc;

	m = add_watched(run, &plan);
	if (!m)
		return;
	if (timer_create(cpu_clock(m->pid), &ev, &timer)) {
		run__fail(run, "timer_create on %d: %m", m->pid);
		crew__ready(run);
		crew__collect(run);
		return;
	}
	rc = arm(run, timer);
	if (rc)
		run__fail(run, "timer_settime on %d: %s", m->pid, rc__name(rc));
	if (crew__ready(run)) {
		arm_against_join(run, m, timer);
		if (crew__done(run, m) && !atomic_load(&m->slot->bad))
			check_timer(run, m, timer);
	}
	if (early)
		delete_timer(run, timer);
	crew__collect(run);
	if (!early)
		delete_timer(run, timer);
}
