// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts QEMU with a booting or a resumed guest, and saves guests.
 *
 * The first run with given inputs boots its guest and saves a snapshot of the
 * guest when the guest waits for its job. All runs with these inputs, the first
 * one included, then resume the snapshot in a new QEMU. All runs thus begin
 * alike, and a kernel that does not boot fails as a run. If saving or resuming
 * fails, the snapshot is dropped and the guest boots.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "vmtest/run/job.h"
#include "vmtest/run/recording.h"
#include "vmtest/run/state.h"
#include "vmtest/triage/gdbinit.h"

/* After this many launches, a run boots its guest without any snapshot. */
#define LAUNCHES_MAX 4

static const char *const kept_names[CHANNEL_NR] = {
	[CHANNEL_CONSOLE] = "console", [CHANNEL_RESULT] = "result",
};

static int write_small(struct run *r, const char *name, const char *fmt, ...)
	__printf(3, 4);

static int write_small(struct run *r, const char *name, const char *fmt, ...)
{
	char *path = xasprintf("%s/%s", r->dir.path, name), *text;
	va_list ap;
	int err = -ENOMEM;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0) {
		err = write_file_atomic(path, text, strlen(text));
		free(text);
	}
	va_end(ap);
	if (err)
		live__fail(r, path, err);
	free(path);
	return err;
}

static int write_facts(struct run *r)
{
	uint64_t config = 0;
	char *cmdline, *text;
	int err;

	if (!r->dir.path)
		return 0;
	cmdline = strv__quote(&r->qemu.argv);
	err = write_small(r, "cmdline", "%s\n", cmdline);
	free(cmdline);
	if (err || r->launches > 1)
		return err;
	err = write_small(r, "seed", "%llu\n", (unsigned long long)r->spec.seed);
	if (!err && r->spec.image->config &&
	    !read_file(r->spec.image->config, &text, NULL)) {
		config = hash_str(HASH_INIT, text);
		free(text);
		err = write_small(r, "config-hash", "%016llx\n",
				  (unsigned long long)config);
	}
	return err;
}

struct qemu_spec run_spec__qemu(const struct run_spec *s)
{
	return (struct qemu_spec){
		.program = s->program,
		.image = s->image,
		.initramfs = s->initramfs,
		.accel = s->accel,
		.cpus = s->cpus,
		.tcg = s->tcg,
		.tsc_khz = s->tsc_khz,
		.append = s->append,
		.icount = s->icount,
		.icount_shift = s->icount_shift,
		.mib = s->mib,
		.seed = s->seed,
		.log_fd = -1,
	};
}

static struct qemu_spec qemu_of(const struct run *r)
{
	struct qemu_spec spec = run_spec__qemu(&r->spec);

	spec.dir = r->dir.path;
	spec.log_fd = r->log.fd;
	return spec;
}

static void look_for_saved(struct run *r)
{
	struct qemu_spec qs = qemu_of(r);
	char *machine, *settings, *inputs;

	if (!r->spec.snapshots || r->spec.snapshots->off || r->spec.boot_only ||
	    r->launches >= LAUNCHES_MAX)
		return;
	machine = qemu__inputs(&qs);
	settings = job__settings(&r->spec);
	inputs = xasprintf("%s\n%s\n", machine, settings);
	r->use = snapshot__open(&r->snapshot, r->spec.snapshots->cache, inputs,
				qemu__mib(&qs));
	free(inputs);
	free(settings);
	free(machine);
}

static void keep(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		if (kept_names[i])
			r->kept[i] = open_memstream(&r->kept_text[i],
						    &r->kept_len[i]);
	}
}

static void keep_no_more(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		if (r->kept[i])
			fclose(r->kept[i]);
		free(r->kept_text[i]);
		r->kept[i] = NULL;
		r->kept_text[i] = NULL;
	}
}

/* The guest's output from before the save is part of this run, too. */
static int say_again(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		char *text;
		size_t len;
		int err;

		if (!kept_names[i])
			continue;
		err = snapshot__get(&r->snapshot, kept_names[i], &text, &len);
		if (err)
			return err;
		live__feed(r, (enum channel)i, text, len);
		free(text);
	}
	return 0;
}

static void on_resumed(void *ctx, const char *why)
{
	struct run *r = ctx;

	/* Success is not recorded here: the guest itself reports that it runs. */
	if (!why || r->state != WAKE)
		return;
	live__not_saved(r, xasprintf("the saved guest cannot be resumed: %s",
				     why));
}

/* Sends the job first, so that the resumed guest finds it. */
static void wake(struct run *r)
{
	live__enter(r, WAKE);
	live__tell(r, job__text(&r->spec));
	migrate__resume(&r->migrate, &r->qmp, r->snapshot.state, on_resumed, r);
}

