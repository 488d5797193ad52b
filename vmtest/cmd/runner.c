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
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/suggest.h"
#include "vmtest/host/accel.h"
#include "vmtest/host/host.h"
#include "vmtest/host/tcg.h"
#include "vmtest/image/image.h"
#include "vmtest/image/pack.h"
#include "vmtest/image/paths.h"
#include "vmtest/image/target.h"
#include "vmtest/lib/signals.h"
#include "vmtest/mutants/mutants.h"
#include "vmtest/options/bisect.h"
#include "vmtest/options/options.h"
#include "vmtest/report/expect.h"
#include "vmtest/report/summary.h"
#include "vmtest/run/batch.h"
#include "vmtest/run/outdir.h"
#include "vmtest/run/progress.h"
#include "vmtest/run/recording.h"
#include "vmtest/run/repeat.h"
#include "vmtest/run/repro.h"
#include "vmtest/run/result_files.h"
#include "vmtest/triage/allow.h"
#include "vmtest/triage/scanner.h"
#include "vmtest/vm/debugger.h"
#include "vmtest/vm/input.h"
#include "vmtest/vm/shell.h"
#include "vmtest/vm/tsc.h"
#include "vmtest/wire/protocol.h"
#include "vmtest/wire/tests.h"

#define DEFAULT_TARGET "join-6.12"
#define TREE_TARGET "tree"
#define LIMIT_KVM_S 30.0
/* Limit without --jobs; the guests take at most 1/GUESTS_SHARE of free memory. */
#define JOBS_DEFAULT_MAX 8
#define GUESTS_SHARE 2
#define TCG_FACTOR 4.0

/* --mutants-control makes many short runs of the kernel with no mutant chosen. */
#define CONTROL_SEEDS 50
#define CONTROL_OPS 60

/* A target to run, with the data that its run_specs point to. */
struct job {
	struct target target;	/* strings owned by the table or the image */
	bool by_image;		/* named after its image, in no table */
	struct image image;
	struct expect expect;
	struct allow allow;
	char *initramfs;
	struct strv tests;
};

struct vmtest;

/* A command of vmtest that runs guests. */
struct front {
	int (*parse)(struct options *o, int argc, char **argv);
	int (*status)(const struct vmtest *t, int err);	/* the exit status */
	int bad_arguments;	/* exit status if parse() fails */
};

struct vmtest {
	struct options opt;
	struct paths paths;
	struct targets targets;
	struct outdir out;
	struct loop *loop;
	struct loop_watch signals;
	int signal_fd;
	int stop;		/* the signal that was received, or 0 */
	char *program, *judge;
	struct scanner scanner;
	struct tsc_probe tsc;
	struct tcg tcg;
	struct snapshots snapshots;
	struct input *input;	/* for CMD; NULL: empty */
	struct shell shell;
	bool interactive;	/* the shell has our terminal */
	struct debugger debugger;
	double began;
	double making_s;	/* seconds of building kernels since then */
	struct job *jobs;
	size_t n;
	struct summary *summary;
	struct mutants mutants;
	struct batch *batch;
	struct progress *progress;
	struct summary_look look;
	int table;		/* file descriptor of the table */
	int unread;		/* error of writing it; -EPIPE: no reader */
	bool refused;		/* the arguments are wrong for every kernel */
	unsigned int unwanted;	/* unexpected runs so far, with --runs */
};

static int list_targets(const struct targets *ts)
{
	for (size_t i = 0; i < ts->n; i++)
		printf("%-18s %-9s %-34s %s\n", ts->t[i].name, ts->t[i].kind,
		       ts->t[i].what, ts->t[i].mode);
	return fflush(stdout) ? -errno : 0;
}

/* A user's kernel without a target, before its version and mode are known. */
static const struct target user_kernel = {
	.name = "kernel", .kind = "image", .what = "-", .mode = "mainline",
};

