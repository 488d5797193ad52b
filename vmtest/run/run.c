// SPDX-License-Identifier: GPL-2.0-only
/* Starts runs, and concludes them after QEMU's end: verdict, result files, cleanup. */
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

#define MIB (1024ULL * 1024)

static void close_sinks(struct run *r)
{
	struct sink *sinks[] = { &r->console_log, &r->ktap, &r->trace,
				 &r->log, &r->output, &r->registers,
				 &r->counts };

	for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
		char *path = sinks[i]->path ? xstrdup(sinks[i]->path) : NULL;
		int err = sink__close(sinks[i]);

		if (err && path)
			live__fail(r, path, err);
		free(path);
	}
}

/* Removes the run's empty and temporary files. */
static void remove_unused(struct run *r)
{
	if (!r->dir.path)
		return;
	if (!r->registers.bytes)
		unlinkat(r->dir.fd, "registers", 0);
	if (!r->counts.bytes)
		unlinkat(r->dir.fd, "counts", 0);
	if (!r->spec.cmd->n)
		unlinkat(r->dir.fd, "output", 0);
	if (r->spec.bare)
		unlinkat(r->dir.fd, "trace.bin", 0);
	debugging__end(r);
	if (!r->spec.icount)
		return;
	/* console.log and trace.bin have the same bytes. */
	unlinkat(r->dir.fd, ICOUNT_CONSOLE, 0);
	unlinkat(r->dir.fd, ICOUNT_TRACE, 0);
	if (r->spec.icount != ICOUNT_RECORD) {
		unlinkat(r->dir.fd, ICOUNT_RESULT, 0);
		unlinkat(r->dir.fd, ICOUNT_INITRAMFS, 0);
	}
}

static void run__free(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++)
		loop__del(r->loop, &r->channel[i]);
	loop__del(r->loop, &r->exit);
	loop__del(r->loop, &r->timeout);
	loop__del(r->loop, &r->poll);
	port_input__stop(r);
	debugging__end(r);
	if (r->spec.shell)
		shell__end(r->spec.shell);
	if (r->poll_timer >= 0)
		close(r->poll_timer);
	if (r->timer >= 0)
		close(r->timer);
	if (r->judge_fd >= 0)
		close(r->judge_fd);
	close_sinks(r);
	lines__free(&r->lines);
	launch__free(r);
	result__free(&r->result);
	qemu__free(&r->qemu);
	rundir__close(&r->dir);
	run_outcome__free(&r->out);
	free(r);
}

/* Writes the tests, the rules and the verdict as one stream, in each format. */
static void write_results(struct run *r)
{
	struct events *ev = &r->result.ktap.events;
	struct ktap *rules = &r->result.rules;
	char *name;
	int err;

	if (!r->dir.path)
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
	err = reports__write(ev, name, r->dir.path, "");
	if (err)
		live__fail(r, r->dir.path, err);
	free(name);
	r->out.events = *ev;
	memset(ev, 0, sizeof(*ev));
}

static void end_recording(struct run *r)
{
	const struct strv machine = { .v = r->qemu.argv.v,
				      .n = r->qemu.machine };
	int err;

	r->out.instructions = r->count.instructions;
	if (r->spec.icount != ICOUNT_RECORD || !r->dir.path || r->err)
		return;
	/* QEMU writes a recording's header and end only when it exits normally. */
	if (!r->count.known || strcmp(r->how, "exit status 0")) {
		msg_note("%s: QEMU ended with %s before its recording was complete; it cannot be replayed",
			 r->dir.path, r->how);
		record__drop(r->dir.path);
		return;
	}
	err = record__write(&r->spec, r->dir.path, &machine,
			    r->count.instructions, now_s() - r->started);
	if (err)
		live__fail(r, RECORD_FILE, err);
}

static void finish(struct run *r)
{
	int err;

	evidence__weigh(r);
	end_recording(r);
	triage__run(r);
	r->out.seconds = now_s() - r->started;
	r->out.seed = r->spec.seed;
	if (r->spec.append && r->spec.append->n)
		r->out.append = strv__join(r->spec.append, " ");
	if (r->dir.path) {
		r->out.dir = xstrdup(r->dir.path);
		sink__printf(&r->log, "vmtest: %s: %s\n",
			     verdict__name(r->out.verdict), r->out.reason);
	}
	close_sinks(r);
	remove_unused(r);
	write_results(r);
	if (!r->err && r->dir.path && r->out.verdict != VERDICT_PASS) {
		err = port_input__save(r, REPRO_INPUT);
		if (!err)
			err = repro__write(&r->spec, r->dir.path);
		if (err)
			live__fail(r, r->dir.path, err);
	}
	if (r->err)
		rundir__remove(&r->dir);
	r->done(r->ctx, r, &r->out, r->err);
	run__free(r);
}