static int start_qemu(struct run *r)
{
	struct qemu_spec qs = qemu_of(r);
	int err;

	r->launches++;
	r->saved = false;
	if (r->spec.icount) {
		err = record__pack(&r->spec, r->dir.path);
		if (err) {
			live__fail(r, ICOUNT_INITRAMFS, err);
			return err;
		}
	}
	qs.ram = r->use == SNAPSHOT_NONE ? NULL : r->snapshot.ram;
	qs.incoming = r->use == SNAPSHOT_USE;
	if (r->spec.debugger) {
		qs.gdb = debugging__listen(r);
		if (qs.gdb < 0) {
			live__fail(r, GDB_SOCKET, qs.gdb);
			return qs.gdb;
		}
	}
	err = qemu__start(&r->qemu, &qs);
	if (qs.gdb)
		close(qs.gdb);
	if (err)
		return err;
	qmp__init(&r->qmp, r->qemu.fd[CHANNEL_QMP]);
	r->lines.max = RESULT_LINE_MAX;
	if (r->spec.icount)
		icount_qmp__start(&r->count, &r->qmp);
	err = live__watch(r);
	if (err)
		msg_error("epoll: %s", strerror(-err));
	else
		err = write_facts(r);
	return err;
}

int launch__start(struct run *r)
{
	int err;

	look_for_saved(r);
	err = start_qemu(r);
	if (err)
		return err;
	sink__printf(&r->log, "vmtest: started QEMU after %.3f s\n",
		     now_s() - r->spec.asked);
	if (r->use == SNAPSHOT_MAKE)
		keep(r);
	if (r->use == SNAPSHOT_USE) {
		wake(r);
		/* launch__again() drops a snapshot that cannot be read. */
		if (say_again(r))
			live__kill(r);
	} else {
		live__enter(r, BOOT);
	}
	return 0;
}

static void on_saved(void *ctx, const char *why)
{
	struct run *r = ctx;

	if (r->state != SAVE)
		return;
	r->saved = !why;
	if (why)
		live__not_saved(r, xasprintf("the guest was not saved: %s",
					     why));
	else
		sink__printf(&r->log, "vmtest: the guest was saved\n");
}

void launch__ready(struct run *r)
{
	if (r->use == SNAPSHOT_MAKE) {
		live__enter(r, SAVE);
		migrate__save(&r->migrate, &r->qmp, r->snapshot.state, on_saved,
			      r);
		return;
	}
	if (r->spec.debugger) {
		debugging__begin(r);
		return;
	}
	live__enter(r, WORK);
	live__tell(r, job__text(&r->spec));
}

/* Drops the snapshot and resets the run for another boot. */
static void start_over(struct run *r)
{
	snapshot__drop(&r->snapshot);
	r->use = SNAPSHOT_NONE;
	keep_no_more(r);
	sink__cut(&r->console_log, r->console_log.bytes);
	result__free(&r->result);
	console__forget(&r->console);
	findings__free(&r->out.findings);
	r->out.booted = false;
	r->progress = now_s();
}

static void give_up_saving(struct run *r)
{
	if (r->spec.snapshots->off)
		return;
	r->spec.snapshots->off = true;
	if (r->unsaved)
		msg_note("guests cannot be saved and resumed here (%s); each boots, as with --no-snapshot",
			 r->unsaved);
	else
		msg_note("guests cannot be saved and resumed here (QEMU ended with %s); each boots, as with --no-snapshot",
			 r->how);
}

/* Returns 0 if the snapshot is now available to all runs. */
static int publish(struct run *r)
{
	int err = 0;

	for (int i = 0; !err && i < CHANNEL_NR; i++) {
		if (!r->kept[i])
			continue;
		fflush(r->kept[i]);
		err = snapshot__put(&r->snapshot, kept_names[i],
				    r->kept_text[i], r->kept_len[i]);
	}
	keep_no_more(r);
	if (!err)
		err = snapshot__publish(&r->snapshot);
	if (err)
		sink__printf(&r->log, "vmtest: the saved guest cannot be kept: %s\n",
			     strerror(-err));
	return err;
}

static void forget_qemu(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++)
		loop__del(r->loop, &r->channel[i]);
	port_input__stop(r);
	lines__free(&r->lines);
	migrate__free(&r->migrate);
	qmp__free(&r->qmp);
	qemu__free(&r->qemu);
}

/* Resumes the guest that this run has saved. */
static int go_on(struct run *r)
{
	int err;

	r->use = SNAPSHOT_USE;
	err = start_qemu(r);
	if (!err)
		wake(r);
	return err;
}

bool launch__again(struct run *r, enum state was)
{
	bool woke = was != WAKE || r->out.resumed, saving = was == SAVE;
	bool no_room = r->use == SNAPSHOT_MAKE && r->bus_error;
	int err;

	if (r->err || (woke && !saving && !no_room))
		return false;
	sink__printf(&r->log, "vmtest: QEMU ended with %s\n", r->how);
	forget_qemu(r);
	if (r->saved && !publish(r)) {
		err = go_on(r);
	} else {
		if (r->launches > 1 || saving || no_room)
			give_up_saving(r);
		free(r->unsaved);
		r->unsaved = NULL;
		start_over(r);
		err = launch__start(r);
	}
	if (err)
		live__fail(r, "QEMU", err);
	return !err;
}

void launch__free(struct run *r)
{
	free(r->unsaved);
	keep_no_more(r);
	migrate__free(&r->migrate);
	qmp__free(&r->qmp);
	snapshot__close(&r->snapshot);
}
