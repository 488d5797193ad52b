// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes processes that end in various ways, and prints what wait4() and /proc say of
 * them, for ends.sh, which compares the output of pidnstrace:
 *
 *	end NAME PID CODE SIGNAL STATUS		the words of strace, the sender of SIGKILL
 *	orphan NAME PID PARENT PID		the parent that it has now
 *
 * "ends rename FILE" changes its name when FILE exists, then creates FILE.done, and
 * sleeps.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"

#define THREADS 4
#define RT_SIGNAL 40
#define NAP_US 1000

static void rename_to(const char *name)
{
	if (prctl(PR_SET_NAME, name))
		err(2, "PR_SET_NAME");
}

/* Returns the field of /proc/PID/status, or -1; a letter is returned as its code. */
static int status_field(pid_t pid, const char *key)
{
	char path[64], line[256];
	int value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *rest = line + strlen(key);

		if (strncmp(line, key, strlen(key)) || *rest != ':')
			continue;
		rest += strspn(rest, ":\t ");
		value = *rest >= '0' && *rest <= '9' ? atoi(rest) : *rest;
	}
	if (f)
		fclose(f);
	return value;
}

/* --- the ways to end --- */

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

/* The number of this process in /proc, which shows the numbers of the host. */
static pid_t outer_pid;

static void wait_for_leader(void)
{
	while (status_field(outer_pid, "State") != 'Z')
		usleep(NAP_US);
}

static void *thread_body(void *fn)
{
	((void (*)(void))fn)();
	return NULL;
}

static pthread_t thread(void (*fn)(void))
{
	pthread_t t;

	if (pthread_create(&t, NULL, thread_body, fn))
		errx(2, "no thread");
	return t;
}

/* The leader ends, and the process goes on in another thread. */
static void leave_to(void (*fn)(void))
{
	thread(fn);
	syscall(SYS_exit, 0);
}

static void one_exit(void)
{
	_exit(3);
}

static void exit_7(void)
{
	wait_for_leader();
	exit(7);
}

static void leader_first(void)
{
	leave_to(exit_7);
}

static void thread_exit_5(void)
{
	wait_for_leader();
	syscall(SYS_exit, 5);
}

static void thread_last(void)
{
	leave_to(thread_exit_5);
}

static void crash(void)
{
	wait_for_leader();
	*(volatile int *)NULL = 0;
}

static void thread_crash(void)
{
	leave_to(crash);
}

static void with_core(void)
{
	const struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_CORE, &most) || chdir("/tmp"))
		err(2, "with_core");
	leave_to(crash);
}

static void left(void)
{
	leave_to(sleep_for_ever);
}

static void exec_self(void)
{
	execl("/proc/self/exe", "ends", "exit", "4", NULL);
	err(2, "exec");
}

static void thread_exec(void)
{
	thread(exec_self);
	sleep_for_ever();
}

static void group(void)
{
	for (int i = 0; i < THREADS; i++)
		thread(sleep_for_ever);
	_exit(9);
}

static void nothing(void)
{
}

static void thread_alone(void)
{
	pthread_join(thread(nothing), NULL);
	_exit(6);
}

/* Only the name of the leader is that of the process. */
static void other_thread(void)
{
	rename_to("a thread");
}

static void comm_file(void)
{
	int fd = open("/proc/self/comm", O_WRONLY);

	rename_to("old name");
	if (write(fd, "comm_file", 9) != 9)
		err(2, "comm");
	pthread_join(thread(other_thread), NULL);
	_exit(2);
}

static const struct kind {
	const char *name;
	void (*run)(void);
	int signal;		/* sent when the leader is a zombie, or asleep */
	bool init;		/* the init of a pid namespace */
} kinds[] = {
	{ "one_exit", one_exit, 0, false },
	{ "one_term", sleep_for_ever, SIGTERM, false },
	{ "one_rt", sleep_for_ever, RT_SIGNAL, false },
	{ "leader_first", leader_first, 0, false },
	{ "thread_last", thread_last, 0, false },
	{ "thread_crash", thread_crash, 0, false },
	{ "with_core", with_core, 0, false },
	{ "left_killed", left, SIGKILL, false },
	{ "left_term", left, SIGTERM, false },
	{ "thread_exec", thread_exec, 0, false },
	{ "group", group, 0, false },
	{ "thread_alone", thread_alone, 0, false },
	{ "comm_file", comm_file, 0, false },
	{ "init_first", leader_first, 0, true },
	{ "init_killed", left, SIGKILL, true },
};

/* --- what wait4() says --- */

static void put_signal(int signal)
{
	if (signal == RT_SIGNAL)
		printf("killed by SIGRT_%d", RT_SIGNAL - 32);
	else
		printf("killed by SIG%s", sigabbrev_np(signal));
}

static void reap(pid_t pid, const char *name, const char *sender)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(2, "waitpid");
	printf("end %s %d %d %d ", name, pid,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 0,
	       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	if (WIFEXITED(status)) {
		printf("exit(%d)\n", WEXITSTATUS(status));
		return;
	}
	put_signal(WTERMSIG(status));
	if (WCOREDUMP(status))
		printf(" (core dumped)");
	printf("%s\n", WTERMSIG(status) == SIGKILL ? sender : "");
}

/* Returns "sent by NAME[PID]" for this process, in a static buffer. */
static const char *sent_by_me(void)
{
	static char text[64];
	char comm[16] = "";

	prctl(PR_GET_NAME, comm);
	snprintf(text, sizeof(text), ", sent by %s[%d]", comm, getpid());
	return text;
}

