// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements init's side of vmtest/wire/protocol.h: takes one job from the host, runs the
 * job under observation, sends the results to the host, reaps orphans, and powers off.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

#define BYE_WAIT_MS 30000

struct host {
	int port;		/* PORT_RESULT */
	int kmsg;		/* the kernel's log, or -1 */
	int from;		/* source of settings and job: @port or a file */
	char *unread;		/* bytes that were read from @from, after the last line */
	size_t unread_len;
	json_t *job;		/* the settings, later merged with the job */
	pid_t observer;		/* pidnstrace, or the runner of a bare job */
	bool ended;
	int status;		/* wait status of the observer */
	struct feed lines;	/* from the runner */
	struct feed log;	/* stdout and stderr of the observer */
	struct feed live;	/* violated rules, from pidnstrace --live */
	uint64_t progress;	/* number of lines from the runner */
	bool run_ended;		/* the runner's X line arrived */
	int run_status;
	char run_reason[256], last_log[256];
	bool watched;		/* the checkers are active, and found nothing so far */
	struct check check;
};

static void power_off(void) __attribute__((noreturn));
static void power_off(void)
{
	sync();
	/* With -no-reboot a reboot ends QEMU, and does not need ACPI. */
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void wait_for_bye(struct host *h)
{
	struct pollfd p = { .fd = h->port, .events = POLLIN };
	char buf[64];

	/* The limit is for a slow host: a dead host must not block the guest for ever. */
	while (poll(&p, 1, BYE_WAIT_MS) > 0) {
		ssize_t n = read(h->port, buf, sizeof(buf) - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		buf[n] = '\0';
		if (strstr(buf, BYE))
			return;
	}
}

/* Writes the trailer after the trace: pidnstrace has closed the port. */
static void end_trace(void)
{
	int fd = setup__port(PORT_TRACE, O_WRONLY);

	if (fd < 0 || write(fd, TRACE_TRAILER, TRACE_TRAILER_LEN) < 0)
		fprintf(stderr, "vmtest-init: end of trace: %s\n",
			strerror(fd < 0 ? -fd : errno));
	if (fd >= 0)
		close(fd);
}

static void end_with_verdict(struct host *h, const char *name, const char *fmt, ...)
	__attribute__((noreturn)) __printf(3, 4);
static void end_with_verdict(struct host *h, const char *name, const char *fmt, ...)
{
	char reason[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	for (char *p = reason; *p; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	end_trace();
	kmsg__finish(h->kmsg, h->port);
	line__putf(h->port, TAG_VERDICT, "%s %s", name, reason);
	if (packed__is())
		tcdrain(h->port);
	else
		wait_for_bye(h);
	power_off();
}

static void hello(struct host *h)
{
	struct utsname u;

	uname(&u);
	if (dprintf(h->port, HELLO "%s\n", u.release) < 0)
		fprintf(stderr, "vmtest-init: HELLO: %s\n", strerror(errno));
}

/* Blocks until the host sends more. The host saves the guest while it waits here. */
static void read_more(struct host *h)
{
	const struct timespec step = { .tv_nsec = 2000000 };
	char buf[4096];
	ssize_t n;

	while ((n = read(h->from, buf, sizeof(buf))) <= 0)
		/* A result of 0 means that the host's end is not open yet. */
		nanosleep(&step, NULL);
	h->unread = xrealloc(h->unread, h->unread_len + (size_t)n);
	memcpy(h->unread + h->unread_len, buf, (size_t)n);
	h->unread_len += (size_t)n;
}

static char *read_line(struct host *h)
{
	char *nl, *line;
	size_t len;

	while (!h->unread_len ||
	       !(nl = memchr(h->unread, '\n', h->unread_len)))
		read_more(h);
	len = (size_t)(nl - h->unread);
	line = xasprintf("%.*s", (int)len, h->unread);
	h->unread_len -= len + 1;
	memmove(h->unread, nl + 1, h->unread_len);
	return line;
}

static json_t *read_object(struct host *h, const char *what)
{
	char *text = read_line(h);
	json_error_t e;
	json_t *o = json_loads(text, 0, &e);

	free(text);
	if (!json_is_object(o))
		end_with_verdict(h, "FAIL", "%s not valid: %s", what,
				 o ? "not an object" : e.text);
	return o;
}

static void read_settings(struct host *h)
{
	h->job = read_object(h, "settings are");
	if (!json_string_value(json_object_get(h->job, "mode")))
		end_with_verdict(h, "FAIL", "settings are not valid: no mode");
}

static void read_job(struct host *h)
{
	json_t *job = read_object(h, "the job is");

	json_object_update(h->job, job);
	json_decref(job);
	if (json_dump_file(h->job, JOB_FILE, JSON_COMPACT))
		end_with_verdict(h, "FAIL", JOB_FILE ": %s", strerror(errno));
}

static void on_line(void *ctx, char *line, size_t len)
{
	struct host *h = ctx;
	char *end;

	h->progress++;
	if (line[0] != TAG_EXIT || len < 2) {
		if (len > 1)
			line__put(h->port, line[0], line + 2, len - 2);
		return;
	}
	h->run_ended = true;
	h->run_status = (int)strtol(line + 2, &end, 10);
	snprintf(h->run_reason, sizeof(h->run_reason), "%s",
		 *end == ' ' ? end + 1 : end);
}

static void on_log(void *ctx, char *line, size_t len)
{
	struct host *h = ctx;

	snprintf(h->last_log, sizeof(h->last_log), "%s", line);
	line__put(h->port, TAG_LOG, line, len);
}

static void on_live(void *ctx, char *line, size_t len)
{
	struct host *h = ctx;

	line__put(h->port, TAG_RULE, line, len);
}

/* Returns whether the job runs without pidnstrace. */
static bool is_bare(const struct host *h)
{
	return json_is_true(json_object_get(h->job, "bare"));
}

static void exec_pidnstrace(struct host *h)
{
	const char *mode = json_string_value(json_object_get(h->job, "mode"));
	struct strv argv = { 0 };

	strv__add(&argv, "pidnstrace");
	strv__add(&argv, "verify");
	strv__pair(&argv, "--semantics", "%s", mode);
	strv__pair(&argv, "--hold", HOLD_FILE);
	/* conclude() judges how the tests or the command ended. */
	strv__add(&argv, "--any-status");
	if (json_is_true(json_object_get(h->job, "widen")))
		strv__pair(&argv, "--widen", "1");
	/* The tests do not wait for the slow UART, so the ring must hold more. */
	if (packed__is())
		strv__add(&argv, "--ring-size=64M");
	/* The pins need no cleanup: the guest ends with the run. */
	strv__pair(&argv, "--pin", PIN_DIR);
	strv__pair(&argv, "--live", LIVE_FILE);
	strv__pair(&argv, "--report", "json=" REPORT_FILE);
	strv__pair(&argv, "--report", "ktap=" REPORT_KTAP);
	strv__pair(&argv, "-o", "/dev/virtio-ports/" PORT_TRACE);
	strv__add(&argv, "--");
	strv__add(&argv, "/init");
	strv__add(&argv, "--run");
	execv("/bin/pidnstrace", argv.v);
	fprintf(stderr, "/bin/pidnstrace: %s\n", strerror(errno));
}

/* Executes pidnstrace, which starts the runner, or the runner itself for a bare job. */
static void exec_observer(struct host *h, int lines, int log)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (lines == LINES_FD)
		fcntl(lines, F_SETFD, 0);
	else
		dup2(lines, LINES_FD);
	if (!is_bare(h))
		exec_pidnstrace(h);
	else if (execl("/init", "/init", "--run", NULL))
		fprintf(stderr, "/init: %s\n", strerror(errno));
	_exit(127);
}

static void start_observer(struct host *h)
{
	int lines[2], log[2];

	if (pipe2(lines, O_CLOEXEC) || pipe2(log, O_CLOEXEC))
		end_with_verdict(h, "FAIL", "pipe: %s", strerror(errno));
	/* Pipes of pidnstrace would be inherited by the tests; named FIFOs are not. */
	mkdir(PIN_DIR, 0700);
	if (mkfifo(LIVE_FILE, 0600) || mkfifo(HOLD_FILE, 0600))
		end_with_verdict(h, "FAIL", LIVE_FILE ", " HOLD_FILE ": %s",
				 strerror(errno));
	h->live.fd = open(LIVE_FILE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (h->live.fd < 0)
		end_with_verdict(h, "FAIL", LIVE_FILE ": %s", strerror(errno));
	h->observer = fork();
	if (h->observer == 0)
		exec_observer(h, lines[1], log[1]);
	if (h->observer < 0)
		end_with_verdict(h, "FAIL", "fork: %s", strerror(errno));
	close(lines[1]);
	close(log[1]);
	fcntl(lines[0], F_SETFL, O_NONBLOCK);
	fcntl(log[0], F_SETFL, O_NONBLOCK);
	h->lines.fd = lines[0];
	h->log.fd = log[0];
}

static void reap(struct host *h)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != h->observer)
			continue;
		h->ended = true;
		h->status = status;
	}
}

/*
 * Waits until the observer has attached its hooks. Returns the fd that releases
 * the observer, or -1 if the observer has ended; conclude() then reports why.
 */
static int wait_for_observer(struct host *h)
{
	const struct timespec step = { .tv_nsec = 2000000 };
	int fd;

	/* open() fails until the observer opens the FIFO for reading. */
	while ((fd = open(HOLD_FILE, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
		reap(h);
		if (h->ended)
			return -1;
		nanosleep(&step, NULL);
	}
	return fd;
}

/* Sends the seed to the observer, which then starts the tests. */
static void release_observer(struct host *h, int fd)
{
	json_t *hold = json_pack("{s:O}", "seed",
				 json_object_get(h->job, "seed"));

	if (job__counts(h->job))
		json_object_set_new(hold, "expect", json_string(EXPECT_FILE));
	if (!hold || json_dumpfd(hold, fd, JSON_COMPACT))
		end_with_verdict(h, "FAIL", "the job is not valid: no seed");
	json_decref(hold);
	close(fd);
}

static void heartbeat(struct host *h)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	line__putf(h->port, TAG_PROGRESS, "%lld.%03ld %llu",
		   (long long)ts.tv_sec, ts.tv_nsec / 1000000,
		   (unsigned long long)h->progress);
}

enum { POLL_LINES, POLL_LOG, POLL_LIVE, POLL_KMSG, POLL_CHILD, POLL_SECOND, POLL_NR };

/*
 * Serves all descriptors until the observer has ended, and then reads the output
 * that is left in the pipes.
 */
static void follow(struct host *h, int child, int second)
{
	bool lines = true, log = true;
	struct signalfd_siginfo si;
	uint64_t fired;

	while (!h->ended) {
		struct pollfd p[POLL_NR] = {
			[POLL_LINES] = { lines ? h->lines.fd : -1, POLLIN, 0 },
			[POLL_LOG] = { log ? h->log.fd : -1, POLLIN, 0 },
			[POLL_LIVE] = { h->live.fd, POLLIN, 0 },
			[POLL_KMSG] = { h->kmsg, POLLIN, 0 },
			[POLL_CHILD] = { child, POLLIN, 0 },
			[POLL_SECOND] = { second, POLLIN, 0 },
		};

		if (poll(p, POLL_NR, -1) < 0)
			continue;
		if (p[POLL_LINES].revents)
			lines = feed__read(&h->lines, on_line, h);
		if (p[POLL_LOG].revents)
			log = feed__read(&h->log, on_log, h);
		if (p[POLL_LIVE].revents)
			feed__read(&h->live, on_live, h);
		if (p[POLL_KMSG].revents)
			kmsg__forward(h->kmsg, h->port);
		if (p[POLL_CHILD].revents &&
		    read(child, &si, sizeof(si)) == sizeof(si))
			reap(h);
		if (p[POLL_SECOND].revents &&
		    read(second, &fired, sizeof(fired)) == sizeof(fired))
			heartbeat(h);
	}
	feed__read(&h->lines, on_line, h);
	feed__read(&h->log, on_log, h);
	feed__read(&h->live, on_live, h);
	feed__finish(&h->lines, on_line, h);
	feed__finish(&h->log, on_log, h);
}

/*
 * Does all work that needs only the settings, before the guest is saved. Returns the
 * fd that releases the observer, or -1 if there is no observer to release.
 */
static int prepare(struct host *h)
{
	int hold = -1;

	h->watched = checks__begin(&h->check, h->job);
	if (!is_bare(h)) {
		start_observer(h);
		hold = wait_for_observer(h);
	}
	cpus__on(h->port);
	return hold;
}

static void work(struct host *h, int hold)
{
	const struct itimerspec each = { { 1, 0 }, { 1, 0 } };
	sigset_t set;
	int child, second;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	child = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	second = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (child < 0 || second < 0 || timerfd_settime(second, 0, &each, NULL))
		end_with_verdict(h, "FAIL", "signalfd, timerfd: %s", strerror(errno));
	if (is_bare(h))
		start_observer(h);
	if (hold >= 0)
		release_observer(h, hold);
	/* Reap children that ended before SIGCHLD was blocked. */
	reap(h);
	follow(h, child, second);
	/* Kill processes that the tests left behind, before the results are sent. */
	kill(-1, SIGKILL);
	reap(h);
	if (h->watched)
		h->watched = checks__end(&h->check, h->job);
}

static void on_report(void *ctx, char *line, size_t len)
{
	struct host *h = ctx;

	line__put(h->port, TAG_REPORT, line, len);
}

static void send_rules(struct host *h)
{
	struct feed f = { .fd = open(REPORT_KTAP, O_RDONLY | O_CLOEXEC) };

	if (f.fd < 0)
		return;
	feed__read(&f, on_report, h);
	close(f.fd);
	feed__finish(&f, on_report, h);
}

/*
 * Sends pidnstrace's report and sets *sent, if there is a report. Returns the first
 * reason in the report, or NULL.
 */
static const char *send_report(struct host *h, bool *sent)
{
	json_t *report = json_load_file(REPORT_FILE, 0, NULL);
	char *text = report ? json_dumps(report, JSON_COMPACT) : NULL;

	*sent = text != NULL;
	if (text)
		line__put(h->port, TAG_VERIFY, text, strlen(text));
	free(text);
	return json_string_value(
		json_array_get(json_object_get(report, "reasons"), 0));
}

/* Ends a run whose command or tests did not end well, or whose checkers found a fault. */
static void check_run(struct host *h, const char *what)
{
	if (!h->run_ended)
		end_with_verdict(h, "FAIL", "the %s did not finish", what);
	if (h->run_status)
		end_with_verdict(h, "FAIL", "%s", h->run_reason);
	if (!h->watched)
		end_with_verdict(h, h->check.verdict, "%s", h->check.reason);
}

static void conclude(struct host *h) __attribute__((noreturn));
static void conclude(struct host *h)
{
	int code = WIFEXITED(h->status) ? WEXITSTATUS(h->status) : -1;
	const char *reason;
	bool sent;

	gcov__send(h->port);
	if (is_bare(h)) {
		check_run(h, "command");
		end_with_verdict(h, "PASS", "%s", h->run_reason);
	}
	send_rules(h);
	reason = send_report(h, &sent);
	if (WIFSIGNALED(h->status))
		end_with_verdict(h, "FAIL", "pidnstrace was killed by signal %d (%s)",
				 WTERMSIG(h->status), strsignal(WTERMSIG(h->status)));
	if (code == 1)
		end_with_verdict(h, "FAIL", "%s",
				 reason ? reason : "pidnstrace found a violation");
	if (code != 0 && code != 3)
		end_with_verdict(h, "FAIL", "pidnstrace ended with exit status %d: %s",
				 code, h->last_log);
	check_run(h, "tests");
	if (code == 3)
		end_with_verdict(h, "INCONCLUSIVE", "%s",
				 reason ? reason : "pidnstrace lacks evidence");
	if (!sent)
		end_with_verdict(h, "INCONCLUSIVE", "pidnstrace wrote no report");
	end_with_verdict(h, "PASS", "%s", h->run_reason);
}

void host__serve(void)
{
	struct host h = { 0 };
	int fd, hold;

	signal(SIGPIPE, SIG_IGN);
	h.port = setup__port(PORT_RESULT, O_RDWR);
	if (h.port < 0) {
		fprintf(stderr, "vmtest-init: no port " PORT_RESULT ": %s\n",
			strerror(-h.port));
		power_off();
	}
	/* Create the port's device name now; pidnstrace opens the port later. */
	fd = setup__port(PORT_TRACE, O_WRONLY);
	if (fd >= 0)
		close(fd);
	h.from = packed__is() ? packed__open() : h.port;
	hello(&h);
	h.kmsg = kmsg__open(h.port);
	read_settings(&h);
	hold = prepare(&h);
	kmsg__forward(h.kmsg, h.port);
	line__putf(h.port, TAG_WAITING, "for the job");
	read_job(&h);
	wake__up(h.port, h.job);
	work(&h, hold);
	conclude(&h);
}
