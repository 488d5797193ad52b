// SPDX-License-Identifier: GPL-2.0-only
/* See rundir.h. */
#include "rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define CLASHES_MAX 1000

/* Only what a run writes is ever removed: a wrong --out costs nothing. */
static const char *const names[] = {
	"cmdline", "seed", "config-hash", "console.log", "tests.ktap",
	"trace.bin", "verify.json", "verify.txt", "log", "output", "registers",
	"counts",
	"repro.sh", "splat.txt",
	/* Of a recorded run. */
	"console", "result", "trace", "initramfs.cpio", "rr.log", "record.json",
	"replay/console", "replay/result", "replay/trace", "replay/gdb",
	"replay/gdbinit", "replay/log",
	"verify.ktap", "results.ktap", "junit.xml", "results.json",
};

/* 1 if it is ours now, 0 if another holds it, -errno. */
static int lock_dir(struct rundir *d)
{
	struct stat a, b;

	for (;;) {
		if (mkdir(d->path, 0777) && errno != EEXIST)
			return -errno;
		d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (d->fd < 0)
			return -errno;
		if (flock(d->fd, LOCK_EX | LOCK_NB)) {
			int err = errno;

			close(d->fd);
			return err == EWOULDBLOCK ? 0 : -err;
		}
		/* Its last holder may have removed it meanwhile. */
		if (!fstat(d->fd, &a) && !stat(d->path, &b) &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return 1;
		close(d->fd);
	}
}

static int empty(struct rundir *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (unlinkat(d->fd, names[i], 0) && errno != ENOENT &&
		    errno != ENOTDIR)
			return -errno;
	}
	if (unlinkat(d->fd, "replay", AT_REMOVEDIR) && errno != ENOENT)
		return -errno;
	return 0;
}

int rundir__open(struct rundir *d, const char *out, const char *name)
{
	int ret = 0, err;

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	err = mkdir_p(out);
	if (err) {
		msg_error("%s: %s; name another directory with --out", out,
			  strerror(-err));
		return err;
	}
	for (int i = 1; !ret && i <= CLASHES_MAX; i++) {
		free(d->path);
		d->path = i == 1 ? xasprintf("%s/%s", out, name) :
				   xasprintf("%s/%s.%d", out, name, i);
		ret = lock_dir(d);
	}
	if (!ret)
		ret = -EBUSY;
	if (ret > 0) {
		ret = empty(d);
		if (ret) {
			close(d->fd);
			d->fd = -1;
		}
	}
	if (ret < 0) {
		msg_error("%s: %s; name another directory with --out", d->path,
			  strerror(-ret));
		free(d->path);
		d->path = NULL;
		return ret;
	}
	return 0;
}

void rundir__close(struct rundir *d)
{
	if (!d->path)
		return;
	close(d->fd);
	free(d->path);
	memset(d, 0, sizeof(*d));
	d->fd = -1;
}

void rundir__remove(struct rundir *d)
{
	if (!d->path)
		return;
	empty(d);
	rmdir(d->path);
	rundir__close(d);
}
