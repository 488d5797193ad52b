// SPDX-License-Identifier: GPL-2.0-only
/* Starts runs, and concludes them after QEMU's end: verdict, result files, cleanup. */
#include "vmtest/run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/run/recording.h"
#include "vmtest/run/repro.h"
#include "vmtest/run/result_files.h"
#include "vmtest/run/state.h"

static void run__free(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++)
		loop__del(r->loop, &r->ports.channel[i]);
	loop__del(r->loop, &r->ports.exit);
	qemu_errors__drain(r);
	loop__close(r->loop, &r->post.end);
	timer__stop(&r->clock.timer, r->loop);
	timer__stop(&r->ports.poll, r->loop);
	port_input__stop(&r->input);
	debugging__end(r);
	if (r->spec.shell)
		shell__end(r->spec.shell);
	run_files__close(r);
	lines__free(&r->ports.lines);
	launch__free(r);
	result_port__free(&r->seen.result);
	kernel_log__free(&r->seen.log);
	free(r->seen.kernel_text);
	qemu__free(&r->vm.qemu);
	rundir__close(&r->files.dir);
	run_outcome__free(&r->out);
	free(r);
}

/* Writes the tests, the rules and the verdict as one stream, in each format. */
static void write_results(struct run *r)
{
	struct events *ev = &r->seen.result.ktap.events;
	struct ktap *rules = &r->seen.result.rules;
	auto_free char *name = NULL;
	int err;

	if (!r->files.dir.path)
		return;
	/* If the run ended early, some tests have not ended. */
	events__end_all(ev);
	if (rules->events.n) {
		ktap__finish(rules);
		events__finish(&rules->events);
		events__graft(ev, "rules", &rules->events);
	}
	events__test(ev, "verdict", r->out.verdict == VERDICT_PASS ?
		     TEST_OK : TEST_NOT_OK, r->out.reason);
	events__finish(ev);
	name = xasprintf("%s-%llu", r->spec.target,
			 (unsigned long long)r->spec.seed);
	err = result_files__write(ev, name, r->files.dir.path, "");
	if (err)
		run__fail(r, r->files.dir.path, err);
	r->out.events = *ev;
	memset(ev, 0, sizeof(*ev));
}

static void end_recording(struct run *r)
{
	const struct strv machine = { .v = r->vm.qemu.argv.v,
				      .n = r->vm.qemu.machine };
	int err;

	r->out.instructions = r->vm.count.instructions;
	if (r->spec.icount != ICOUNT_RECORD || !r->files.dir.path || r->err)
		return;
	/* QEMU writes a recording's header and end only when it exits normally. */
	if (!r->vm.count.known || strcmp(r->vm.how, "exit status 0")) {
		msg__note("%s: QEMU ended with %s before its recording was complete; it cannot be replayed",
			 r->files.dir.path, r->vm.how);
		recording__drop(r->files.dir.path);
		return;
	}
	err = recording__write(&r->spec, r->files.dir.path, &machine,
			    r->vm.count.instructions, now_s() - r->clock.started);
	if (err)
		run__fail(r, RECORD_FILE, err);
}

/* The input of the command, for repro.sh; a shell's is not repeated. */
static int save_input(struct run *r)
{
	auto_free char *path = xasprintf("%s/" REPRO_INPUT, r->files.dir.path), *buf = NULL;
	size_t len = r->spec.icount ? RECORD_INPUT_MAX :
				      (size_t)r->input.reader.at;

	if (!r->spec.input || r->spec.shell || len > RECORD_INPUT_MAX)
		return 0;
	/* Fails if the beginning of a long pipe was dropped. */
	if (input__load(r->spec.input, &buf, &len))
		return 0;
	return write_file_atomic(path, buf, len);
}

static void finish(struct run *r)
{
	int err;

	evidence__weigh(r);
	end_recording(r);
	run_triage__write(r);
	r->out.seconds = now_s() - r->clock.started;
	r->out.seed = r->spec.seed;
	if (r->spec.append && r->spec.append->n)
		r->out.append = strv__join(r->spec.append, " ");
	if (r->files.dir.path) {
		r->out.dir = xstrdup(r->files.dir.path);
		run__log(r, "%s: %s", verdict__name(r->out.verdict), r->out.reason);
	}
	run_files__close(r);
	run_files__remove_unused(r);
	debugging__end(r);
	write_results(r);
	if (!r->err && r->files.dir.path && r->out.verdict != VERDICT_PASS) {
		err = save_input(r) ?: repro__write(&r->spec, r->files.dir.path);
		if (err)
			run__fail(r, r->files.dir.path, err);
	}
	if (r->err)
		rundir__remove(&r->files.dir);
	r->done(r->ctx, r, &r->out, r->err);
	run__free(r);
}

