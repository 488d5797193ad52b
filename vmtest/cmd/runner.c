// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands that run guests: each boots kernels under QEMU and reports the
 * outcome of the tests in them. The parts: options -> target -> image -> pack
 * -> batch of runs -> summary.
 */
#include "vmtest/cmd/runner.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "vmtest/cmd/state.h"
#include "vmtest/lib/process.h"
#include "vmtest/lib/terminal.h"
#include "vmtest/options/bisect.h"
#include "vmtest/run/recording.h"
#include "vmtest/wire/protocol.h"

/* --mutants-control makes many short runs of the kernel with no mutant chosen. */
#define CONTROL_SEEDS 50
#define CONTROL_OPS 60

/* A command of vmtest that runs guests. */
struct front {
	int (*parse)(struct options *o, int argc, char **argv);
	int (*status)(const struct vmtest *t, int err);	/* the exit status */
	int bad_arguments;	/* exit status if parse() fails */
};

static void on_signal(void *ctx)
{
	struct vmtest *t = ctx;
	struct signalfd_siginfo si;

	if (read(t->signal_fd, &si, sizeof(si)) != sizeof(si))
		return;
	if (si.ssi_signo != SIGINT || !debugger__owns_ctrl_c())
		t->stop = (int)si.ssi_signo;
}

static int watch_signals(struct vmtest *t)
{
	t->loop = loop__new();
	t->signal_fd = signals__open(SFD_NONBLOCK);
	if (!t->loop || t->signal_fd < 0 ||
	    loop__add(t->loop, &t->signals, t->signal_fd, EPOLLIN, on_signal,
		      t)) {
		msg__error("epoll, signalfd: %s", strerror(errno));
		return -EIO;
	}
	return 0;
}

static void queue_runs(struct vmtest *t, struct job *job)
{
	uint64_t runs = (t->opt.seed_last - t->opt.seed_first + 1) *
			t->opt.runs;
	struct run_spec spec;

	summary__add_target(t->summary, job->target.name, &job->expect, runs);
	specs__fill(t, job, &spec);
	spec.asked = job == t->jobs ? t->began + t->making_s : 0;
	batch__add(t->batch, &spec, t->opt.seed_first, t->opt.seed_last,
		   t->opt.runs);
}

/* Finds out, with the first kernel, how guests run on this host. */
static int probe_host(struct vmtest *t)
{
	uint64_t guests;

	specs__find_accel(t);
	guests = specs__guests_at_once(t);
	msg__debug("guests at once: %" PRIu64, guests);
	batch__limit_jobs(t->batch, guests);
	t->progress = progress__new(t->loop, t->batch, specs__command_prints(&t->opt));
	return t->progress ? 0 : -EIO;
}

/* Makes all queued runs. */
static int run_queued(struct vmtest *t)
{
	uint64_t ended, all;

	batch__count(t->batch, &ended, &all);
	if (ended == all)
		return 0;
	return t->stop ? -EINTR : batch__run(t->batch, &t->stop);
}

/*
 * Kernels in the cache run at once. A build of a kernel waits until the queued runs
 * are done: their rows are printed early, and a compiler and a guest do not compete
 * for two cores.
 */
static int run_jobs(struct vmtest *t)
{
	int err = 0;

	for (size_t i = 0; !err && i < t->n && !batch__closed(t->batch); i++) {
		struct job *job = &t->jobs[i];

		if (i && !job->image.path &&
		    !image__is_made(&t->paths, job->target.name))
			err = run_queued(t);
		if (!err && !batch__closed(t->batch))
			err = kernels__prepare(t, job);
		if (!err && !i)
			err = probe_host(t);
		if (!err)
			queue_runs(t, job);
	}
	return err ?: run_queued(t);
}

