// SPDX-License-Identifier: GPL-2.0-only
/* System calls that an actor can execute, see actor_fn. */
#include "ops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases_life.h"
#include "lib/array.h"
#include "ns.h"

#define OP(name) \
	long op_##name(long a __maybe_unused, long b __maybe_unused)

/* Converts the result of a system call that returns -1 with errno. */
static long sys(long value)
{
	return value < 0 ? -errno : value;
}

#define PLAIN_OP(name, expr) OP(name) { return (expr); }

PLAIN_OP(getpid, getpid())
PLAIN_OP(gettid, gettid())
PLAIN_OP(getpgrp, getpgrp())
PLAIN_OP(getsid, sys(getsid(0)))
PLAIN_OP(getppid, getppid())
PLAIN_OP(setsid, sys(setsid()))
PLAIN_OP(setpgid, sys(setpgid(a, b)))
PLAIN_OP(close, sys(close(a)))
PLAIN_OP(setns, ns__set(a, b))
PLAIN_OP(unshare, sys(unshare(a)))
PLAIN_OP(kill, sys(kill(a, b)))
PLAIN_OP(seize, sys(ptrace(PTRACE_SEIZE, a, 0, 0)))
PLAIN_OP(knob_get, ns__knob_get())
PLAIN_OP(knob_set, ns__knob_set(a))
PLAIN_OP(own_proc, ns__own_proc())

/* Numbers in the target namespace of a case start at 1. */
#define TARGET_NUMBERS 48

OP(numbers)
{
	long mask = 0;

	for (int pid = 1; pid < TARGET_NUMBERS; pid++)
		if (!kill(pid, 0))
			mask |= 1L << pid;
	return mask;
}

static _Noreturn void sleep_for_ever(void)
{
	/* A copy of the actor's socket would hide the actor's death. */
	syscall(SYS_close_range, 3, ~0U, 0);
	for (;;)
		pause();
}

OP(fork_sleeper)
{
	pid_t pid = ns__clone(0, NULL);

	if (!pid) {
		/* Kill the sleeper with its parent, in case no other task does. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sleep_for_ever();
	}
	return pid;
}

OP(fork_child)
{
	int ready[2];
	pid_t pid;
	char byte;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	pid = ns__clone(0, NULL);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		sleep_for_ever();	/* closes the pipe */
	}
	close(ready[1]);
	if (pid > 0 && read(ready[0], &byte, 1) < 0)
		pid = -errno;
	close(ready[0]);
	return pid;
}

OP(fork_zombie)
{
	siginfo_t info;
	pid_t pid = ns__clone(0, NULL);

	if (!pid) {
		setsid();
		_exit(0);
	}
	if (pid > 0 && waitid(P_PID, pid, &info, WEXITED | WNOWAIT))
		return -errno;
	return pid;
}

OP(fork_stranger)
{
	int pipefd[2];
	pid_t pid, stranger = -EIO;

	if (pipe2(pipefd, O_CLOEXEC))
		return -errno;
	pid = ns__clone(0, NULL);
	if (!pid) {
		/*
		 * The grandchild outlives its parent and is inherited by the
		 * reaper.
		 */
		stranger = ns__clone(0, NULL);
		if (!stranger)
			sleep_for_ever();
		/* The group differs from the caller's: only the session is common. */
		if (stranger > 0 && setpgid(stranger, stranger))
			stranger = -errno;
		_exit(write(pipefd[1], &stranger, sizeof(stranger)) < 0);
	}
	close(pipefd[1]);
	if (pid > 0) {
		if (read(pipefd[0], &stranger, sizeof(stranger)) < 0)
			stranger = -errno;
		waitpid(pid, NULL, 0);
	} else {
		stranger = pid;
	}
	close(pipefd[0]);
	return stranger;
}

static int wait_status;

OP(waitpid)
{
	pid_t pid;

	do {
		pid = waitpid(a, &wait_status, b);
	} while (pid < 0 && errno == EINTR);
	return sys(pid);
}

PLAIN_OP(wait_status, wait_status)

#define MAX_THREADS 4

static pthread_t threads[MAX_THREADS];
static unsigned int nr_threads;
static int thread_hold[2];

static void *idle_thread(void *arg __maybe_unused)
{
	char byte;

	while (read(thread_hold[0], &byte, 1) < 0 && errno == EINTR)
		;
	return NULL;
}

OP(add_thread)
{
	int err;

	if (nr_threads == MAX_THREADS)
		return -ENOSPC;
	if (!nr_threads && pipe2(thread_hold, O_CLOEXEC))
		return -errno;
	err = pthread_create(&threads[nr_threads], NULL, idle_thread, NULL);
	if (!err)
		nr_threads++;
	return -err;
}

OP(end_threads)
{
	if (!nr_threads)
		return 0;
	close(thread_hold[1]);
	while (nr_threads)
		pthread_join(threads[--nr_threads], NULL);
	close(thread_hold[0]);
	return 0;
}

struct thread_call {
	int number, flags;
	long result;
};

static void *setns_thread(void *arg)
{
	struct thread_call *c = arg;

	c->result = ns__set(c->number, c->flags);
	return NULL;
}

OP(setns_by_thread)
{
	struct thread_call c = { .number = a, .flags = b };
	pthread_t t;
	int err;

	err = pthread_create(&t, NULL, setns_thread, &c);
	if (err)
		return -err;
	pthread_join(t, NULL);
	return c.result;
}