static void symbolise(struct run *r)
{
	if (!splat__start(r, finish))
		finish(r);
}

void run__qemu_ended(void *ctx, uint32_t events)
{
	struct run *r = ctx;
	enum state was = r->state;

	(void)events;
	loop__del(r->loop, &r->exit);
	/* The run waits for gdb, in which the user may still inspect the end. */
	if (debugging__hold(r))
		return;
	r->bus_error = qemu__reap(&r->qemu, r->how, sizeof(r->how)) == SIGBUS;
	/* The sockets still hold all data that QEMU sent. */
	live__drain(r);
	if (launch__again(r, was))
		return;
	if (!r->dumped)
		console__finish(&r->console);
	if (r->trace_whole && !r->trace.dropped)
		sink__cut(&r->trace, TRACE_TRAILER_LEN);
	r->out.judged = r->result.judged;
	memset(&r->result.judged, 0, sizeof(r->result.judged));
	sink__printf(&r->log, "vmtest: QEMU ended with %s\n", r->how);
	if (!replay__start(r, symbolise))
		symbolise(r);
}

static int open_files(struct run *r)
{
	struct { struct sink *s; const char *name; uint64_t limit; } files[] = {
		{ &r->console_log, "console.log", 64 * MIB },
		{ &r->ktap, "tests.ktap", 64 * MIB },
		{ &r->trace, "trace.bin", 4096 * MIB },
		{ &r->log, "log", 16 * MIB },
		{ &r->output, "output", 64 * MIB },
		{ &r->registers, "registers", 1 * MIB },
		{ &r->counts, "counts", 64 * MIB },
	};
	char *name;
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		sink__open(files[i].s, NULL, NULL, files[i].limit);
	if (r->spec.probe)
		return 0;
	name = xasprintf("%s-%llu",
			 r->spec.label ? r->spec.label : r->spec.target,
			 (unsigned long long)r->spec.seed);
	err = rundir__open(&r->dir, r->spec.out, name);
	free(name);
	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++) {
		err = sink__open(files[i].s, r->dir.path, files[i].name,
				 files[i].limit);
		if (err)
			live__fail(r, files[i].s->path, err);
	}
	return err;
}

struct run *run__start(struct loop *loop, const struct run_spec *spec,
		       run_done *done, void *ctx, int *err)
{
	struct run *r = xcalloc(1, sizeof(*r));

	r->spec = *spec;
	r->loop = loop;
	r->done = done;
	r->ctx = ctx;
	r->console.scanner = spec->scanner;
	r->console.allow = spec->allow;
	r->timer = r->poll_timer = r->judge_fd = r->qemu.pidfd = -1;
	memset(r->qemu.fd, -1, sizeof(r->qemu.fd));
	r->snapshot.lock = -1;
	r->console.said = live__console;
	r->console.ctx = r;
	r->started = r->progress = now_s();
	if (!r->spec.asked)
		r->spec.asked = r->started;
	*err = open_files(r);
	if (!*err)
		*err = live__arm(r);
	if (!*err)
		*err = launch__start(r);
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
	qemu__kill(&r->qemu);
	if (r->judge > 0) {
		kill(r->judge, SIGKILL);
		waitpid(r->judge, NULL, 0);
	}
	rundir__remove(&r->dir);
	run__free(r);
}

void run_outcome__move(struct run_outcome *out, const char *suffix)
{
	char *to = xasprintf("%s%s", out->dir, suffix);
	int err = rundir__rename(out->dir, to);

	if (err) {
		msg_error("%s: cannot be renamed to %s: %s", out->dir, to,
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
	free(out->other.reason);
	free(out->other.dir);
	judged__free(&out->judged);
	events__free(&out->events);
	findings__free(&out->findings);
	faults__free(&out->faults);
	memset(out, 0, sizeof(*out));
}
