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
#include "vmtest/run/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "vmtest/run/job.h"
#include "vmtest/run/recording.h"
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
	auto_free char *path = xasprintf("%s/%s", r->files.dir.path, name), *text = NULL;
	va_list ap;
	int err;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	err = write_file_atomic(path, text, strlen(text));
	if (err)
		run__fail(r, path, err);
	return err;
}

static int write_facts(struct run *r)
{
	uint64_t config = 0;
	auto_free char *cmdline = NULL, *text = NULL;
	int err;

	if (!r->files.dir.path)
		return 0;
	cmdline = strv__quote(&r->vm.qemu.argv);
	err = write_small(r, "cmdline", "%s\n", cmdline);
	if (err || r->launch.launches > 1)
		return err;
	err = write_small(r, "seed", "%llu\n", (unsigned long long)r->spec.seed);
	if (!err && r->spec.image->config &&
	    !read_file(r->spec.image->config, &text, NULL)) {
		config = hash_str(HASH_INIT, text);
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

	spec.dir = r->files.dir.path;
	return spec;
}

static void look_for_saved(struct run *r)
{
	struct qemu_spec qs = qemu_of(r);
	auto_free char *machine = NULL, *settings = NULL, *inputs = NULL;

	if (!r->spec.snapshots || r->spec.snapshots->off || r->spec.boot_only ||
	    r->launch.launches >= LAUNCHES_MAX)
		return;
	machine = qemu__inputs(&qs);
	settings = job__settings(&r->spec);
	inputs = xasprintf("%s\n%s\n", machine, settings);
	r->launch.use = snapshot__open(&r->launch.snapshot, r->spec.snapshots->cache, inputs,
				qemu__mib(&qs));
}

static void keep(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		if (kept_names[i])
			r->launch.kept[i] = xmemstream(&r->launch.kept_text[i],
							&r->launch.kept_len[i]);
	}
}

static void keep_no_more(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		if (r->launch.kept[i])
			fclose(r->launch.kept[i]);
		free(r->launch.kept_text[i]);
		r->launch.kept[i] = NULL;
		r->launch.kept_text[i] = NULL;
	}
}

void launch__not_saved(struct run *r, const char *fmt, ...)
{
	va_list ap;

	free(r->launch.unsaved);
	va_start(ap, fmt);
	r->launch.unsaved = xvasprintf(fmt, ap);
	va_end(ap);
	run__log(r, "%s", r->launch.unsaved);
	run__kill(r);
}

static void on_resumed(void *ctx, const char *why)
{
	struct run *r = ctx;

	/* Success is not recorded here: the guest itself reports that it runs. */
	if (why && r->state == RUN_WAKE)
		launch__not_saved(r, "the saved guest cannot be resumed: %s", why);
}

/* Sends the job first, so that the resumed guest finds it. */
static void wake(struct run *r)
{
	free(r->out.saved);
	r->out.saved = xstrdup(r->launch.snapshot.dir);
	run__enter(r, RUN_WAKE);
	run__send(r, job__text(&r->spec));
	migrate__resume(&r->launch.migrate, &r->vm.qmp, r->launch.snapshot.state, on_resumed, r);
}

static void on_event(void *ctx, const char *name, const json_t *data)
{
	struct run *r = ctx;
	const char *reason = json_string_value(json_object_get(data, "reason"));

	if (!strcmp(name, "SHUTDOWN") && reason)
		snprintf(r->vm.shutdown, sizeof(r->vm.shutdown), "%s", reason);
}

static int start_qemu(struct run *r)
{
	struct qemu_spec qs = qemu_of(r);
	int err;

	r->launch.launches++;
	r->launch.saved = false;
	if (r->spec.icount) {
		err = recording__pack(&r->spec, r->files.dir.path);
		if (err) {
			run__fail(r, ICOUNT_INITRAMFS, err);
			return err;
		}
	}
	qs.ram = r->launch.use == SNAPSHOT_NONE ? NULL : r->launch.snapshot.ram;
	qs.incoming = r->launch.use == SNAPSHOT_USE;
	if (r->spec.debugger) {
		qs.gdb = debugging__listen(r);
		if (qs.gdb < 0) {
			run__fail(r, GDB_SOCKET, qs.gdb);
			return qs.gdb;
		}
	}
	qs.log_fd = qemu_errors__open(r);
	err = qemu__start(&r->vm.qemu, &qs);
	if (qs.log_fd >= 0)
		close(qs.log_fd);
	if (qs.gdb)
		close(qs.gdb);
	if (err)
		return err;
	qmp__init(&r->vm.qmp, r->vm.qemu.fd[CHANNEL_QMP]);
	r->ports.lines.max = RESULT_LINE_MAX;
	*r->vm.shutdown = '\0';
	r->clock.waited = r->clock.waited_before = 0;
	if (r->spec.icount)
		icount_qmp__start(&r->vm.count, &r->vm.qmp);
	qmp__watch(&r->vm.qmp, on_event, r);
	return write_facts(r);
}

