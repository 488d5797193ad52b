// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmtest: boots kernels under QEMU and says what came of the tests in them.
 * The parts: options -> target -> image -> pack -> batch of runs -> summary.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "accel.h"
#include "again.h"
#include "allow.h"
#include "batch.h"
#include "expect.h"
#include "image.h"
#include "mttcg.h"
#include "mutants.h"
#include "options.h"
#include "outdir.h"
#include "pack.h"
#include "paths.h"
#include "protocol.h"
#include "record.h"
#include "repeat.h"
#include "reports.h"
#include "repro.h"
#include "scanner.h"
#include "signals.h"
#include "summary.h"
#include "target.h"
#include "tsc.h"

#define DEFAULT_TARGET "join-6.12"
#define LIMIT_KVM_S 30.0
#define TCG_FACTOR 4.0

/* Of the kernel with no mutant chosen: short runs, and many of them. */
#define CONTROL_TARGET "mutants-6.12"
#define CONTROL_SEEDS 50
#define CONTROL_OPS 60

/* A target that is to be run, and what run_specs point into. */
struct job {
	struct target target;	/* the strings are the table's */
	struct image image;
	struct allow allow;
	char *initramfs;
	struct strv tests;
};

struct vmtest {
	struct options opt;
	struct paths paths;
	struct targets targets;
	struct outdir out;
	struct loop *loop;
	struct loop_watch signals;
	int signal_fd;
	int stop;		/* the signal that came */
	char *program, *judge;
	struct scanner scanner;
	struct tsc_probe tsc;
	bool one_thread;	/* under TCG */
	struct snapshots snapshots;
	double began;
	struct job *jobs;
	size_t n;
	struct summary *summary;
	struct mutants mutants;
	struct batch *batch;
	unsigned int unwanted;	/* runs so far that were not as wanted */
};

static int list_targets(const struct targets *ts)
{
	for (size_t i = 0; i < ts->n; i++)
		printf("%-18s %-9s %-34s %s\n", ts->t[i].name, ts->t[i].kind,
		       ts->t[i].what, ts->t[i].mode);
	return fflush(stdout) ? -errno : 0;
}

/* A kernel of the user's without a target: its own name, mainline's rules. */
static const struct target user_kernel = {
	.name = "kernel", .kind = "file", .what = "-", .mode = "mainline",
};

static int pick_targets(struct vmtest *t)
{
	struct strv *names = &t->opt.targets;

	if (!names->n && t->opt.kernel) {
		t->jobs = xcalloc(1, sizeof(*t->jobs));
		t->jobs[t->n++].target = user_kernel;
		return 0;
	}
	if (!names->n)
		strv__add(names, DEFAULT_TARGET);
	t->jobs = xcalloc(names->n, sizeof(*t->jobs));
	for (size_t i = 0; i < names->n; i++) {
		const struct target *found =
			targets__find(&t->targets, names->v[i]);

		if (!found) {
			char *all = targets__names(&t->targets);

			msg_error("no target %s; there are: %s", names->v[i],
				  all);
			free(all);
			return -ENOENT;
		}
		for (size_t k = 0; k < t->n; k++) {
			if (!strcmp(t->jobs[k].target.name, names->v[i])) {
				msg_error("target %s is given twice; --runs runs it more often",
					  names->v[i]);
				return -EINVAL;
			}
		}
		t->jobs[t->n++].target = *found;
	}
	return 0;
}

/* What repro.sh asks for: not just some kernel of that name. */
static int check_hash(const struct image *img)
{
	const char *want = getenv(KERNEL_HASH_ENV);
	uint64_t kernel, config;
	char have[17];
	int err;

	if (!want || !*want)
		return 0;
	err = image__hash(img, &kernel, &config);
	if (err) {
		msg_error("%s: %s", img->path, strerror(-err));
		return err;
	}
	snprintf(have, sizeof(have), "%016llx", (unsigned long long)kernel);
	if (strcmp(want, have)) {
		msg_error("%s is not the kernel of that run (%s, now %s); unset %s to run it nevertheless",
			  img->path, want, have, KERNEL_HASH_ENV);
		return -ESTALE;
	}
	return 0;
}

static int read_allow_list(struct vmtest *t, struct job *job, const char *name)
{
	char *path = xasprintf("%s/vmtest/allow/%s", t->paths.top, name);
	int err = allow__read(&job->allow, path);

	free(path);
	return err;
}

/* The lists in vmtest/allow: for all, and for the kernel's debugging aids. */
static int read_allowed(struct vmtest *t, struct job *job)
{
	const struct strv *names = &job->image.san.allow;
	int err = read_allow_list(t, job, "machine");

	for (size_t i = 0; !err && i < names->n; i++)
		err = read_allow_list(t, job, names->v[i]);
	return err;
}