/* Forks; the child learns its number on the host before it runs. */
static pid_t start(const char *name, void (*run)(void))
{
	int ready[2];
	pid_t pid;

	if (pipe(ready))
		err(2, "pipe");
	pid = fork();
	if (!pid) {
		if (read(ready[0], &outer_pid, sizeof(outer_pid)) != sizeof(outer_pid))
			err(2, "read");
		rename_to(name);
		run();
		_exit(0);
	}
	if (write(ready[1], &pid, sizeof(pid)) != sizeof(pid))
		err(2, "write");
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void await_state(pid_t pid, char state)
{
	while (status_field(pid, "State") != state)
		usleep(NAP_US);
}

static void make(const struct kind *kind)
{
	pid_t pid;

	if (kind->init && unshare(CLONE_NEWPID))
		err(2, "unshare");
	pid = start(kind->name, kind->run);
	if (kind->signal) {
		await_state(pid, kind->run == left ? 'Z' : 'S');
		kill(pid, kind->signal);
	}
	reap(pid, kind->name, sent_by_me());
}

/* Each kind has a parent of its own, because unshare() has effects on later children. */
static void in_child(void (*run)(const void *arg), const void *arg)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		run(arg);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		errx(2, "a child failed");
}

static void make_kind(const void *arg)
{
	make(arg);
}

/* --- the end of a namespace --- */

static void init_and_guest(const void *)
{
	char path[64], ns[64], sender[128];
	pid_t init, guest;
	ssize_t n;

	if (unshare(CLONE_NEWPID))
		err(2, "unshare");
	init = start("my_init", sleep_for_ever);
	guest = start("guest", sleep_for_ever);
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", guest);
	n = readlink(path, ns, sizeof(ns) - 1);
	if (n < 0)
		err(2, "readlink");
	ns[n] = '\0';
	snprintf(sender, sizeof(sender), ", sent at the end of %s", ns);
	await_state(guest, 'S');
	await_state(init, 'S');
	kill(init, SIGKILL);
	reap(guest, "guest", sender);
	reap(init, "my_init", sent_by_me());
}

/* --- no memory --- */

#define CGROUPS "/sys/fs/cgroup"
#define SMALL CGROUPS "/small"
#define SMALL_BYTES "8388608"
#define LARGE_BYTES (64 << 20)

static void put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(2, "%s", path);
	close(fd);
}

/* The kernel kills this process when its pages exceed the limit of the cgroup. */
static void use_memory(void)
{
	volatile char *memory;

	put_file(SMALL "/cgroup.procs", "0");
	memory = malloc(LARGE_BYTES);
	if (!memory)
		err(2, "malloc");
	for (size_t i = 0; i < LARGE_BYTES; i += 4096)
		memory[i] = 1;
}

static void out_of_memory(const void *)
{
	put_file(CGROUPS "/cgroup.subtree_control", "+memory");
	if (mkdir(SMALL, 0755) && errno != EEXIST)
		err(2, SMALL);
	put_file(SMALL "/memory.max", SMALL_BYTES);
	reap(start("no_memory", use_memory), "no_memory",
	     ", sent by the kernel, out of memory");
}

/* --- orphans --- */

static void fork_and_sleep(void)
{
	if (!fork())
		rename_to("orphan");
	sleep_for_ever();
}

static void reap_all(void)
{
	for (;;)
		if (wait(NULL) < 0)
			usleep(NAP_US);
}

/* Reads a file of /proc/PID; waits until it is not empty. */
static void read_proc(pid_t pid, const char *format, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), format, pid, pid);
	do {
		fd = open(path, O_RDONLY);
		n = fd < 0 ? -1 : read(fd, text, size - 1);
		close(fd);
		if (n < 0)
			err(2, "%s", path);
	} while (!n);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

/* Ends a process that has a child. Prints whose child that is then. */
static pid_t make_orphan(void)
{
	pid_t parent = start("parent", fork_and_sleep), orphan;
	char text[64];

	read_proc(parent, "/proc/%d/task/%d/children", text, sizeof(text));
	orphan = atoi(text);
	do
		read_proc(orphan, "/proc/%d/comm", text, sizeof(text));
	while (strcmp(text, "orphan"));
	kill(parent, SIGKILL);
	reap(parent, "parent", sent_by_me());
	parent = status_field(orphan, "PPid");
	read_proc(parent, "/proc/%d/comm", text, sizeof(text));
	printf("orphan orphan %d %s %d\n", orphan, text, parent);
	kill(orphan, SIGKILL);
	return orphan;
}

static void orphan_of_subreaper(const void *)
{
	rename_to("subreaper");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		err(2, "PR_SET_CHILD_SUBREAPER");
	reap(make_orphan(), "orphan", sent_by_me());
}

static void orphan_of_init(const void *)
{
	pid_t init;

	if (unshare(CLONE_NEWPID))
		err(2, "unshare");
	init = start("reaper", reap_all);
	await_state(init, 'S');
	make_orphan();
	kill(init, SIGKILL);
	reap(init, "reaper", sent_by_me());
}

/* --- a name that no other record shows --- */

static int rename_later(const char *file)
{
	char done[256];

	rename_to("old name");
	while (access(file, F_OK))
		usleep(NAP_US);
	rename_to("new name");
	snprintf(done, sizeof(done), "%s.done", file);
	close(open(done, O_CREAT | O_WRONLY, 0600));
	sleep_for_ever();
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "rename"))
		return rename_later(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "exit")) {
		rename_to("thread_exec");
		_exit(atoi(argv[2]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		in_child(make_kind, &kinds[i]);
	in_child(init_and_guest, NULL);
	in_child(out_of_memory, NULL);
	in_child(orphan_of_subreaper, NULL);
	in_child(orphan_of_init, NULL);
	return 0;
}
