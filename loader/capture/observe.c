// SPDX-License-Identifier: GPL-2.0-only
/*
 * Observes one run: attaches the hooks, runs the command, sweeps, and reads the records
 * until the command ends, the time is up or a signal comes. At the end, sweeps continue
 * until the system is at rest or a timeout expires, because rules that balance
 * creations against releases need a system at rest.
 */
#include "loader/capture/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loader/capture/detacher.h"
#include "loader/capture/hooks.h"
#include "loader/capture/lingering.h"
#include "loader/capture/user.h"
#include "loader/capture/widen.h"
#include "lib/msg.h"
#include "loader/lib/parse.h"
#include "loader/trace/sink.h"

#define TICK_MS 100
/* A command that has not ended this long after the request is killed. */
#define KILL_AFTER_MS 3000
/* A shorter run shows no progress on the terminal. */
#define PROGRESS_AFTER_MS 2000
#define GRACE_MS 100
#define SWEEP_MS 250
#define FIRST_SWEEPS 5
/* Sweeps take at most this part of the time: 1 / SWEEP_SHARE. */
#define SWEEP_SHARE 10
/* Timeouts for the system to come to rest, with a command and without. */
#define SETTLE_MS 5000
#define SETTLE_ALONE_MS 300

struct observation {
	const struct observe_options *options;
	struct observe_result *result;
	struct record_sink *sink;
	struct lingering *lingering;
	struct session *session;
	struct command *command;
	struct widen *widen;	/* NULL: off */
	struct detacher *detacher;
	int wake;		/* readable after a signal */
	int64_t start, deadline, kill_at, tick_at;	/* ms, 0: none */
	int64_t sweep_at;
	bool done;
	bool progress_shown;
};

/*
 * The state of the signal handler. The second signal ends this process from within
 * the handler, because the main loop may hang in a write to a full pipe.
 */
static struct {
	volatile sig_atomic_t signal;		/* the first signal, 0: none yet */
	volatile sig_atomic_t from_terminal;
	volatile sig_atomic_t command;		/* pid of the command, 0: none */
	struct detacher *volatile detacher;	/* NULL: nothing is attached */
	int wake;
} caught;

static void catch(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (caught.signal) {
		if (caught.command)
			kill(caught.command, SIGKILL);
		detacher__leave(caught.detacher);
		signal(sig, SIG_DFL);
		raise(sig);	/* delivered when the handler returns */
		errno = saved;
		return;
	}
	caught.signal = sig;
	/* the kernel sends a hangup to the session leader only, perhaps this process */
	caught.from_terminal = info->si_code == SI_KERNEL && sig != SIGHUP;
	/* The pipe is empty: no other byte is ever written. */
	if (write(caught.wake, "", 1) < 0)
		raise(SIGKILL);
	errno = saved;
}

static const int caught_signals[] = { SIGINT, SIGTERM, SIGHUP };

/* Returns an fd that is readable after the first signal, or a negative errno. */
static int catch_signals(void)
{
	/* SA_RESTART: a write to a slow reader continues, so all lines are whole. */
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART };
	int wake[2];

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	memset(&caught, 0, sizeof(caught));
	caught.wake = wake[1];
	action.sa_sigaction = catch;
	sigemptyset(&action.sa_mask);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(caught_signals); i++)
		sigaction(caught_signals[i], &action, NULL);
	return wake[0];
}

static void release_signals(int wake)
{
	for (size_t i = 0; i < ARRAY_SIZE(caught_signals); i++)
		signal(caught_signals[i], SIG_DFL);
	close(wake);
	close(caught.wake);
}

/* --- options --- */

static int parse_attach(const struct option_value *v)
{
	static const char *const ways[] = {
		[ATTACH_AUTO] = "auto",
		[ATTACH_TRAMPOLINE] = "fentry",
		[ATTACH_KPROBE] = "kprobe",
		[ATTACH_SYSCALL] = "syscall",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(v->text, ways[i]))
			continue;
		*(enum attach_way *)v->member = i;
		return 0;
	}
	return -EINVAL;
}

static int parse_user(const struct option_value *v)
{
	struct user **user = v->member;

	user__free(*user);
	*user = user__find(v->text);
	if (!*user)
		argp_failure(v->state, EXIT_USAGE, 0, "--user %s: %s", v->text,
			     errno == ENOENT ? "no such user in /etc/passwd" :
			     strerror(errno));
	return 0;
}

static void check(void *options, struct argp_state *state)
{
	const struct observe_options *o = options;

	if (o->setup.user && !o->argv)
		argp_error(state, "--user without COMMAND: there is nothing to run");
}