static int run_targets(struct vmtest *t)
{
	int err;

	for (size_t i = 0; i < t->n; i++)
		summary__announce(t->summary, t->jobs[i].target.name);
	err = run_jobs(t);
	/* The signal that ended a build is still pending. */
	on_signal(t);
	if (err || t->stop)
		return err;
	if (!t->opt.shell)
		outcomes__print_rest(t);
	summary__complain(t->summary);
	err = summary__write(t->summary, t->out.summary) ?:
	      outcomes__write_reports(t);
	return err ?: t->write_err;
}

/* Reports the results of an interrupted job, too, as the runs take minutes. */
static int run_mutants(struct vmtest *t)
{
	struct run_spec *base;
	int err = 0, write_err;

	for (size_t i = 0; !err && i < t->n; i++)
		err = kernels__prepare(t, &t->jobs[i]);
	if (!err)
		err = probe_host(t);
	if (err)
		return err;
	base = xcalloc(t->n, sizeof(*base));
	for (size_t i = 0; i < t->n; i++)
		specs__fill(t, &t->jobs[i], &base[i]);
	mutants__start(&t->mutants, t->batch, base, t->n);
	if (!t->stop)
		err = batch__run(t->batch, &t->stop);
	if (t->mutants.err) {
		free(base);
		return t->mutants.err;
	}
	outcomes__print_mutants(t);
	write_err = mutants__write(&t->mutants, t->out.summary);
	free(base);
	if (!err)
		err = write_err;
	return err ?: t->write_err;
}

static bool about_mutants(const struct options *o)
{
	return o->task != TASK_RUNS && o->task != TASK_CONTROL;
}

static void choose_look(struct vmtest *t)
{
	t->table = specs__command_prints(&t->opt) ? STDERR_FILENO : STDOUT_FILENO;
	t->look.width = terminal__width(t->table);
	t->look.color = terminal__color(t->opt.color, t->table);
	t->look.tracer = t->judge;
}

static int run_all(struct vmtest *t)
{
	bool mutants = about_mutants(&t->opt);

	t->summary = summary__new();
	t->batch = batch__new(t->loop, mutants ? mutants__done : outcomes__add,
			      mutants ? (void *)&t->mutants : t);
	choose_look(t);
	return mutants ? run_mutants(t) : run_targets(t);
}

static bool several_runs(const struct options *o)
{
	return o->targets.n > 1 || o->runs > 1 || o->seed_first != o->seed_last;
}

/* gdb and a command cannot share a terminal for input. */
static int take_input(struct vmtest *t)
{
	struct debugger *dbg = &t->debugger;
	int tty;

	dbg->script = t->opt.gdb_script;
	dbg->terminal = !t->opt.shell && !dbg->script &&
			debugger__has_terminal();
	if (!t->opt.cmd.n || (t->opt.gdb && dbg->terminal))
		return 0;
	t->input = input__new(t->loop, t->out.path, several_runs(&t->opt));
	if (!t->input)
		return -EIO;
	tty = input__terminal(t->input);
	t->interactive = t->opt.shell && tty >= 0;
	shell__init(&t->shell, t->loop, tty);
	if (t->opt.icount && tty >= 0) {
		msg__note("--record and --icount do not read from a terminal; the command's standard input is empty");
		input__free(t->input);
		t->input = NULL;
	}
	return 0;
}

/* A guest under -icount gets its whole input at the beginning. */
static int read_whole_input(struct vmtest *t)
{
	int err;

	if (!t->input || !t->opt.icount)
		return 0;
	err = input__read_all(t->input, t->signal_fd, RECORD_INPUT_MAX);
	if (err == -EFBIG)
		msg__error("standard input: more than %llu MiB; --record and --icount keep it in the guest's memory",
			  RECORD_INPUT_MAX >> 20);
	else if (err && err != -EINTR)
		msg__error("standard input: %s", strerror(-err));
	return err;
}

