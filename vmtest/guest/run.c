// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test runner: runs the job's tests, or its command, as an ordinary
 * descendant of init, and reports to init. The KTAP of the tests is nested
 * under a plan of the runner, so a test program that dies is a failed test.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/guest/subtest.h"
#include "vmtest/wire/protocol.h"
#include "vmtest/wire/tests.h"

struct child {
	pid_t pid;
	int pidfd;
	struct feed out, err;
	struct input in;
};

static int pipe_pair(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	/* Only the runner's end is nonblocking, not the child's. */
	return fcntl(fd[0], F_SETFL, O_NONBLOCK) ? -errno : 0;
}

/* Executes argv in the forked child. */
static void become(char *const argv[], int in, int out, int err)
{
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(LINES_FD);
	/* Children inherit that init ignores SIGPIPE. */
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* The job's "input" selects the standard input. */
static int child__start(struct child *c, char *const argv[], const json_t *job)
{
	int in, out[2], err[2], ret;

	memset(c, 0, sizeof(*c));
	ret = stdin__open(&c->in, job, &in);
	if (ret)
		return ret;
	if (pipe_pair(out) || pipe_pair(err))
		return -errno;
	c->pid = fork();
	if (c->pid == 0)
		become(argv, in, out[1], err[1]);
	c->pidfd = relay__pidfd(c->pid);
	close(in);
	close(out[1]);
	close(err[1]);
	c->out.fd = out[0];
	c->err.fd = err[0];
	return c->pid < 0 ? -errno : 0;
}

/* Formats "exit status 3" or "signal 11 (Segmentation fault)"; "" for success. */
static void describe(int status, char *how, size_t size)
{
	*how = '\0';
	if (WIFSIGNALED(status))
		snprintf(how, size, "signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		snprintf(how, size, "exit status %d", WEXITSTATUS(status));
}

/*
 * Forwards the child's output until the child has ended. Grandchildren may keep
 * the pipes open; their output up to then is forwarded, too.
 */
static int child__follow(struct child *c, lines_fn *on_out, lines_fn *on_err,
			 void *ctx)
{
	bool out = true, err = true;
	int status = 0, grace = 0;

	while (out || err || !grace) {
		struct pollfd p[5] = {
			{ .fd = out ? c->out.fd : -1, .events = POLLIN },
			{ .fd = err ? c->err.fd : -1, .events = POLLIN },
			{ .fd = grace ? -1 : c->pidfd, .events = POLLIN },
		};
		bool quiet;

		input__poll(&c->in, p + 3);
		quiet = poll(p, 5, grace ? 100 : 500) == 0;
		if (p[3].revents || p[4].revents)
			input__forward(&c->in);
		if (p[0].revents)
			out = feed__read(&c->out, on_out, ctx);
		if (p[1].revents)
			err = feed__read(&c->err, on_err, ctx);
		if (!grace && waitpid(c->pid, &status, WNOHANG) == c->pid)
			grace = 1;
		else if (grace && quiet)
			break;
	}
	if (c->pidfd >= 0)
		close(c->pidfd);
	input__close(&c->in);
	close(c->out.fd);
	close(c->err.fd);
	feed__finish(&c->out, on_out, ctx);
	feed__finish(&c->err, on_err, ctx);
	return status;
}

static void on_ktap(void *ctx, char *line, size_t len)
{
	(void)len;
	subtest__line(ctx, line);
}

static void on_log(void *ctx, char *line, size_t len)
{
	const struct subtest *s = ctx;

	(void)len;
	line__putf(LINES_FD, TAG_LOG, "%s: %s", s->name, line);
}

static void test_argv(const json_t *job, const struct test *t, const char *only,
		      struct strv *argv)
{
	json_int_t seed = json_integer_value(json_object_get(job, "seed"));
	json_int_t ops = json_integer_value(json_object_get(job, "ops"));

	strv__addf(argv, "/tests/%s", t->program);
	if (t->flag)
		strv__add(argv, t->flag);
	strv__pair(argv, "--mode", "%s", json_string_value(json_object_get(job, "mode")));
	if (t->counts)
		strv__pair(argv, "--seed", "%lld", (long long)seed);
	if (t->counts && ops > 0)
		strv__pair(argv, "--ops", "%lld", (long long)ops);
	if (t->counts && job__counts(job))
		strv__pair(argv, "--expect", EXPECT_FILE);
	if (only)
		strv__pair(argv, "--only", "%s", only);
}

/* Returns the CPU time, in clock ticks, that the parent (the tracer) has used. */
static unsigned long tracer_ticks(void)
{
	auto_free char *path = xasprintf("/proc/%d/stat", getppid()), *text = NULL;
	unsigned long user = 0, system = 0;
	char *end;

	if (read_file(path, &text, NULL))
		return 0;
	/* The name in the second field may contain any character. */
	end = strrchr(text, ')');
	if (end)
		sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		       &user, &system);
	return user + system;
}

/*
 * A kernel crash loses all records that the tracer has not yet written. Before
 * a test provokes a crash, wait until the tracer only polls an empty ring
 * buffer.
 */
static void let_tracer_catch_up(void)
{
	enum { PERIOD_US = 1500000, IDLE_TICKS = 15, PERIODS = 20 };
	unsigned long before = tracer_ticks(), now;

	for (int i = 0; i < PERIODS; i++, before = now) {
		usleep(PERIOD_US);
		now = tracer_ticks();
		if (now - before < IDLE_TICKS)
			break;
	}
}

/* Runs a program that prints KTAP as test number @nr of the open plan. */
static bool run_program(char *const argv[], const char *name, size_t nr,
			const json_t *job)
{
	struct subtest s;
	struct child c;
	char how[64];
	int err;

	err = child__start(&c, argv, job);
	if (err) {
		line__putf(LINES_FD, TAG_KTAP, "not ok %zu %s # %s", nr, name,
			   strerror(-err));
		return false;
	}
	subtest__begin(&s, name);
	describe(child__follow(&c, on_ktap, on_log, &s), how, sizeof(how));
	subtest__end(&s, nr, how);
	return !*how;
}

static bool run_test(const json_t *job, const char *name, size_t nr)
{
	const char *only;
	const struct test *t = test__find(name, &only);
	auto_strv argv = { 0 };

	if (!t) {
		line__putf(LINES_FD, TAG_KTAP, "not ok %zu %s: no such test",
			   nr, name);
		return false;
	}
	test_argv(job, t, only, &argv);
	if (t->crashes)
		let_tracer_catch_up();
	return run_program(argv.v, name, nr, job);
}

static void begin_plan(size_t n)
{
	line__putf(LINES_FD, TAG_KTAP, "KTAP version 1");
	line__putf(LINES_FD, TAG_KTAP, "1..%zu", n);
}

static int end_plan(size_t n, size_t failed)
{
	line__putf(LINES_FD, TAG_EXIT, "%d %zu of %zu test programs failed",
		   failed ? 1 : 0, failed, n);
	return failed ? 1 : 0;
}

static int run_tests(const json_t *job)
{
	const json_t *tests = json_object_get(job, "tests");
	size_t n = json_array_size(tests), failed = 0, i;

	begin_plan(n);
	for (i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(tests, i));

		if (!name || !run_test(job, name, i + 1))
			failed++;
	}
	return end_plan(n, failed);
}