static void symbolise(struct run *r)
{
	if (!post_run__symbolise(r, finish))
		finish(r);
}

/* Returns whether the run goes on with another QEMU. */
static bool relaunch(struct run *r, enum run_state was)
{
	int err;

	if (!launch__relaunch(r, was))
		return false;
	err = events__watch(r);
	if (err)
		run__fail(r, "QEMU", err);
	return !err;
}

static void on_qemu_ended(void *ctx)
{
	struct run *r = ctx;
	enum run_state was = r->state;

	loop__del(r->loop, &r->ports.exit);
	/* The run waits for gdb, in which the user may still inspect the end. */
	if (debugging__hold(r))
		return;
	r->vm.status = qemu__reap(&r->vm.qemu, r->vm.how, sizeof(r->vm.how));
	r->launch.bus_error = WIFSIGNALED(r->vm.status) &&
			      WTERMSIG(r->vm.status) == SIGBUS;
	/* The sockets still hold all data that QEMU sent. */
	events__drain(r);
	if (relaunch(r, was))
		return;
	run_files__settle(r);
	if (!r->hang.dumped)
		console__finish(&r->seen.console);
	kernel_text__settle(r);
	if (r->seen.trace_whole && !r->files.trace.dropped)
		capped_file__cut(&r->files.trace, TRACE_TRAILER_LEN);
	r->out.judged = r->seen.result.judged;
	memset(&r->seen.result.judged, 0, sizeof(r->seen.result.judged));
	run__log(r, "QEMU ended with %s", r->vm.how);
	if (!post_run__judge(r, symbolise))
		symbolise(r);
}

struct run *run__start(struct loop *loop, const struct run_spec *spec,
		       run_done *done, void *ctx, int *err)
{
	struct run *r = xcalloc(1, sizeof(*r));

	r->spec = *spec;
	r->loop = loop;
	r->done = done;
	r->ctx = ctx;
	r->qemu_ended = on_qemu_ended;
	r->seen.console = (struct console){ .scanner = spec->scanner, .allow = spec->allow,
					    .said = run__console, .ctx = r };
	r->seen.logged = (struct console){ .scanner = spec->scanner, .allow = spec->allow,
					   .said = run__logged, .ctx = r };
	r->vm.qemu.pidfd = -1;
	memset(r->vm.qemu.fd, -1, sizeof(r->vm.qemu.fd));
	r->ports.errors = -1;
	r->launch.snapshot.lock = -1;
	r->clock.started = r->clock.progress = now_s();
	if (!r->spec.asked)
		r->spec.asked = r->clock.started;
	*err = run_files__open(r);
	if (!*err)
		*err = timer__start(&r->clock.timer, loop, events__timeout, r);
	if (!*err)
		*err = launch__start(r);
	if (!*err)
		*err = events__watch(r);
	if (*err) {
		run__abort(r);
		return NULL;
	}
	return r;
}

const struct run_spec *run__spec(const struct run *r)
{
	return &r->spec;
}

void run__abort(struct run *r)
{
	qemu__kill(&r->vm.qemu);
	if (r->post.child > 0) {
		kill(r->post.child, SIGKILL);
		waitpid(r->post.child, NULL, 0);
	}
	rundir__remove(&r->files.dir);
	run__free(r);
}

void run_outcome__move(struct run_outcome *out, const char *suffix)
{
	char *to = xasprintf("%s%s", out->dir, suffix);
	int err = rundir__rename(out->dir, to);

	if (err) {
		msg__error("%s: cannot be renamed to %s: %s", out->dir, to,
			  strerror(-err));
		free(to);
		return;
	}
	free(out->dir);
	out->dir = to;
}

void run_outcome__free(struct run_outcome *out)
{
	free(out->reason);
	free(out->dir);
	free(out->append);
	free(out->saved);
	free(out->other.reason);
	free(out->other.dir);
	verify_report__free(&out->judged);
	events__free(&out->events);
	findings__free(&out->findings);
	faults__free(&out->faults);
	memset(out, 0, sizeof(*out));
}
