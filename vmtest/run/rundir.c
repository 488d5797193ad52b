// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates, locks, empties, renames and removes the directories of runs. Creates and locks
 * the output directory, which holds them, and removes its previous summary and reports.
 */
#include "vmtest/run/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "vmtest/run/result_files.h"

#define CLASHES_MAX 1000

/* Files of runs. No others are removed, so a wrong --out does no harm. */
static const char *const run_files[] = {
	"cmdline", "seed", "config-hash", "console.log", "kernel.log", "tests.ktap",
	"trace.bin", "verify.json", "verify.txt", "log", "output", "registers",
	"counts", "input", "gdb", "gdbinit",
	"repro.sh", "splat.txt", "faults.json",
	/* Files of a recorded run and of its replay. */
	"console", "result", "trace", "initramfs.cpio", "rr.log", "record.json",
	"replay/console", "replay/result", "replay/trace", "replay/gdb",
	"replay/gdbinit", "replay/log",
	"verify.ktap", "results.ktap", "junit.xml", "results.json",
};

static int empty(struct rundir *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(run_files); i++) {
		if (unlinkat(d->fd, run_files[i], 0) && errno != ENOENT &&
		    errno != ENOTDIR)
			return -errno;
	}
	if (unlinkat(d->fd, "replay", AT_REMOVEDIR) && errno != ENOENT)
		return -errno;
	return 0;
}

static int cannot_use(const char *path, int err)
{
	msg__error("%s: %s; name another directory with --out", path, strerror(-err));
	return err;
}

int rundir__open(struct rundir *d, const char *out, const char *name)
{
	int err = mkdir_p(out);

	*d = (struct rundir){ .fd = -EWOULDBLOCK };
	if (err)
		return cannot_use(out, err);
	for (int i = 1; d->fd == -EWOULDBLOCK && i <= CLASHES_MAX; i++) {
		free(d->path);
		d->path = i == 1 ? xasprintf("%s/%s", out, name) :
				   xasprintf("%s/%s.%d", out, name, i);
		d->fd = dirlock__take(d->path);
	}
	err = d->fd < 0 ? d->fd : empty(d);
	if (err) {
		cannot_use(d->path, err);
		rundir__close(d);
	}
	return err;
}

void rundir__close(struct rundir *d)
{
	if (!d->path)
		return;
	if (d->fd >= 0)
		close(d->fd);
	free(d->path);
	memset(d, 0, sizeof(*d));
	d->fd = -1;
}

int rundir__rename(const char *path, const char *to)
{
	struct rundir old = { .fd = dirlock__take(to) };
	int err = old.fd < 0 ? old.fd : empty(&old);

	/* rename() replaces an empty directory. */
	if (!err && rename(path, to))
		err = -errno;
	if (old.fd >= 0)
		close(old.fd);
	return err;
}

void rundir__remove(struct rundir *d)
{
	if (!d->path)
		return;
	empty(d);
	rmdir(d->path);
	rundir__close(d);
}

static int give_up(struct outdir *d, int err)
{
	cannot_use(d->path, err);
	outdir__close(d);
	return err;
}

int outdir__open(struct outdir *d, const char *path, const char *stem)
{
	int err = mkdir_p(path);

	*d = (struct outdir){ .fd = -1, .path = xstrdup(path) };
	if (err)
		return give_up(d, err);
	if (access(path, W_OK | X_OK))
		return give_up(d, -errno);
	d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0)
		return give_up(d, -errno);
	if (flock(d->fd, LOCK_EX | LOCK_NB)) {
		d->suffix = xasprintf("-%d", (int)getpid());
		d->summary = xasprintf("%s/%s%s.json", path, stem, d->suffix);
		msg__note("another vmtest is running in %s; the summary of this one is %s",
			 path, d->summary);
		return 0;
	}
	d->suffix = xstrdup("");
	d->summary = xasprintf("%s/%s.json", path, stem);
	if (unlink(d->summary) && errno != ENOENT)
		return give_up(d, -errno);
	err = result_files__remove(path, d->suffix);
	return err ? give_up(d, err) : 0;
}

void outdir__close(struct outdir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->summary);
	free(d->suffix);
	free(d->path);
	memset(d, 0, sizeof(*d));
	d->fd = -1;
}