#define MEMBER(name) offsetof(struct observe_options, name)
#define TEXT_OF(number) #number
#define COPIES_WORDS(max) "not a number from 1 to " TEXT_OF(max)

static const struct option_row rows[] = {
	{ "duration", 0, "SECONDS",
	  "stop after this time (default: when the command ends, or at Ctrl-C)",
	  .member = MEMBER(duration_ms), .parse = option__seconds,
	  .wrong = "not a time in seconds", .min = 1 },
	{ "grace", 0, "SECONDS",
	  "keep observing for this long after the command has ended (default 0.1)",
	  .member = MEMBER(grace_ms), .parse = option__seconds,
	  .wrong = "not a time in seconds" },
	{ "ring-size", 0, "BYTES",
	  "size of the ring buffer; may end in K or M (default 8M)",
	  .member = MEMBER(session.ring_size), .parse = option__size,
	  .wrong = "not a size from 4K to 1024M", .min = 4096, .max = 1UL << 30 },
	{ "sweep", 0, "MS",
	  "check all threads every MS milliseconds, and at the start and the end; 0 disables sweeps, and a run without them cannot pass the rules that need them (default 250; trace: 0)",
	  .member = MEMBER(sweep_ms), .parse = option__u64,
	  .wrong = "not a number of milliseconds", .max = 3600000 },
	{ "widen", 0, "SEED",
	  "widen race windows: BPF programs spin at chosen hooks, for times derived from SEED; 0 disables this (default 0)",
	  .member = MEMBER(widen_seed), .parse = option__u64, .wrong = "not a number" },
	{ "pin", 0, "DIR",
	  "at the end, pin the programs in DIR, a directory of a bpffs, where they do nothing, instead of detaching them, which takes seconds; for a virtual machine that is about to be shut down",
	  .member = MEMBER(pin), .parse = option__text },
	{ "attach", 0, "WAY",
	  "the first method to try for programs on functions: fentry (trampolines), kprobe, or syscall (the tracepoints of system calls); if the kernel refuses a method, the next one is tried. auto: fentry, or kprobe for functions that tasks call, on a kernel that preempts BPF programs and does not limit the number of concurrent calls of kprobes (default auto)",
	  .member = MEMBER(session.way), .parse = parse_attach,
	  .wrong = "not auto, fentry, kprobe or syscall" },
	{ "copies", 0, "N",
	  "load each program on a trampoline or tracepoint N times: a copy records the event where another was preempted (default 5 on a kernel that preempts BPF programs, else 1)",
	  .member = MEMBER(session.copies), .parse = option__u64,
	  .wrong = COPIES_WORDS(COPIES_MAX), .min = 1, .max = COPIES_MAX },
	{ "user", 'u', "USER",
	  "run COMMAND as this user of /etc/passwd, with the user's groups, and HOME, USER and LOGNAME",
	  .member = MEMBER(setup.user), .parse = parse_user },
	{ "verbose", 'v', NULL,
	  "show progress, and the messages of libbpf and of the verifier",
	  .member = MEMBER(session.verbose), .parse = option__flag },
	{}
};

/* The command is the first argument that is not an option, and all that follow. */
static void take_command(void *options, char *arg, struct argp_state *state)
{
	struct observe_options *o = options;

	(void)arg;
	o->argv = state->argv + state->next - 1;
	state->next = state->argc;
}

const struct option_table observe_options = {
	.rows = rows, .argument = take_command, .check = check,
};

void observe_options__init(struct observe_options *options)
{
	*options = (struct observe_options) {
		.session = {
			.ring_size = SESSION_RING_SIZE,
			.hooks = HOOKS_ALL,
		},
		.grace_ms = GRACE_MS,
		.sweep_ms = SWEEP_MS,
	};
}

/* --- the run --- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void run__show_progress(struct observation *run, int64_t now)
{
	struct session_counts of[WIRE_KERNEL_TYPES] = {};
	uint64_t lost = 0;

	if (run->options->quiet || !isatty(STDERR_FILENO))
		return;
	if (!run->options->session.verbose && now - run->start < PROGRESS_AFTER_MS)
		return;
	session__count(run->session, of);
	for (int type = 0; type < WIRE_KERNEL_TYPES; type++)
		lost += of[type].lost_ring + of[type].lost_map;
	fprintf(stderr, "\r%" PRIi64 " s, %" PRIu64 " events, %" PRIu64 " lost\033[K",
		(now - run->start) / 1000, session__records(run->session), lost);
	run->progress_shown = true;
}

static int run__tick(struct observation *run, int64_t now)
{
	if (now < run->tick_at)
		return 0;
	run->tick_at = now + TICK_MS;
	run__show_progress(run, now);
	return record_sink__tick(run->sink);
}

/* Ignores -ENOENT: the report on the hooks named the missing iterator. */
static int run__sweep(struct observation *run, enum wire_sweep_reason reason)
{
	int64_t from = now_ms(), period = run->options->sweep_ms, took;
	int err = session__sweep(run->session, reason);

	if (err && err != -ENOENT) {
		msg__error("sweep over all threads: %s", strerror(-err));
		return err;
	}
	took = now_ms() - from;
	run->sweep_at = from + took + period;
	if (took * SWEEP_SHARE > period)
		run->sweep_at = from + took * SWEEP_SHARE;
	err = session__read(run->session, run->sink);
	return err < 0 ? err : 0;
}