static int prepare(struct vmtest *t)
{
	static const struct { const char *dir, *stem; } places[] = {
		[TASK_RUNS] = { "vmtest", "summary" },
		[TASK_MUTANTS] = { "mutants", "summary" },
		[TASK_RATE] = { "mutants", "rate" },
		[TASK_RULES] = { "mutants", "rules" },
		[TASK_HISTORY] = { "history", "summary" },
		[TASK_CONTROL] = { "mutants", "control" },
	};
	auto_free char *out = NULL;
	int err;

	t->program = qemu__program();
	if (!t->program)
		return -ENOENT;
	out = t->opt.out ? xstrdup(t->opt.out) :
			   xasprintf("%s/%s", t->paths.build,
				     t->opt.place ? t->opt.place :
				     places[t->opt.task].dir);
	err = outdir__open(&t->out, out, places[t->opt.task].stem) ?:
	      take_input(t) ?: scanner__read(&t->scanner, t->paths.top);
	if (!err) {
		err = kernels__check(t);
		t->refused = err;
	}
	return err ?: read_whole_input(t);
}

static void clean_up(struct vmtest *t)
{
	for (size_t i = 0; i < t->n; i++) {
		image__free(&t->jobs[i].image);
		expect__free(&t->jobs[i].expect);
		allow__free(&t->jobs[i].allow);
		free(t->jobs[i].initramfs);
		strv__free(&t->jobs[i].tests);
	}
	free(t->jobs);
	scanner__free(&t->scanner);
	progress__free(t->progress);
	batch__free(t->batch);
	summary__free(t->summary);
	mutants__free(&t->mutants);
	outdir__close(&t->out);
	targets__free(&t->targets);
	paths__free(&t->paths);
	options__free(&t->opt);
	input__free(t->input);
	loop__free(t->loop);
	if (t->signal_fd >= 0)
		close(t->signal_fd);
	free(t->program);
	free(t->judge);
}

/*
 * Adds each test of the table once, to be run on the kernel without a fault; none, which
 * stands for all tests that apply, if a row asks for all.
 */
static int add_table_tests(struct options *o, const char *target)
{
	auto_free char *line = mutants__line(o);
	struct mutant_table table;
	int err = mutant_table__read(&table, o->mutants, line, target);
	bool every = false;

	for (size_t i = 0; !err && i < table.n; i++) {
		const struct strv *all = &table.v[i].tests;

		every = every || !all->n;
		for (size_t k = 0; k < all->n; k++) {
			if (!strv__has(&o->tests, all->v[k]))
				strv__add(&o->tests, all->v[k]);
		}
	}
	if (!err)
		mutant_table__free(&table);
	if (every)
		strv__free(&o->tests);
	return err;
}

static int take_control(struct options *o)
{
	auto_free char *target = mutants__target(o);
	int err = 0;

	if (!o->tests.n && o->mutants)
		err = add_table_tests(o, target);
	if (!o->targets.n && !(o->kernel && o->mutants))
		strv__add(&o->targets, target);
	if (!o->tests.n && !o->mutants)
		strv__add(&o->tests, "stress");
	if (!o->ops)
		o->ops = CONTROL_OPS;
	if (!o->seeds_given)
		o->seed_last = o->seed_first + CONTROL_SEEDS - 1;
	o->widen = !o->no_widen;
	return err;
}

/* The debug kernel of a target is a target of its own, which need not exist. */
static int check_debug_target(const struct vmtest *t)
{
	const struct strv *names = &t->opt.targets;
	const struct mutant_table *table = &t->mutants.table;

	if (!strv__has(names, table->watchful) ||
	    targets__find(&t->targets, table->watchful) ||
	    !targets__find(&t->targets, table->target))
		return 0;
	msg__error("%s: rows with the flag debug run on %s, which is not in kernel/targets: remove the flag, or add the target",
		  table->path, table->watchful);
	return -ENOENT;
}