int launch__start(struct run *r)
{
	int err;

	look_for_saved(r);
	err = start_qemu(r);
	if (err)
		return err;
	run__log(r, "started QEMU after %.3f s", now_s() - r->spec.asked);
	if (r->launch.use == SNAPSHOT_MAKE)
		keep(r);
	r->launch.of_another = r->launch.use == SNAPSHOT_USE;
	if (r->launch.use == SNAPSHOT_USE)
		wake(r);
	else
		run__enter(r, RUN_BOOT);
	return 0;
}

int launch__output(const struct run *r, enum channel ch, char **text, size_t *len)
{
	*text = NULL;
	if (!r->launch.of_another || !kept_names[ch])
		return 0;
	return snapshot__get(&r->launch.snapshot, kept_names[ch], text, len);
}

static void on_saved(void *ctx, const char *why)
{
	struct run *r = ctx;

	if (r->state != RUN_SAVE)
		return;
	r->launch.saved = !why;
	if (why)
		launch__not_saved(r, "the guest was not saved: %s", why);
	else
		run__log(r, "the guest was saved");
}

void launch__ready(struct run *r)
{
	if (r->launch.use == SNAPSHOT_MAKE) {
		run__enter(r, RUN_SAVE);
		migrate__save(&r->launch.migrate, &r->vm.qmp, r->launch.snapshot.state, on_saved,
			      r);
		return;
	}
	if (r->spec.debugger) {
		debugging__begin(r);
		return;
	}
	run__enter(r, RUN_WORK);
	run__send(r, job__text(&r->spec));
}

/* Drops the snapshot and resets the run for another boot. */
static void start_over(struct run *r)
{
	snapshot__drop(&r->launch.snapshot);
	r->launch.use = SNAPSHOT_NONE;
	keep_no_more(r);
	capped_file__cut(&r->files.console_log, r->files.console_log.bytes);
	capped_file__cut(&r->files.kernel_log, r->files.kernel_log.bytes);
	result_port__free(&r->seen.result);
	console__forget(&r->seen.console);
	console__forget(&r->seen.logged);
	kernel_log__free(&r->seen.log);
	findings__free(&r->out.findings);
	r->out.booted = false;
	r->clock.progress = now_s();
}

static void give_up_saving(struct run *r)
{
	if (r->spec.snapshots->off)
		return;
	r->spec.snapshots->off = true;
	if (r->launch.unsaved)
		msg__note("guests cannot be saved and resumed here (%s); each boots, as with --no-snapshot",
			 r->launch.unsaved);
	else
		msg__note("guests cannot be saved and resumed here (QEMU ended with %s); each boots, as with --no-snapshot",
			 r->vm.how);
}

/* Returns 0 if the snapshot is now available to all runs. */
static int publish(struct run *r)
{
	int err = 0;

	for (int i = 0; !err && i < CHANNEL_NR; i++) {
		if (!r->launch.kept[i])
			continue;
		fflush(r->launch.kept[i]);
		err = snapshot__put(&r->launch.snapshot, kept_names[i],
				    r->launch.kept_text[i], r->launch.kept_len[i]);
	}
	keep_no_more(r);
	if (!err)
		err = snapshot__publish(&r->launch.snapshot);
	if (err)
		run__log(r, "the saved guest cannot be kept: %s", strerror(-err));
	return err;
}

static void forget_qemu(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++)
		loop__del(r->loop, &r->ports.channel[i]);
	qemu_errors__drain(r);
	port_input__stop(&r->input);
	lines__free(&r->ports.lines);
	migrate__free(&r->launch.migrate);
	qmp__free(&r->vm.qmp);
	qemu__free(&r->vm.qemu);
}

/* Resumes the guest that this run has saved. */
static int resume_own(struct run *r)
{
	int err;

	r->launch.use = SNAPSHOT_USE;
	r->launch.of_another = false;
	err = start_qemu(r);
	if (!err)
		wake(r);
	return err;
}

bool launch__relaunch(struct run *r, enum run_state was)
{
	bool woke = was != RUN_WAKE || r->out.resumed, saving = was == RUN_SAVE;
	bool no_room = r->launch.use == SNAPSHOT_MAKE && r->launch.bus_error;
	int err;

	if (r->err || (woke && !saving && !no_room))
		return false;
	run__log(r, "QEMU ended with %s", r->vm.how);
	forget_qemu(r);
	if (r->launch.saved && !publish(r)) {
		err = resume_own(r);
	} else {
		if (r->launch.launches > 1 || saving || no_room)
			give_up_saving(r);
		free(r->launch.unsaved);
		r->launch.unsaved = NULL;
		start_over(r);
		err = launch__start(r);
	}
	if (err)
		run__fail(r, "QEMU", err);
	return !err;
}

void launch__free(struct run *r)
{
	free(r->launch.unsaved);
	keep_no_more(r);
	migrate__free(&r->launch.migrate);
	qmp__free(&r->vm.qmp);
	snapshot__close(&r->launch.snapshot);
}