/* Takes --kernel, or else BZIMAGE, which conflicts with KERNEL_SRC. */
static int take_kernel(struct options *o)
{
	const char *file = getenv("BZIMAGE"), *tree = getenv("KERNEL_SRC");

	if (o->kernel || !file || !*file)
		return 0;
	if (tree && *tree) {
		msg_error("BZIMAGE and KERNEL_SRC name two kernels: unset one of them");
		return -EINVAL;
	}
	o->kernel = xstrdup(file);
	return 0;
}

static void no_target(const struct targets *ts, const char *name)
{
	char *all = targets__names(ts), *rest, *text;
	struct suggest s = { .word = name };
	size_t size = strlen(all) + 160;

	for (size_t i = 0; i < ts->n; i++)
		suggest__offer(&s, ts->t[i].name);
	rest = xasprintf("the targets are: %s", all);
	text = xcalloc(1, size);
	msg_error("no target %s%s", name, suggest__text(&s, rest, text, size));
	free(text);
	free(rest);
	free(all);
}

/* Returns the user's kernel tree, or NULL. */
static const char *kernel_src(void)
{
	const char *dir = getenv("KERNEL_SRC");

	return dir && *dir ? dir : NULL;
}

/* Tests a tree without a target as it is, and with the join if that applies. */
static void pick_for_tree(struct vmtest *t)
{
	const char *dir = kernel_src();
	const struct target *join;

	strv__add(&t->opt.targets, TREE_TARGET);
	if (!strcmp(target__mode_of_tree(dir), "join"))
		return;
	join = targets__join_for(&t->targets, dir);
	if (join && image__applies(&t->paths, join->name))
		strv__add(&t->opt.targets, join->name);
}

/* Refuses KERNEL_SRC for a target that is a distribution's package. */
static int check_source(const struct target *target)
{
	if (!kernel_src() || !target__is_package(target))
		return 0;
	msg_error("KERNEL_SRC does not apply to %s, which is Debian's own kernel; use --target " TREE_TARGET " for your tree",
		  target->name);
	return -EINVAL;
}

static int pick_targets(struct vmtest *t)
{
	struct strv *names = &t->opt.targets;

	if (!names->n && t->opt.kernel) {
		t->jobs = xcalloc(1, sizeof(*t->jobs));
		t->jobs[t->n++] = (struct job){ .target = user_kernel,
						.by_image = true };
		return 0;
	}
	if (!names->n && kernel_src())
		pick_for_tree(t);
	else if (!names->n)
		strv__add(names, DEFAULT_TARGET);
	t->jobs = xcalloc(names->n, sizeof(*t->jobs));
	for (size_t i = 0; i < names->n; i++) {
		const struct target *found =
			targets__find(&t->targets, names->v[i]);

		if (!found) {
			no_target(&t->targets, names->v[i]);
			return -ENOENT;
		}
		for (size_t k = 0; k < t->n; k++) {
			if (!strcmp(t->jobs[k].target.name, names->v[i])) {
				msg_error("target %s is given twice; use --runs to run it several times",
					  names->v[i]);
				return -EINVAL;
			}
		}
		if (check_source(found))
			return -EINVAL;
		t->jobs[t->n].target = *found;
		if (!strcmp(found->name, TREE_TARGET) && kernel_src())
			t->jobs[t->n].target.mode =
				(char *)target__mode_of_tree(kernel_src());
		t->n++;
	}
	return 0;
}