OP(take_tty)
{
	int master, slave;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master))
		return -errno;
	/* TIOCGPTPEER needs no path, so the mount on /dev/pts does not matter. */
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0))
		return -errno;
	return 0;
}

OP(add_timer)
{
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	int id;

	/* The raw call: glibc's timer_t is a pointer for SIGEV_THREAD. */
	return sys(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id));
}

OP(drop_admin)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	data[0].permitted &= ~(1U << CAP_SYS_ADMIN);
	data[0].inheritable &= ~(1U << CAP_SYS_ADMIN);
	return sys(syscall(SYS_capset, &head, data));
}

OP(become)
{
	if (syscall(SYS_setresgid, a, a, a) ||
	    syscall(SYS_setresuid, a, a, a))
		return -errno;
	/* The change made the task undumpable, and root the owner of /proc/self. */
	return sys(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

PLAIN_OP(write, sys(write(a, "x", 1)))
PLAIN_OP(prctl, sys(prctl(a, b, 0, 0, 0)))
PLAIN_OP(pidfd_signal, sys(syscall(SYS_pidfd_send_signal, a, b, NULL, 0)))
PLAIN_OP(end_timer, sys(syscall(SYS_timer_delete, (int)a)))

/* A sleep in a single call: ns__poll() looks at the fd again at each beat. */
OP(poll)
{
	struct pollfd p = { .fd = (int)a, .events = POLLIN };
	int n = poll(&p, 1, (int)b);

	return n < 0 ? -errno : n ? p.revents : -ETIMEDOUT;
}

OP(wait_pidfd)
{
	siginfo_t info = { .si_pid = 0 };

	/* 3: P_PIDFD, which older libcs do not define. */
	if (waitid((idtype_t)3, a, &info, WEXITED | b))
		return -errno;
	return info.si_pid;
}

OP(send)
{
	char byte = 'x';

	return sys(send(a, &byte, 1, MSG_NOSIGNAL));
}

OP(receive_pid)
{
	char byte, control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct ucred cred;
	struct cmsghdr *c;

	if (recvmsg(a, &msg, MSG_DONTWAIT) != 1)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_CREDENTIALS)
		return -ENOMSG;
	memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	return cred.pid;
}

OP(proc_self_of)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/root/proc/self", a);
	return link__number(path);
}

OP(rearm_timer)
{
	struct itimerspec when = {
		.it_value = ns__timespec(b),
	};

	return sys(syscall(SYS_timer_settime, (int)a, 0, &when, NULL));
}

OP(add_cpu_timer)
{
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1,
	};
	clockid_t clock;
	int id;
	long err;

	signal__block(SIGUSR1);
	err = clock_getcpuclockid(a, &clock);
	if (err)
		return -err;
	if (syscall(SYS_timer_create, clock, &ev, &id))
		return -errno;
	err = op_rearm_timer(id, b);
	return err < 0 ? err : id;
}

OP(pending)
{
	sigset_t set;

	if (sigpending(&set))
		return -errno;
	return sigismember(&set, a);
}

OP(burn)
{
	struct timespec end, now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	end.tv_nsec += a * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	do {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	} while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec &&
					     now.tv_nsec < end.tv_nsec));
	return 0;
}

OP(start_alarms)
{
	struct itimerval when = {
		.it_interval = { .tv_usec = a * 1000 },
		.it_value = { .tv_usec = a * 1000 },
	};

	signal__block(SIGALRM);
	return sys(setitimer(ITIMER_REAL, &when, NULL));
}

OP(alarm)
{
	return alarm(a);
}

OP(await_alarms)
{
	long came = 0;

	while (came < a && signal__await(SIGALRM, b, NULL) == SIGALRM)
		came++;
	return came;
}

struct alarm_call {
	long limit_ms, came;
};

static void *alarm_thread(void *arg)
{
	struct alarm_call *c = arg;

	c->came = op_await_alarms(1, c->limit_ms);
	return NULL;
}

OP(alarm_in_thread)
{
	struct alarm_call c = { .limit_ms = b };
	pthread_t t;
	long err;

	err = op_start_alarms(a, 0);
	if (!err)
		err = -pthread_create(&t, NULL, alarm_thread, &c);
	if (err)
		return err;
	pthread_join(t, NULL);
	return c.came;
}

OP(exec)
{
	char *argv[] = { "self", LIFE_EXEC_ARGUMENT, NULL };
	char *envp[] = { NULL };

	if (dup2(b, STDOUT_FILENO) < 0)
		return -errno;
	syscall(SYS_execveat, (int)a, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

OP(lock)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return sys(fcntl(a, F_SETLK, &l));
}

OP(lock_holder)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(a, F_GETLK, &l))
		return -errno;
	return l.l_type == F_UNLCK ? 0 : l.l_pid;
}

OP(block)
{
	signal__block(a);
	return 0;
}

OP(start_prof)
{
	struct itimerval when = {
		.it_value = { .tv_sec = a / 1000, .tv_usec = a % 1000 * 1000 },
	};

	signal__block(SIGPROF);
	return sys(setitimer(ITIMER_PROF, &when, NULL));
}

PLAIN_OP(limit_pid_ns, file__set(MAX_PID_NS, a))

OP(try_pid_ns)
{
	pid_t pid = ns__clone(CLONE_NEWPID, NULL);

	if (!pid)
		_exit(0);
	if (pid > 0 && waitpid(pid, NULL, 0) != pid)
		return -errno;
	return pid < 0 ? pid : 0;
}

long op_filter_call(long nr, long action)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return -errno;
	return 0;
}
