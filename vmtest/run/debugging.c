// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest boots, attaches every observer, and waits for its job. At this point
 * QEMU stops the guest, and the runner sends the job, which begins when gdb
 * continues.
 */
#include "vmtest/run/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/run/job.h"
#include "vmtest/triage/gdbinit.h"
#include "vmtest/vm/debugger.h"

/* Binds via /proc/self/fd, as the directory's path may be too long for a socket. */
int debugging__listen(const struct run *r)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	/* An earlier QEMU that did not boot its guest may have left a socket. */
	unlinkat(r->files.dir.fd, GDB_SOCKET, 0);
	snprintf(name.sun_path, sizeof(name.sun_path),
		 "/proc/self/fd/%d/" GDB_SOCKET, r->files.dir.fd);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) || listen(fd, 1))
		err = -errno;
	if (err)
		close(fd);
	return err ?: fd;
}

static void on_gdb_ended(void *ctx)
{
	struct run *r = ctx;
	struct debugging *d = &r->debugging;
	int status = debugger__reap(d->gdb, false);

	d->gdb = 0;
	loop__close(r->loop, &d->end);
	if (status)
		msg__note("gdb ended with %s %d", WIFSIGNALED(status) ?
			 "signal" : "exit status", WIFSIGNALED(status) ?
			 WTERMSIG(status) : WEXITSTATUS(status));
	if (d->held)
		r->qemu_ended(r);
	else if (r->clock.stopped_at && !r->vm.qmp.asked)
		qmp__ask(&r->vm.qmp, QMP_EXECUTE("cont"));
}

static void print_command(const struct run *r)
{
	auto_free char *dir = shell_quote(r->files.dir.path);

	msg__note("the guest is stopped before its job begins; in another terminal: gdb -nx -q -x %s/" GDB_INIT ", and there: continue",
		 dir);
}

static void start_gdb(struct run *r)
{
	const struct debugger *dbg = r->spec.debugger;
	const struct gdb_guest guest = { .kernel = r->spec.image->path };
	auto_free char *init = xasprintf("%s/" GDB_INIT, r->files.dir.path);
	int err = gdbinit__write(&guest, r->files.dir.path);
	pid_t pid = 0;

	if (!err && (dbg->script || dbg->terminal))
		pid = debugger__start(init, dbg->script);
	if (err) {
		run__fail(r, GDB_INIT, err);
	} else if (pid > 0) {
		r->debugging.gdb = pid;
		err = loop__add_child(r->loop, &r->debugging.end, pid, on_gdb_ended, r);
		if (err)
			run__fail(r, "gdb", err);
	} else if (dbg->script) {
		run__fail(r, "gdb", pid);
	} else {
		print_command(r);
	}
}

static void on_reply(void *ctx, const json_t *ret, const char *error)
{
	struct run *r = ctx;

	(void)ret;
	if (error)
		run__log(r, "QEMU: %s", error);
	if (!r->debugging.asked)
		return;
	r->debugging.asked = false;
	run__enter(r, RUN_WORK);
	run__send(r, job__text(&r->spec));
	start_gdb(r);
}

static void on_event(void *ctx, const char *name, const json_t *data)
{
	(void)data;
	if (!strcmp(name, "STOP"))
		run__set_stopped(ctx, true);
	else if (!strcmp(name, "RESUME"))
		run__set_stopped(ctx, false);
}

void debugging__begin(struct run *r)
{
	r->debugging.asked = true;
	qmp__listen(&r->vm.qmp, on_reply, on_event, r);
	qmp__ask(&r->vm.qmp, QMP_EXECUTE("stop"));
}

bool debugging__hold(struct run *r)
{
	r->debugging.held = r->debugging.gdb > 0;
	return r->debugging.held;
}

void debugging__end(struct run *r)
{
	struct debugging *d = &r->debugging;

	if (d->gdb > 0) {
		loop__close(r->loop, &d->end);
		debugger__reap(d->gdb, true);
		d->gdb = 0;
	}
	if (!r->spec.debugger || !r->files.dir.path)
		return;
	unlinkat(r->files.dir.fd, GDB_SOCKET, 0);
	unlinkat(r->files.dir.fd, GDB_INIT, 0);
}