/* Refuses a kernel that is not the one of repro.sh's run, whatever its name. */
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
		msg_error("%s is not the kernel of that run (%s, now %s); unset %s to run it anyway",
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

/* Reads the lists in vmtest/allow for all kernels and for the debugging aids. */
static int read_allowed(struct vmtest *t, struct job *job)
{
	const struct strv *names = &job->image.san.allow;
	int err = read_allow_list(t, job, "machine");

	for (size_t i = 0; !err && i < names->n; i++)
		err = read_allow_list(t, job, names->v[i]);
	return err;
}

/* Checks features that some options need and that only the config shows. */
static int check_features(const struct vmtest *t, const struct image *img)
{
	const char *only;

	if (t->opt.icount && img->machine != MACHINE_MMIO) {
		msg_error("%s: --record and --icount need a kernel that boots on the machine without ACPI: one with CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y in the config beside it",
			  img->path);
		return -ENOTSUP;
	}
	for (size_t i = 0; img->config && i < t->opt.tests.n; i++) {
		const struct test *test = test__find(t->opt.tests.v[i], &only);

		if (!test->faults || img->faults)
			continue;
		msg_error("--tests %s: allocations cannot be made to fail in %s; it needs CONFIG_FAULT_INJECTION_DEBUG_FS, CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC",
			  t->opt.tests.v[i], img->path);
		return -ENOTSUP;
	}
	return 0;
}

/* Takes path over; path is NULL after a failure that has been reported. */
static int open_image(struct vmtest *t, struct job *job, char *path)
{
	int err = path ? image__open(&job->image, path) : -ENOENT;

	free(path);
	if (!err)
		err = check_hash(&job->image);
	if (!err)
		err = check_features(t, &job->image);
	return err ? err : read_allowed(t, job);
}

/* Prints which rules a user's kernel is judged by, and why. */
static void show_rules(const struct job *job)
{
	const char *mode = job->target.mode, *own = job->image.mode;

	if (!own || (!job->by_image && !strcmp(mode, own)))
		msg_note("%s: judged by the rules of %s", job->target.name, mode);
	else if (!strcmp(own, "seed"))
		msg_note("%s: judged by the rules of %s; it is built with the seed",
			 job->target.name, mode);
	else
		msg_note("%s: judged by the rules of %s; the sysctl kernel.setns_pid_join is %s it",
			 job->target.name, mode,
			 strcmp(own, "join") ? "not in" : "in");
}

/* Reads expectations and checks tests, once the target's name and mode are known. */
static int check_job(struct vmtest *t, struct job *job)
{
	char *dir = xasprintf("%s/vmtest/expect", t->paths.top);
	int err;

	/*
	 * The expectations are about all the tests, and do not apply to a
	 * command or to some of the tests.
	 */
	err = expect__read(&job->expect, dir,
			   t->opt.cmd.n || t->opt.tests.n ?
			   "-" : job->target.name);
	free(dir);
	return err ? err : options__check_tests(&t->opt, job->target.name,
						job->target.mode);
}

/* Prepares a user's image, which takes seconds, before any kernel is built. */
static int take_user_image(struct vmtest *t, struct job *job)
{
	char *file = realpath(t->opt.kernel, NULL);
	int err;

	if (!file) {
		err = -errno;
		msg_error("kernel %s: %s", t->opt.kernel, strerror(-err));
		return err;
	}
	err = open_image(t, job,
			 image__build(&t->paths, job->by_image ?
				      NULL : job->target.name, file));
	free(file);
	if (err)
		return err;
	if (job->by_image && job->image.release)
		job->target.name = job->image.release;
	if (job->by_image && job->image.mode)
		job->target.mode = job->image.mode;
	if (!t->opt.bare)
		show_rules(job);
	return job->by_image ? check_job(t, job) : 0;
}

/* Checks the lists of all debugging aids: the kernel's are not known yet. */
static int check_allow_lists(struct vmtest *t)
{
	struct job any = { .by_image = false };
	int err = read_allow_list(t, &any, "machine");

	for (size_t i = 0; !err && i < sanitizers_nr; i++) {
		if (sanitizers[i].allow)
			err = read_allow_list(t, &any, sanitizers[i].allow);
	}
	allow__free(&any.allow);
	return err;
}

static struct strv no_words;

/* Returns the files to pack. The guest's shell is always packed. */
static struct pack files_to_pack(struct vmtest *t)
{
	return (struct pack){
		.add = &t->opt.add,
		.cmd = t->opt.shell ? &no_words : &t->opt.cmd,
	};
}

/* Finds mistakes in the arguments before a kernel is built. */
static int check_arguments(struct vmtest *t)
{
	struct pack pack = files_to_pack(t);
	int err = t->opt.accel == ACCEL_KVM ? accel__check_kvm() : 0;

	if (!err)
		err = check_allow_lists(t);
	for (size_t i = 0; !err && i < t->n; i++) {
		if (!t->jobs[i].by_image)
			err = check_job(t, &t->jobs[i]);
	}
	if (!err)
		err = pack__check(&t->paths, &pack);
	for (size_t i = 0; !err && t->opt.kernel && i < t->n; i++)
		err = take_user_image(t, &t->jobs[i]);
	return err;
}

/* Returns the image's path. The times of runs exclude the build. */
static char *make_image(struct vmtest *t, const char *target)
{
	double before = now_s();
	time_t since = time(NULL);
	char *path = image__build(&t->paths, target, NULL);
	struct stat st;

	if (path && !stat(path, &st) && st.st_ctime >= since)
		t->making_s += now_s() - before;
	return path;
}

static int prepare_job(struct vmtest *t, struct job *job)
{
	struct pack pack = files_to_pack(t);
	const char *name = job->target.name;
	int err = 0;

	if (!job->image.path)
		err = open_image(t, job, make_image(t, name));
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
		msg_error("epoll, signalfd: %s", strerror(errno));
		return -EIO;
	}
	return 0;
}