static char **command_argv(const json_t *cmd)
{
	size_t n = json_array_size(cmd);
	char **argv = calloc(n + 1, sizeof(*argv));

	for (size_t i = 0; argv && i < n; i++)
		argv[i] = (char *)json_string_value(json_array_get(cmd, i));
	return argv;
}

/* Runs the user's command as the only test of a plan. */
static int run_command_test(const json_t *job)
{
	char **argv = command_argv(json_object_get(job, "cmd"));
	size_t failed;

	if (!argv)
		return 1;
	begin_plan(1);
	failed = !run_program(argv, basename(argv[0]), 1, job);
	free(argv);
	return end_plan(1, failed);
}

/* Sends stdout and stderr as one stream. Returns the wait status or -errno. */
static int start_and_follow(char *const argv[], const json_t *job)
{
	struct input in;
	int out[2], from, err = stdin__open(&in, job, &from);
	pid_t pid;

	if (err)
		return err;
	if (pipe_pair(out))
		return -errno;
	pid = fork();
	if (pid == 0)
		become(argv, from, out[1], out[1]);
	close(from);
	close(out[1]);
	return pid < 0 ? -errno : relay__follow(pid, out[0], &in);
}

static int run_command(const json_t *job)
{
	char **argv = command_argv(json_object_get(job, "cmd")), how[64] = "";
	bool shell = json_object_get(job, "terminal");
	int status;

	if (!argv)
		return 1;
	status = shell ? pty__run(argv, job) : start_and_follow(argv, job);
	if (status < 0)
		snprintf(how, sizeof(how), "%s", strerror(-status));
	else if (!shell)
		describe(status, how, sizeof(how));
	/* The exit status of a shell is that of its last command, not a verdict. */
	if (shell && !*how)
		line__putf(LINES_FD, TAG_EXIT, "0 the shell ended");
	else
		line__putf(LINES_FD, TAG_EXIT, "%d %s ended with %s",
			   *how ? 1 : 0, argv[0],
			   *how ? how : "exit status 0");
	free(argv);
	return *how ? 1 : 0;
}

/* Passes the slowdown factor to tests/guest/ns.c, for the time limits of tests. */
static void set_slowdown(const json_t *job)
{
	double slower = json_number_value(json_object_get(job, "slower"));
	auto_free char *text = xasprintf("%.1f", slower);

	if (slower > 1)
		setenv("SLOWER", text, 1);
}

/* Adds the test programs to a shell's PATH. */
static void give_tools(void)
{
	const char *path = getenv("PATH");
	auto_free char *longer = xasprintf("%s:/tests", path ? path : "/bin");

	setenv("PATH", longer, 1);
	if (chdir("/root"))
		fprintf(stderr, "/root: %s\n", strerror(errno));
}

int run__main(void)
{
	json_t *job, *cmd;
	json_error_t e;
	int status;

	/*
	 * Only the runner may hold the pipe to init: a daemon must not keep it
	 * open.
	 */
	if (fcntl(LINES_FD, F_SETFD, FD_CLOEXEC)) {
		fprintf(stderr, "--run: only init may use this\n");
		return 2;
	}
	job = json_load_file(JOB_FILE, 0, &e);
	if (!job) {
		line__putf(LINES_FD, TAG_EXIT, "1 %s: %s", JOB_FILE, e.text);
		return 2;
	}
	cmd = json_object_get(job, "cmd");
	set_slowdown(job);
	signal(SIGPIPE, SIG_IGN);
	if (json_is_true(json_object_get(job, "tools")))
		give_tools();
	if (!cmd)
		status = run_tests(job);
	else if (json_is_true(json_object_get(job, "ktap")))
		status = run_command_test(job);
	else
		status = run_command(job);
	json_decref(job);
	return status;
}
