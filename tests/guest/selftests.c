// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the kernel's selftests as kselftest/runner.sh would, for a guest without
 * bash: each program in its own directory, with a time limit. The output
 * becomes nested KTAP, the exit status (0, or 4: skipped) the result.
 *
 * Processes left by a program are killed before the next one starts. The host,
 * not this program, knows the expected results.
 */
#include <argp.h>
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"

/* pidfd_test forks until the numbers wrap: 32768 times by default. */
#define PID_MAX_VALUE "2048"
#define SKIPPED 4	/* kselftest's exit status */
#define TCG_FACTOR 10	/* time limit multiplier of a guest without KVM */
#define QUIET_MS 200	/* for the last output of processes left running */
#define LINE_MAX_LEN 4096

/* Arguments that runner.sh takes from KSELFTEST_NAME_ARGS, here for shorter runs. */
static const struct { const char *name, *arg; } args[] = {
	{ "pidfd_poll_test", "1000" },	/* forks; the default is 10000 */
};

struct options {
	const char *dir, *join, *only;
};

struct program {
	char suite[32], name[64];
	unsigned int seconds;
};

struct result {
	bool timed_out;
	int status;
};

static const struct argp_option options[] = {
	{ "join", 'j', "0|1|2", 0, "Set " NS_KNOB " before the first program", 0 },
	{ "only", 'o', "TEXT", 0, "Run the programs of whose SUITE/NAME TEXT is a part", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'j':
		if (strcmp(arg, "0") && strcmp(arg, "1") && strcmp(arg, "2"))
			argp_error(state, "--join %s: 0, 1 or 2", arg);
		o->join = arg;
		return 0;
	case 'o':
		o->only = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->dir)
			argp_usage(state);
		o->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->dir)
			argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "DIR",
	.doc = "Runs the programs that DIR/list names, KTAP on stdout.",
};

static bool under_tcg(void)
{
	unsigned int max, sig[3];

	__cpuid(0x40000000, max, sig[0], sig[1], sig[2]);
	return !memcmp(sig, "TCGTCGTCGTCG", sizeof(sig));
}

static bool set(const char *path, const char *value)
{
	int err = file__write(path, value);

	if (err)
		fprintf(stderr, "%s: %s\n", path, strerror(-err));
	return !err;
}

/* Reads DIR/list. Returns the number of programs, or -1 with a message. */
static int read_list(const struct options *o, struct program **out)
{
	char path[256], both[sizeof(((struct program *)0)->suite) +
			     sizeof(((struct program *)0)->name)];
	struct program p, *v = NULL;
	int n = 0, got;
	FILE *f;

	snprintf(path, sizeof(path), "%s/list", o->dir);
	f = fopen(path, "re");
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while ((got = fscanf(f, "%31s %63s %u", p.suite, p.name,
			     &p.seconds)) == 3) {
		snprintf(both, sizeof(both), "%s/%s", p.suite, p.name);
		if (o->only && !strstr(both, o->only))
			continue;
		v = realloc(v, (n + 1) * sizeof(*v));
		if (!v)
			abort();
		v[n++] = p;
	}
	fclose(f);
	if (got != EOF || !n) {
		fprintf(stderr, "%s: %s\n", path,
			n ? "not \"SUITE PROGRAM SECONDS\"" : "no program");
		return -1;
	}
	*out = v;
	return n;
}

/*
 * Runs in the child. The program is never a group leader: under runner.sh,
 * timeout(1) is.
 */
static void start(const struct options *o, const struct program *p, int out)
{
	char dir[256], path[80];
	const char *arg = NULL;
	int status = -1;
	pid_t pid;

	setpgid(0, 0);
	pid = fork();
	if (pid > 0) {
		close(out);
		/*
		 * Wait for any child: a program that joins a pid namespace
		 * changes its number.
		 */
		while (wait(&status) < 0 && errno == EINTR)
			;
		if (WIFSIGNALED(status)) {
			signal(WTERMSIG(status), SIG_DFL);
			raise(WTERMSIG(status));
		}
		_exit(WEXITSTATUS(status));
	}
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	snprintf(dir, sizeof(dir), "%s/bin/%s", o->dir, p->suite);
	snprintf(path, sizeof(path), "./%s", p->name);
	if (pid < 0 || chdir(dir))
		_exit(127);
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		arg = strcmp(args[i].name, p->name) ? arg : args[i].arg;
	execl(path, path, arg, (char *)NULL);
	fprintf(stderr, "%s/%s: %s\n", dir, path, strerror(errno));
	_exit(127);
}