static double usual_limit_s(const struct run_spec *s)
{
	return LIMIT_KVM_S * s->image->san.slower *
	       (s->accel == ACCEL_TCG ? TCG_FACTOR : 1.0);
}

/* A --timeout above the default means a slow machine, and raises all limits. */
static void set_limits(const struct options *o, struct run_spec *s)
{
	double usual = usual_limit_s(s), given = (double)o->timeout_s;

	s->limit_s = given > 0 ? given : usual;
	s->slack = given > usual ? given / usual : 1.0;
}

static void fill_spec(struct vmtest *t, const struct job *job,
		      struct run_spec *s)
{
	*s = (struct run_spec){
		.target = job->target.name,
		.by_image = job->by_image,
		.mode = job->target.mode,
		.image = &job->image,
		.initramfs = job->initramfs,
		.program = t->program,
		.judge = t->judge,
		.out = t->out.path,
		.accel = t->opt.accel,
		.ops = t->opt.ops,
		.cpus = (unsigned int)t->opt.cpus,
		.tcg = t->tcg,
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
		.snapshots = t->opt.no_snapshot || t->opt.icount || t->opt.gdb ?
			NULL : &t->snapshots,
		.icount = t->opt.icount,
		.icount_shift = (unsigned int)t->opt.icount_shift,
		.mib = t->opt.memory_mib,
		.bare = t->opt.bare,
		.input = t->input,
		.tools = t->opt.shell,
		.shell = t->interactive ? &t->shell : NULL,
		.debugger = t->opt.gdb ? &t->debugger : NULL,
	};
	set_limits(&t->opt, s);
	if (t->opt.task == TASK_CONTROL)
		s->mutant = MUTANT_NONE;
}

/* Fills the spec of a probe, which has no input, shell or gdb. */
static void fill_probe(struct vmtest *t, struct run_spec *spec)
{
	fill_spec(t, &t->jobs[0], spec);
	spec->input = NULL;
	spec->shell = NULL;
	spec->debugger = NULL;
}

static void find_accel(struct vmtest *t)
{
	struct run_spec spec;

	fill_probe(t, &spec);
	if (t->opt.accel == ACCEL_AUTO)
		t->opt.accel = accel__probe(t->loop, &spec, t->paths.cache,
					    &t->stop);
	if (t->stop)
		return;
	/* The limits depend on the accelerator. */
	fill_probe(t, &spec);
	t->tcg = tcg__find_out(t->loop, &spec, t->paths.cache, &t->stop);
}