/* Ends the run; a command is asked to end first. */
static void run__finish(struct observation *run, int signal, int64_t now)
{
	run->deadline = 0;
	if (!run->command) {
		run->done = true;
		return;
	}
	run->result->stopped = true;
	if (signal)
		command__signal(run->command, signal);
	if (!run->kill_at)
		run->kill_at = now + KILL_AFTER_MS;
}

static void run__take_signal(struct observation *run, int64_t now)
{
	char byte;

	if (read(run->wake, &byte, 1) != 1)
		return;
	/* The terminal has sent its signal to the command as well. */
	run__finish(run, caught.from_terminal ? 0 : caught.signal, now);
}

static void run__take_limits(struct observation *run, int64_t now)
{
	if (run->deadline && now >= run->deadline)
		run__finish(run, SIGTERM, now);
	if (run->kill_at && now >= run->kill_at && run->command) {
		command__signal(run->command, SIGKILL);
		run->kill_at = 0;
	}
}

static int run__step(struct observation *run)
{
	struct pollfd fds[] = {
		{ .fd = session__fd(run->session), .events = POLLIN },
		{ .fd = run->wake, .events = POLLIN },
		{ .fd = run->command ? command__fd(run->command) : -1,
		  .events = POLLIN },
	};
	int64_t now;
	int err;

	if (poll(fds, 3, SESSION_READ_MS) < 0 && errno != EINTR)
		return -errno;
	now = now_ms();
	err = session__read(run->session, run->sink);
	if (err < 0)
		return err;
	if (fds[1].revents)
		run__take_signal(run, now);
	if (fds[2].revents) {
		caught.command = 0;
		err = command__reap(run->command, &run->result->command);
		if (err && err != -EAGAIN)
			return err;
		run->done = !err;
		if (err)
			caught.command = command__pid(run->command);
	}
	if (run->options->done && run->options->done(run->options->ctx))
		run->done = true;
	run__take_limits(run, now);
	if (run->options->sweep_ms && !run->done && now >= run->sweep_at) {
		err = run__sweep(run, WIRE_SWEEP_PERIOD);
		if (err)
			return err;
	}
	return run__tick(run, now);
}

/* Counts the events that create or release what the rules on pids balance. */
static uint64_t run__changes(const struct observation *run)
{
	static const enum wire_type types[] = {
		WIRE_FORK, WIRE_EXIT, WIRE_RELEASE, WIRE_ALLOC_PID,
		WIRE_FREE_PID, WIRE_PUT_PID, WIRE_PID_GONE, WIRE_NS_NEW,
		WIRE_NS_FREE,
	};
	struct session_counts of[WIRE_KERNEL_TYPES] = {};
	uint64_t changes = 0;

	session__count(run->session, of);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		changes += of[types[i]].tried;
	return changes;
}

/*
 * Sweeps, with an RCU grace period in between, until nothing has changed since the
 * previous sweep and all that ended is gone, or until a timeout. A grace period without
 * a change is not yet rest: a namespace may wait for a kworker.
 */
static int run__settle(struct observation *run)
{
	int64_t end = now_ms() + (run->command ? SETTLE_MS : SETTLE_ALONE_MS);
	uint64_t before, changes = UINT64_MAX;
	int err;

	do {
		before = changes;
		lingering__look_up(run->lingering);
		session__wait_rcu();
		err = run__sweep(run, WIRE_SWEEP_FINAL);
		if (err)
			return err;
		changes = run__changes(run);
	} while ((changes != before || lingering__count(run->lingering)) &&
		 now_ms() < end);
	return 0;
}

/*
 * Sweeps before the run, until nothing has changed since the previous sweep. Gives
 * up after FIRST_SWEEPS more, because some systems never rest.
 */