/* Sets the task's own defaults for options that were not given. */
static int take_task(struct vmtest *t)
{
	auto_free char *table = NULL;
	int err = 0;

	if (t->opt.task == TASK_CONTROL)
		err = take_control(&t->opt);
	if (err || !about_mutants(&t->opt))
		return err;
	table = t->opt.mutants ? xstrdup(t->opt.mutants) :
				 xasprintf("%s/tests/mutants/%s.txt", t->paths.top,
					   t->opt.task == TASK_HISTORY ?
					   HISTORY_TARGET : MUTANTS_TARGET);
	err = mutants__init(&t->mutants, &t->opt, table, t->judge);
	return err ?: check_debug_target(t);
}

static int work(struct vmtest *t)
{
	auto_free char *table = NULL;
	int err;

	err = paths__init(&t->paths);
	if (err)
		return err;
	t->snapshots.cache = t->paths.cache;
	t->judge = xasprintf("%s/pidnstrace", t->paths.build);
	table = xasprintf("%s/kernel/targets", t->paths.top);
	err = targets__read(&t->targets, table);
	if (err || t->opt.list)
		return err ?: choice__list(&t->targets);
	err = choice__take_kernel(&t->opt) ?: take_task(t);
	if (!err) {
		err = choice__take_targets(t);
		t->refused = err;
	}
	/* From here on signals are events, so no work is left half done. */
	if (!err)
		err = watch_signals(t);
	if (!err)
		err = prepare(t);
	if (t->signal_fd >= 0)
		on_signal(t);
	if (err || t->stop)
		return err ?: -EINTR;
	return run_all(t);
}

static int usual_status(const struct vmtest *t, int err)
{
	if (err)
		return EXIT_USAGE;
	if (about_mutants(&t->opt))
		return mutants__exit_status(&t->mutants);
	return t->summary ? summary__exit_status(t->summary) : 0;
}

/*
 * make maps all failures to one exit status, so the last line shows ours, on the
 * stream of the table; not without a reader, and not after --list.
 */
static void print_status(const struct vmtest *t, int err, int status)
{
	const char *verdict = "no verdict";

	if (!err && about_mutants(&t->opt))
		verdict = status ? "FAIL" : "PASS";
	else if (!err && t->summary)
		verdict = verdict__name(summary__verdict(t->summary));
	if (t->opt.list || t->write_err || err == -EPIPE)
		return;
	dprintf(err ? STDERR_FILENO : t->table, "vmtest: %s, exit status %d\n",
		verdict, status);
}

/* Runs a command to its end. A signal that stopped the work ends the process. */
static int run_front(const struct front *front, int argc, char **argv)
{
	struct vmtest t = { .signal_fd = -1, .out.fd = -1 };
	int err, status, sig;

	t.began = now_s();
	tsc__start(&t.tsc);
	if (front->parse(&t.opt, argc, argv))
		return front->bad_arguments;
	msg__verbose = t.opt.verbose;
	err = work(&t);
	status = front->status(&t, err);
	sig = t.stop == SIGPIPE ? 0 : t.stop;
	if (sig)
		msg__note("ended by signal %d (%s)", sig, strsignal(sig));
	else
		print_status(&t, err, status);
	clean_up(&t);
	if (sig)
		signals__die_of(sig);
	return status;
}

int runner__main(int argc, char **argv)
{
	static const struct front front = {
		options__parse, usual_status, EXIT_USAGE,
	};

	return run_front(&front, argc, argv);
}

int runner__shell(int argc, char **argv)
{
	static const struct front front = {
		options__parse_shell, usual_status, EXIT_USAGE,
	};

	return run_front(&front, argc, argv);
}

static int bisect_status(const struct vmtest *t, int err)
{
	if (t->refused)
		return BISECT_STOP;
	if (err || !t->summary)
		return BISECT_SKIP;
	return bisect__status(summary__verdict(t->summary),
			      summary__booted(t->summary));
}

int runner__bisect(int argc, char **argv)
{
	static const struct front front = {
		bisect__parse, bisect_status, BISECT_STOP,
	};

	return run_front(&front, argc, argv);
}