static int prepare_job(struct vmtest *t, struct job *job)
{
	const char *name = job->target.name;
	struct pack pack = { .add = &t->opt.add, .cmd = &t->opt.cmd };
	char *path;
	int err;

	path = t->opt.kernel ? xstrdup(t->opt.kernel) :
			       image__build(&t->paths, name);
	if (!path)
		return -ENOENT;
	err = image__open(&job->image, path);
	free(path);
	if (!err)
		err = check_hash(&job->image);
	if (!err && t->opt.icount && job->image.machine != MACHINE_MMIO) {
		msg_error("%s: --record and --icount need the machine without ACPI; a kernel with CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y in the config beside it boots there",
			  job->image.path);
		err = -ENOTSUP;
	}
	if (!err)
		err = read_allowed(t, job);
	if (err)
		return err;
	options__tests(&t->opt, job->target.mode, job->image.faults,
		       &job->tests);
	msg_debug("%s: kernel %s", name, job->image.path);
	pack.modules = job->image.modules;
	job->initramfs = pack__initramfs(&t->paths, &pack);
	if (!job->initramfs)
		return -ENOENT;
	msg_debug("%s: initramfs %s", name, job->initramfs);
	return 0;
}

static void on_signal(void *ctx, uint32_t events)
{
	struct vmtest *t = ctx;
	struct signalfd_siginfo si;

	(void)events;
	if (read(t->signal_fd, &si, sizeof(si)) == sizeof(si))
		t->stop = (int)si.ssi_signo;
}

static int watch_signals(struct vmtest *t)
{
	t->loop = loop__new();
	t->signal_fd = signals__open(SFD_NONBLOCK);
	if (!t->loop || t->signal_fd < 0 ||
	    loop__add(t->loop, &t->signals, t->signal_fd, EPOLLIN, on_signal,
		      t)) {
		msg_error("epoll, signalfd: %s", strerror(errno));
		return -EIO;
	}
	return 0;
}

static double limit_s(const struct options *o, const struct run_spec *s)
{
	if (o->timeout_s)
		return (double)o->timeout_s;
	return LIMIT_KVM_S * s->image->san.slower *
	       (s->accel == ACCEL_TCG ? TCG_FACTOR : 1.0);
}

static void fill_spec(struct vmtest *t, const struct job *job,
		      struct run_spec *s)
{
	*s = (struct run_spec){
		.target = job->target.name,
		.mode = job->target.mode,
		.image = &job->image,
		.initramfs = job->initramfs,
		.program = t->program,
		.judge = t->judge,
		.out = t->out.path,
		.accel = t->opt.accel,
		.ops = t->opt.ops,
		.cpus = (unsigned int)t->opt.cpus,
		.one_thread = t->one_thread,
		.widen = t->opt.widen,
		.timeout_s = t->opt.timeout_s,
		.tests = &job->tests,
		.cmd = &t->opt.cmd,
		.ktap = t->opt.ktap,
		.add = &t->opt.add,
		.append = &t->opt.append,
		.scanner = &t->scanner,
		.allow = &job->allow,
		.tsc_khz = t->opt.icount ? ICOUNT_TSC_KHZ : tsc__khz(&t->tsc),
		.snapshots = t->opt.no_snapshot || t->opt.icount ?
			NULL : &t->snapshots,
		.icount = t->opt.icount,
		.icount_shift = (unsigned int)t->opt.icount_shift,
		.mib = t->opt.memory_mib,
		.bare = t->opt.bare,
	};
	s->limit_s = limit_s(&t->opt, s);
	if (t->opt.task == TASK_CONTROL)
		s->mutant = MUTANT_NONE;
}

static void find_accel(struct vmtest *t)
{
	struct run_spec spec;

	fill_spec(t, &t->jobs[0], &spec);
	if (t->opt.accel == ACCEL_AUTO)
		t->opt.accel = accel__probe(t->loop, &spec, t->paths.cache,
					    &t->stop);
	if (t->stop)
		return;
	/* With the limits that belong to this accelerator. */
	fill_spec(t, &t->jobs[0], &spec);
	t->one_thread = mttcg__one_thread(t->loop, &spec, t->paths.cache,
					  &t->stop);
}