static void queue_runs(struct vmtest *t, struct job *job)
{
	uint64_t runs = (t->opt.seed_last - t->opt.seed_first + 1) *
			t->opt.runs;
	struct run_spec spec;

	summary__add_target(t->summary, job->target.name, &job->expect, runs);
	fill_spec(t, job, &spec);
	spec.asked = job == t->jobs ? t->began + t->making_s : 0;
	batch__add(t->batch, &spec, t->opt.seed_first, t->opt.seed_last,
		   t->opt.runs);
}

/* Prints the replay command. --until-fail keeps only the unexpected recording. */
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
	msg_note("to replay it: vmtest replay %s; with --gdb, also backwards",
		 dir);
	free(dir);
}

/* Prints to a buffer, and writes it to the table in one piece. */
static void put_table(struct vmtest *t, void (*print)(struct vmtest *t))
{
	char *text = NULL;
	size_t len;
	int err;

	t->look.out = open_memstream(&text, &len);
	if (!t->look.out)
		return;
	print(t);
	fclose(t->look.out);
	progress__clear(t->progress);
	err = t->unread ? 0 : write_all(t->table, text, len);
	free(text);
	if (err && err != -EPIPE)
		msg_error("cannot write the table: %s", strerror(-err));
	if (err)
		t->unread = err;
}

static void print_ready(struct vmtest *t)
{
	summary__print_ready(t->summary, &t->look);
}

static void print_rest(struct vmtest *t)
{
	summary__print(t->summary, &t->look);
}

static void print_mutants(struct vmtest *t)
{
	mutants__print(&t->mutants, t->look.out, t->look.width);
}

/* Without a reader of the table, no further run is needed. */
static void leave_off(struct vmtest *t)
{
	uint64_t ended, all;

	batch__enough(t->batch);
	batch__count(t->batch, &ended, &all);
	if (t->unread == -EPIPE && ended < all)
		t->stop = SIGPIPE;
}

/*
 * Renames the directory, as the next run of this seed would remove the files that
 * show the failure.
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
	put_table(t, print_ready);
	if (t->unread)
		leave_off(t);
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

/* A command owns standard output, unless the command is a test. */
static bool command_prints(const struct options *o)
{
	return o->cmd.n && !o->ktap;
}

/*
 * By default, as many guests run at once as the host has room for, but one at a time
 * for commands, whose output would mix, and for a search for the first failing seed.
 */
static uint64_t guests_at_once(struct vmtest *t)
{
	uint64_t most = JOBS_DEFAULT_MAX, room;
	struct run_spec spec;
	struct qemu_spec guest;

	if (t->opt.jobs)
		return t->opt.jobs;
	if (command_prints(&t->opt) || t->opt.until_fail)
		return 1;
	fill_probe(t, &spec);
	guest = run_spec__qemu(&spec);
	room = host__cpus() / qemu__threads(&guest);
	most = room < most ? room : most;
	room = host__free_mib() / (GUESTS_SHARE * qemu__mib(&guest));
	most = room < most ? room : most;
	return most ? most : 1;
}

/* Finds out, with the first kernel, how guests run on this host. */
static int get_ready(struct vmtest *t)
{
	uint64_t guests;

	find_accel(t);
	guests = guests_at_once(t);
	msg_debug("guests at once: %" PRIu64, guests);
	batch__at_once(t->batch, guests);
	t->progress = progress__new(t->loop, t->batch, command_prints(&t->opt));
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
			err = prepare_job(t, job);
		if (!err && !i)
			err = get_ready(t);
		if (!err)
			queue_runs(t, job);
	}
	return err ? err : run_queued(t);
}

static int run_targets(struct vmtest *t)
{
	int err;

	for (size_t i = 0; i < t->n; i++)
		summary__announce(t->summary, t->jobs[i].target.name);
	err = run_jobs(t);
	/* The signal that ended a build is still pending. */
	on_signal(t, 0);
	if (err || t->stop)
		return err;
	if (!t->opt.shell)
		put_table(t, print_rest);
	summary__complain(t->summary);
	err = summary__write(t->summary, t->out.summary);
	if (!err)
		err = write_reports(t);
	return err ? err : t->unread;
}

