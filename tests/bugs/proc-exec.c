// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reproduces a bug of mainline: /proc/TID of a thread that has executed a program
 * remains, and shows the process, although no task has that number.
 *
 * proc_pid_lookup() (fs/proc/base.c) finds a task by number, and reads the task's
 * struct pid a moment later. If the task executes a program in between, and was not the
 * leader of its thread group, its struct pid is then the leader's. The dentry has the
 * thread's number as its name, and is valid as long as the process lives.
 *
 * "proc-exec [SECONDS]" tries for that long (default 20). The test needs two CPUs, but
 * no privilege. The exit status is 0 if the bug is present, 1 if the bug did not show,
 * 2 if the test could not run.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LATEST_US 2000	/* an execve() is past that point by then */
#define EXECUTED "executed"
#define SECONDS_MAX 10	/* longer than any round */

/* Shared between the executing thread and the process that looks it up. */
struct shared {
	volatile pid_t thread;		/* 0: not started yet */
	volatile int executes;
};

static struct shared *shared;

static void *execute(void *arg)
{
	char *const argv[] = { "proc-exec", EXECUTED, arg, NULL };

	shared->thread = syscall(SYS_gettid);
	shared->executes = 1;
	execv("/proc/self/exe", argv);
	err(2, "execv");
}

/* A process whose second thread executes this program; never returns. */
static void run_process(int report_fd)
{
	char number[16];
	pthread_t thread;

	snprintf(number, sizeof(number), "%d", report_fd);
	if (pthread_create(&thread, NULL, execute, number))
		errx(2, "no thread");
	for (;;)
		pause();
}

/* Looks up the thread's number once: a second lookup finds the dentry of the first. */
static void look_up(unsigned int after_us)
{
	struct timespec begin, now;
	char path[32];
	struct stat st;

	alarm(SECONDS_MAX);	/* the thread may never start */
	while (!shared->thread)
		;
	snprintf(path, sizeof(path), "/proc/%d", shared->thread);
	while (!shared->executes)
		;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000000000LL + now.tv_nsec -
		 begin.tv_nsec < after_us * 1000LL);
	stat(path, &st);
	_exit(0);
}

/* Returns the Pid: of /proc/NUMBER/status; 0 if there is no such file. */
static pid_t pid_in_proc(pid_t number)
{
	char path[32], line[128];
	pid_t pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", number);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f) && sscanf(line, "Pid: %d", &pid) != 1)
		;
	fclose(f);
	return pid;
}

/*
 * One process executes while another looks it up. Returns the process that /proc shows
 * under the unused number of its former thread, or 0.
 */
static pid_t one_round(unsigned int after_us)
{
	pid_t process, other, shown = 0;
	int fds[2];
	char byte;

	memset(shared, 0, sizeof(*shared));
	if (pipe(fds))
		err(2, "pipe");
	other = fork();
	if (!other) {
		close(fds[1]);
		look_up(after_us);
	}
	process = fork();
	if (!process)
		run_process(fds[1]);
	close(fds[1]);	/* leaves the process as the only writer */
	if (process < 0 || other < 0)
		err(2, "fork");
	if (read(fds[0], &byte, 1) != 1)
		errx(2, "the process did not execute");
	close(fds[0]);
	waitpid(other, NULL, 0);
	if (kill(shared->thread, 0) && errno == ESRCH)
		shown = pid_in_proc(shared->thread);
	kill(process, SIGKILL);
	waitpid(process, NULL, 0);
	return shown;
}

int main(int argc, char **argv)
{
	int seconds = argc == 2 ? atoi(argv[1]) : 20;
	time_t end = time(NULL) + seconds;
	pid_t shown;

	if (argc == 3 && !strcmp(argv[1], EXECUTED)) {
		if (write(atoi(argv[2]), "", 1) != 1)
			err(2, "write");
		for (;;)
			pause();
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(2, "mmap");
	for (int round = 1; time(NULL) < end; round++) {
		shown = one_round(rand() % LATEST_US);
		if (!shown)
			continue;
		printf("After %d rounds /proc/%d, a number that nobody has, shows process %d.\n",
		       round, shared->thread, shown);
		return 0;
	}
	printf("In %d s no number was left in /proc.\n", seconds);
	return 1;
}