static int prepare_runs(struct vmtest *t)
{
	char *dir = xasprintf("%s/vmtest/expect", t->paths.top);
	struct run_spec spec;
	int err = 0;

	for (size_t i = 0; !err && !t->stop && i < t->n; i++) {
		struct expect expect;

		/*
		 * What is expected of all the tests says nothing of a command,
		 * nor of some of them.
		 */
		err = expect__read(&expect, dir,
				   t->opt.cmd.n || t->opt.tests.n ?
				   "-" : t->jobs[i].target.name);
		if (err)
			break;
		summary__add_target(t->summary, t->jobs[i].target.name,
				    &expect);
		fill_spec(t, &t->jobs[i], &spec);
		spec.asked = i ? 0 : t->began;
		batch__add(t->batch, &spec, t->opt.seed_first,
			   t->opt.seed_last, t->opt.runs);
	}
	free(dir);
	return err;
}

/* How to see it again; of a search, only what it was for is kept. */
static void look_at_recorded(struct vmtest *t, const struct run_spec *spec,
			     const struct run_outcome *out)
{
	char *dir;
	bool whole;

	dir = xasprintf("%s/" RECORD_FILE, out->dir);
	whole = !access(dir, F_OK);
	free(dir);
	if (t->opt.until_fail) {
		if (summary__wanted(t->summary, spec->target, out->verdict)) {
			record__drop(out->dir);
			return;
		}
		batch__enough(t->batch);
	}
	if (!whole)
		return;
	dir = shell_quote(out->dir);
	msg_note("to see it again: vmtest replay %s, and with --gdb backwards",
		 dir);
	free(dir);
}

/*
 * The next run of this seed has the same directory, and would remove the files
 * that say what went wrong in this one.
 */
static void keep_unwanted(struct vmtest *t, struct run_outcome *out)
{
	char *suffix = xasprintf(".unwanted-%u", ++t->unwanted);

	run_outcome__move(out, suffix);
	free(suffix);
}

static void on_outcome(void *ctx, const struct run_spec *spec,
		       struct run_outcome *out)
{
	struct vmtest *t = ctx;

	bool wanted;

	repeat__conclude(spec, out);
	wanted = summary__wanted(t->summary, spec->target, out->verdict);
	if (!wanted && repeat__once_more(t->batch, spec, out))
		return;
	if (!wanted && t->opt.runs > 1)
		keep_unwanted(t, out);
	msg_note("%s seed %llu: %s%s%s (%.1f s, %s)", spec->target,
		 (unsigned long long)out->seed, verdict__name(out->verdict),
		 *out->reason ? ": " : "", out->reason, out->seconds, out->dir);
	if (out->instructions)
		msg_note("%s seed %llu: %llu instructions", spec->target,
			 (unsigned long long)out->seed,
			 (unsigned long long)out->instructions);
	if (spec->icount == ICOUNT_RECORD)
		look_at_recorded(t, spec, out);
	summary__add_run(t->summary, spec->target, out);
}

static int write_reports(struct vmtest *t)
{
	struct events ev = { 0 };
	int err;

	summary__events(t->summary, &ev);
	err = reports__write(&ev, "vmtest", t->out.path, t->out.suffix);
	if (err)
		msg_error("%s: %s; make room, or name another directory with --out",
			  t->out.path, strerror(-err));
	events__free(&ev);
	return err;
}

static int run_targets(struct vmtest *t)
{
	int err = prepare_runs(t);

	if (!err)
		err = t->stop ? -EINTR : batch__run(t->batch, &t->stop);
	if (err)
		return err;
	/* A command has standard output to itself, but for one that tests. */
	summary__print(t->summary,
		       t->opt.cmd.n && !t->opt.ktap ? stderr : stdout);
	summary__complain(t->summary);
	err = summary__write(t->summary, t->out.summary);
	return err ? err : write_reports(t);
}

/* Also of a half done job it is told what was done: it takes minutes. */
static int run_mutants(struct vmtest *t)
{
	struct run_spec *base = xcalloc(t->n, sizeof(*base));
	int err = 0, write_err;

	for (size_t i = 0; i < t->n; i++)
		fill_spec(t, &t->jobs[i], &base[i]);
	mutants__start(&t->mutants, t->batch, base, t->n);
	if (!t->stop)
		err = batch__run(t->batch, &t->stop);
	mutants__print(&t->mutants, stdout);
	write_err = mutants__write(&t->mutants, t->out.summary);
	free(base);
	return err ? err : write_err;
}

static bool about_mutants(const struct options *o)
{
	return o->task == TASK_MUTANTS || o->task == TASK_RATE ||
	       o->task == TASK_RULES;
}

static int run_all(struct vmtest *t)
{
	bool mutants = about_mutants(&t->opt);

	t->summary = summary__new();
	t->batch = batch__new(t->loop, t->opt.jobs,
			      mutants ? mutants__done : on_outcome,
			      mutants ? (void *)&t->mutants : t);
	find_accel(t);
	return mutants ? run_mutants(t) : run_targets(t);
}