/* Reports the results of an interrupted job, too, as the runs take minutes. */
static int run_mutants(struct vmtest *t)
{
	struct run_spec *base;
	int err = 0, write_err;

	for (size_t i = 0; !err && i < t->n; i++)
		err = prepare_job(t, &t->jobs[i]);
	if (!err)
		err = get_ready(t);
	if (err)
		return err;
	base = xcalloc(t->n, sizeof(*base));
	for (size_t i = 0; i < t->n; i++)
		fill_spec(t, &t->jobs[i], &base[i]);
	mutants__start(&t->mutants, t->batch, base, t->n);
	if (!t->stop)
		err = batch__run(t->batch, &t->stop);
	put_table(t, print_mutants);
	write_err = mutants__write(&t->mutants, t->out.summary);
	free(base);
	if (!err)
		err = write_err;
	return err ? err : t->unread;
}

static bool about_mutants(const struct options *o)
{
	return o->task == TASK_MUTANTS || o->task == TASK_RATE ||
	       o->task == TASK_RULES;
}

static void choose_look(struct vmtest *t)
{
	t->table = command_prints(&t->opt) ? STDERR_FILENO : STDOUT_FILENO;
	t->look.width = terminal__width(t->table);
	t->look.color = terminal__color(t->opt.color, t->table);
	t->look.tracer = t->judge;
}

static int run_all(struct vmtest *t)
{
	bool mutants = about_mutants(&t->opt);

	t->summary = summary__new();
	t->batch = batch__new(t->loop, mutants ? mutants__done : on_outcome,
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
		msg_note("--record and --icount do not read from a terminal; the command's standard input is empty");
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
		msg_error("standard input: more than %llu MiB; --record and --icount keep it in the guest's memory",
			  RECORD_INPUT_MAX >> 20);
	else if (err && err != -EINTR)
		msg_error("standard input: %s", strerror(-err));
	return err;
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
				     t->opt.place ? t->opt.place :
				     places[t->opt.task].dir);
	err = outdir__open(&t->out, out, places[t->opt.task].stem);
	free(out);
	if (!err)
		err = take_input(t);
	if (!err)
		err = scanner__read(&t->scanner, t->paths.top);
	if (!err) {
		err = check_arguments(t);
		t->refused = err;
	}
	return err ? err : read_whole_input(t);
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

static void take_control(struct options *o)
{
	char *target = xasprintf(MUTANTS_TARGET "-%s", o->line);

	strv__add(&o->targets, target);
	free(target);
	if (!o->tests.n)
		strv__add(&o->tests, "stress");
	if (!o->ops)
		o->ops = CONTROL_OPS;
	if (!o->seeds_given)
		o->seed_last = o->seed_first + CONTROL_SEEDS - 1;
	o->widen = !o->no_widen;
}

/* Sets the task's own defaults for options that were not given. */
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
	err = take_kernel(&t->opt);
	if (!err)
		err = take_task(t);
	if (!err) {
		err = pick_targets(t);
		t->refused = err;
	}
	/* From here on signals are events, so no work is left half done. */
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
static void say_status(const struct vmtest *t, int err, int status)
{
	const char *verdict = "no verdict";

	if (!err && about_mutants(&t->opt))
		verdict = status ? "FAIL" : "PASS";
	else if (!err && t->summary)
		verdict = verdict__name(summary__verdict(t->summary));
	if (t->opt.list || t->unread || err == -EPIPE)
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
	msg_verbose = t.opt.verbose;
	err = work(&t);
	status = front->status(&t, err);
	sig = t.stop == SIGPIPE ? 0 : t.stop;
	if (sig)
		msg_note("ended by signal %d (%s)", sig, strsignal(sig));
	else
		say_status(&t, err, status);
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
