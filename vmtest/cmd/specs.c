// SPDX-License-Identifier: GPL-2.0-only
/* The specs of runs, from the options and from what this host can do. */
#include "vmtest/cmd/state.h"

#include "vmtest/host/accel.h"
#include "vmtest/host/host.h"
#include "vmtest/wire/protocol.h"

#define LIMIT_KVM_S 30.0
#define TCG_FACTOR 4.0

/* Limit without --jobs; the guests take at most 1/GUESTS_SHARE of free memory. */
#define JOBS_DEFAULT_MAX 8
#define GUESTS_SHARE 2

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

void specs__fill(struct vmtest *t, const struct job *job, struct run_spec *s)
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
	specs__fill(t, &t->jobs[0], spec);
	spec->input = NULL;
	spec->shell = NULL;
	spec->debugger = NULL;
}

void specs__find_accel(struct vmtest *t)
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

bool specs__command_prints(const struct options *o)
{
	return o->cmd.n && !o->ktap;
}

/*
 * By default, as many guests run at once as the host has room for, but one at a time
 * for commands, whose output would mix, and for a search for the first failing seed.
 */
uint64_t specs__guests_at_once(struct vmtest *t)
{
	uint64_t most = JOBS_DEFAULT_MAX, room;
	struct run_spec spec;
	struct qemu_spec guest;

	if (t->opt.jobs)
		return t->opt.jobs;
	if (specs__command_prints(&t->opt) || t->opt.until_fail)
		return 1;
	fill_probe(t, &spec);
	guest = run_spec__qemu(&spec);
	room = host__cpus() / qemu__threads(&guest);
	most = room < most ? room : most;
	room = host__free_mib() / (GUESTS_SHARE * qemu__mib(&guest));
	most = room < most ? room : most;
	return most ? most : 1;
}
