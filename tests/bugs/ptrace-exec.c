// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reproduces a bug of mainline: a tracer that waits for the leader of a thread group is
 * not woken when another thread executes a program, which releases the leader.
 *
 * de_thread() (fs/exec.c) wakes the tracer after it has exchanged the numbers of the two
 * threads: the leader has the number of the other one then, and the tracer's wait is for
 * another number. Nothing else wakes the tracer, because the thread that executed has
 * the leader's number, but is not traced.
 *
 * "ptrace-exec [SECONDS]" waits for that long (default 5) for the tracer. The exit status
 * is 0 if the bug is present, 1 if the bug did not show, 2 if the test could not run.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXECUTED "executed"
#define WAIT_S 60	/* longer than any step takes */
#define MOMENT_US 10000
#define MOMENTS_PER_S (1000000 / MOMENT_US)

static int end[2], begin[2], done[2];	/* pipes */
static pid_t process, tracer;

static void await_byte(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		errx(2, "no byte");
}

static void send_byte(int fd)
{
	if (write(fd, "", 1) != 1)
		err(2, "write");
}

static void *execute(void *arg)
{
	char *const argv[] = { (char *)"ptrace-exec", (char *)EXECUTED, arg, NULL };

	await_byte(begin[0]);
	execv("/proc/thread-self/exe", argv);	/* the leader has none */
	err(2, "execv");
}

/* The process whose leader ends, before its other thread executes this program. */
static _Noreturn void run_process(void)
{
	char number[16];
	pthread_t thread;

	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	snprintf(number, sizeof(number), "%d", done[1]);
	if (pthread_create(&thread, NULL, execute, number))
		errx(2, "no thread");
	send_byte(done[1]);
	await_byte(end[0]);
	syscall(SYS_exit, 0);
	abort();
}

static void ignore(int signal)
{
	(void)signal;
}

/* Traces the leader, and waits for it. Exit status 0: the leader is gone. */
static _Noreturn void run_tracer(void)
{
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = ignore }, NULL);
	if (ptrace(PTRACE_SEIZE, process, 0, 0))
		err(2, "PTRACE_SEIZE");
	send_byte(done[1]);
	while (waitpid(process, NULL, __WALL) != -1 || errno == EINTR)
		;
	_exit(errno == ECHILD ? 0 : 2);
}

static pid_t start(void (*run)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run();
	}
	await_byte(done[0]);
	return pid;
}

/* Returns the state of a process's leader, as in ps. */
static char state_of(pid_t pid)
{
	char path[32], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%*d %*s %c", &state) != 1)
		errx(2, "%s", path);
	fclose(f);
	return state;
}

/* Waits until a leader is in this state. Returns whether it was in time. */
static int await_state(pid_t pid, char state, int seconds)
{
	for (int i = 0; i < seconds * MOMENTS_PER_S; i++) {
		if (state_of(pid) == state)
			return 1;
		usleep(MOMENT_US);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int seconds = argc == 2 ? atoi(argv[1]) : 5, woken;

	if (argc == 3 && !strcmp(argv[1], EXECUTED)) {
		send_byte(atoi(argv[2]));
		for (;;)
			pause();
	}
	alarm(seconds + 3 * WAIT_S);	/* a process may have failed */
	if (pipe(end) || pipe(begin) || pipe(done))
		err(2, "pipe");
	process = start(run_process);
	tracer = start(run_tracer);
	/* The end of the leader wakes the tracer for the last time. */
	send_byte(end[1]);
	if (!await_state(process, 'Z', WAIT_S) || !await_state(tracer, 'S', WAIT_S))
		errx(2, "the tracer does not wait");
	send_byte(begin[1]);
	await_byte(done[0]);
	woken = await_state(tracer, 'Z', seconds);
	/* After a signal, the same call returns that there is nothing to wait for. */
	kill(tracer, SIGUSR1);
	if (!await_state(tracer, 'Z', WAIT_S))
		errx(2, "the tracer waits for something else");
	printf(woken ? "The tracer was woken.\n" :
	       "A tracer slept for %d s in waitpid() for a leader that was gone; after a signal, the call returned ECHILD.\n",
	       seconds);
	return woken;
}