static int run__first_sweeps(struct observation *run)
{
	uint64_t before = UINT64_MAX, changes = run__changes(run);
	int err;

	err = run__sweep(run, WIRE_SWEEP_START);
	for (int i = 0; !err && changes != before && i < FIRST_SWEEPS; i++) {
		before = changes;
		session__wait_rcu();
		err = run__sweep(run, WIRE_SWEEP_START);
		changes = run__changes(run);
	}
	return err;
}

/* Reads late records: from RCU callbacks, or a parent that reaps. */
static int run__grace(struct observation *run)
{
	int64_t end = now_ms() + run->options->grace_ms;

	while (run->command && now_ms() < end) {
		int err = session__read(run->session, run->sink);

		if (err < 0)
			return err;
		usleep(10 * 1000);
	}
	return 0;
}

static int run__start_command(struct observation *run)
{
	int err = command__fork(run->options->argv, &run->options->setup,
				&run->command);

	if (err) {
		msg__error("%s: %s", run->options->argv[0], strerror(-err));
		return err;
	}
	run->result->has_command = true;
	caught.command = command__pid(run->command);
	err = session__command(run->session, run->sink,
			       command__pid(run->command));
	if (err)
		return err;
	run->result->exec_error = command__exec(run->command);
	return 0;
}

/* Ends the command after an error: sends SIGTERM, and waits for the end. */
static void run__stop_command(struct observation *run)
{
	struct pollfd fd;

	if (!run->command || run->done)
		return;
	fd = (struct pollfd) {
		.fd = command__fd(run->command), .events = POLLIN,
	};
	command__signal(run->command, SIGTERM);
	if (poll(&fd, 1, KILL_AFTER_MS) > 0)
		command__reap(run->command, &run->result->command);
}

static void run__end_widening(struct observation *run)
{
	widen__stop(run->widen);
	widen__describe(run->widen, run->result->widened,
			sizeof(run->result->widened));
}

static void run__add_links(struct observation *run)
{
	run->detacher = detacher__new();
	session__add_links(run->session, run->detacher);
	widen__add_links(run->widen, run->detacher);
	caught.detacher = run->detacher;
}

static int run__all(struct observation *run)
{
	int err, end_err;

	err = session__open(&run->options->session, &run->session);
	if (!err)
		err = session__attach(run->session);
	if (!err && run->options->widen_seed)
		err = widen__open(run->session, &run->widen);
	if (!err)
		run__add_links(run);
	if (!err && run->options->attached)
		err = run->options->attached(run->options->ctx);
	if (!err)
		err = session__begin(run->session, run->sink);
	if (err)
		return err;
	run->start = now_ms();
	run->tick_at = run->start + TICK_MS;
	if (run->options->duration_ms)
		run->deadline = run->start + run->options->duration_ms;
	if (run->options->sweep_ms)
		err = run__first_sweeps(run);
	else if (run->options->look_first)
		err = run__sweep(run, WIRE_SWEEP_START);
	if (!err && run->options->argv)
		err = run__start_command(run);
	if (!err && run->widen)
		widen__start(run->widen, run->options->widen_seed);
	while (!err && !run->done)
		err = run__step(run);
	if (run->widen)
		run__end_widening(run);
	/* With sweeps, run__settle() decides how long to wait. */
	if (!err && !run->options->sweep_ms)
		err = run__grace(run);
	if (!err && run->options->sweep_ms)
		err = run__settle(run);
	else if (!err && run->options->look_last)
		err = run__sweep(run, WIRE_SWEEP_FINAL);
	if (err)
		run__stop_command(run);
	end_err = session__end(run->session, run->sink);
	return err ? err : end_err;
}

/* Programs that cannot be pinned are detached. */
static void run__pin(struct observation *run)
{
	const char *dir = run->options->pin;
	int err = session__pin(run->session, dir);

	if (!err && run->widen)
		err = widen__pin(run->widen, dir);
	if (err)
		msg__error("--pin %s: %s", dir, strerror(-err));
}

int observe(const struct observe_options *options, struct record_sink *sink,
	    struct observe_result *result)
{
	struct observation run = {
		.options = options,
		.result = result,
	};
	int err;

	memset(result, 0, sizeof(*result));
	run.wake = catch_signals();
	if (run.wake < 0)
		return run.wake;
	run.lingering = lingering__new(sink);
	run.sink = lingering__sink(run.lingering);
	err = run__all(&run);
	if (run.progress_shown)
		fputc('\n', stderr);
	command__free(run.command);
	if (!err && options->pin)
		run__pin(&run);
	caught.detacher = NULL;
	if (err || !options->pin)
		detacher__fork(run.detacher);
	widen__free(run.widen);
	lingering__free(run.lingering);
	session__free(run.session);
	detacher__free(run.detacher);
	release_signals(run.wake);
	return err;
}