static int prepare(struct vmtest *t)
{
	static const struct { const char *dir, *stem; } places[] = {
		[TASK_RUNS] = { "vmtest", "summary" },
		[TASK_MUTANTS] = { "mutants", "summary" },
		[TASK_RATE] = { "mutants", "rate" },
		[TASK_RULES] = { "mutants", "rules" },
		[TASK_CONTROL] = { "mutants", "control" },
	};
	char *out;
	int err;

	t->program = qemu__program();
	if (!t->program)
		return -ENOENT;
	out = t->opt.out ? xstrdup(t->opt.out) :
			   xasprintf("%s/%s", t->paths.build,
				     places[t->opt.task].dir);
	err = outdir__open(&t->out, out, places[t->opt.task].stem);
	free(out);
	if (!err)
		err = scanner__read(&t->scanner, t->paths.top);
	for (size_t i = 0; !err && i < t->n; i++)
		err = prepare_job(t, &t->jobs[i]);
	return err;
}

static void clean_up(struct vmtest *t)
{
	for (size_t i = 0; i < t->n; i++) {
		image__free(&t->jobs[i].image);
		allow__free(&t->jobs[i].allow);
		free(t->jobs[i].initramfs);
		strv__free(&t->jobs[i].tests);
	}
	free(t->jobs);
	scanner__free(&t->scanner);
	batch__free(t->batch);
	summary__free(t->summary);
	mutants__free(&t->mutants);
	outdir__close(&t->out);
	targets__free(&t->targets);
	paths__free(&t->paths);
	options__free(&t->opt);
	loop__free(t->loop);
	if (t->signal_fd >= 0)
		close(t->signal_fd);
	free(t->program);
	free(t->judge);
}

static void take_control(struct options *o)
{
	strv__add(&o->targets, CONTROL_TARGET);
	if (!o->tests.n)
		strv__add(&o->tests, "stress");
	if (!o->ops)
		o->ops = CONTROL_OPS;
	if (!o->seeds_given)
		o->seed_last = o->seed_first + CONTROL_SEEDS - 1;
	o->widen = !o->no_widen;
}

/* What the task wants, and nobody said otherwise. */
static int take_task(struct vmtest *t)
{
	char *table;
	int err = 0;

	if (t->opt.task == TASK_CONTROL)
		take_control(&t->opt);
	if (!about_mutants(&t->opt))
		return 0;
	table = t->opt.mutants ? xstrdup(t->opt.mutants) :
				 xasprintf("%s/tests/mutants/mutants.txt",
					   t->paths.top);
	err = mutants__init(&t->mutants, &t->opt, table, t->judge);
	free(table);
	return err;
}

static int work(struct vmtest *t)
{
	char *table;
	int err;

	err = paths__init(&t->paths);
	if (err)
		return err;
	t->snapshots.cache = t->paths.cache;
	t->judge = xasprintf("%s/pidnstrace", t->paths.build);
	table = xasprintf("%s/kernel/targets", t->paths.top);
	err = targets__read(&t->targets, table);
	free(table);
	if (err || t->opt.list)
		return err ? err : list_targets(&t->targets);
	err = take_task(t);
	if (!err)
		err = pick_targets(t);
	/* From here on a signal is an event: nothing is left half done. */
	if (!err)
		err = watch_signals(t);
	if (!err)
		err = prepare(t);
	if (t->signal_fd >= 0)
		on_signal(t, 0);
	if (err || t->stop)
		return err ? err : -EINTR;
	return run_all(t);
}

static int exit_status(const struct vmtest *t)
{
	if (about_mutants(&t->opt))
		return mutants__exit_status(&t->mutants);
	return t->summary ? summary__exit_status(t->summary) : 0;
}

int main(int argc, char **argv)
{
	struct vmtest t = { .signal_fd = -1, .out.fd = -1 };
	int err, status, sig;

	if (argc > 1 && !strcmp(argv[1], "replay")) {
		/* As its messages and its --help call it. */
		argv[1] = (char *)"vmtest replay";
		return again__main(argc - 1, argv + 1);
	}
	t.began = now_s();
	tsc__start(&t.tsc);
	if (options__parse(&t.opt, argc, argv))
		return EXIT_USAGE;
	msg_verbose = t.opt.verbose;
	err = work(&t);
	status = err ? EXIT_USAGE : exit_status(&t);
	sig = t.stop;
	if (sig)
		msg_note("ended by signal %d (%s)", sig, strsignal(sig));
	clean_up(&t);
	if (sig)
		signals__die_of(sig);
	return status;
}