static bool is_result(const char *s)
{
	return !strncmp(s, "ok ", 3) || !strncmp(s, "not ok ", 7);
}

/* Prints nested KTAP unchanged, any other line as a diagnostic. */
static void put_line(const char *s)
{
	size_t spaces = strspn(s, " ");
	const char *p = s + spaces;
	bool ktap = is_result(p) || *p == '#' || !strncmp(p, "1..", 3) ||
		    !strncmp(p, "TAP version ", 12) ||
		    !strncmp(p, "KTAP version ", 13) ||
		    !strncmp(p, "Bail out!", 9);

	printf("  %s%s\n", ktap ? "" : "# ", s);
}

struct output {
	char line[LINE_MAX_LEN];
	size_t len;
};

static void end_line(struct output *o)
{
	o->line[o->len] = '\0';
	put_line(o->line);
	o->len = 0;
	fflush(stdout);
}

/* Returns false at the end of the output. */
static bool read_some(struct output *o, int fd)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0)
		return n < 0 && errno == EINTR;
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n' || o->len == sizeof(o->line) - 1)
			end_line(o);
		if (buf[i] != '\n' && buf[i])
			o->line[o->len++] = buf[i];
	}
	return true;
}

/* Copies the output until the program has ended or its time is over. */
static struct result follow(pid_t pid, int fd, long until)
{
	struct output o = { .len = 0 };
	struct result r = { .status = 0 };
	bool open = true, ended = false;

	for (;;) {
		struct pollfd p = { open ? fd : -1, POLLIN, 0 };
		int n = poll(&p, 1, QUIET_MS);

		if (n > 0)
			open = read_some(&o, fd);
		/* The program must have ended before the poll that found nothing. */
		if (ended && (n <= 0 || !open))
			break;
		if (!ended)
			ended = waitpid(pid, &r.status, WNOHANG) == pid;
		if (ns__now_ms() > until) {
			r.timed_out = !ended;
			break;
		}
	}
	if (o.len)
		end_line(&o);
	return r;
}

/* Orphans become children of this process, which is their subreaper. */
static void clean_up(void)
{
	const struct timespec step = { .tv_nsec = 5000000 };

	for (int i = 0; i < 1000 && ns__kill_children() > 0; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		nanosleep(&step, NULL);
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* Prints the result in the wording of runner.sh, plus the name of a signal. */
static bool put_result(int nr, const struct program *p,
		       const struct result *r, unsigned int seconds)
{
	bool exited = !r->timed_out && WIFEXITED(r->status);
	int code = exited ? WEXITSTATUS(r->status) : -1;

	if (r->timed_out)
		printf("# timed out after %u seconds\n", seconds);
	else if (!exited)
		printf("# killed by signal %d (%s)\n", WTERMSIG(r->status),
		       strsignal(WTERMSIG(r->status)));
	else if (code && code != SKIPPED)
		printf("# exit status %d\n", code);
	printf("%sok %d %s: %s%s\n", code && code != SKIPPED ? "not " : "", nr,
	       p->suite, p->name, code == SKIPPED ? " # SKIP" : "");
	fflush(stdout);
	return !code || code == SKIPPED;
}

static bool run(const struct options *o, const struct program *p, int nr)
{
	unsigned int seconds = p->seconds * (under_tcg() ? TCG_FACTOR : 1);
	struct result r;
	int fd[2];
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC)) {
		perror("pipe");
		return false;
	}
	pid = fork();
	if (pid == 0)
		start(o, p, fd[1]);
	close(fd[1]);
	if (pid < 0) {
		perror("fork");
		close(fd[0]);
		return false;
	}
	r = follow(pid, fd[0], ns__now_ms() + seconds * 1000L);
	kill(-pid, SIGKILL);
	close(fd[0]);
	clean_up();
	return put_result(nr, p, &r, seconds);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct program *v;
	bool good = true;
	int n;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o) ||
	    !set(PID_MAX, PID_MAX_VALUE) || (o.join && !set(NS_KNOB, o.join)))
		return 2;
	n = read_list(&o, &v);
	if (n < 0)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	printf("KTAP version 1\n1..%d\n", n);
	fflush(stdout);
	for (int i = 0; i < n; i++)
		good &= run(&o, &v[i], i + 1);
	return good ? 0 : 1;
}
