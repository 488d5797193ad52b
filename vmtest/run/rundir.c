// SPDX-License-Identifier: GPL-2.0-only
/* Creates, locks, empties and removes the directories of runs. */
#include "vmtest/run/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/lib/dirlock.h"
#include "vmtest/lib/util.h"

#define CLASHES_MAX 1000

/* No other files are ever removed, so a wrong --out does no harm. */
static const char *const names[] = {
	"cmdline", "seed", "config-hash", "console.log", "tests.ktap",
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
	int ret = -EWOULDBLOCK, err;

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	err = mkdir_p(out);
	if (err) {
		msg__error("%s: %s; name another directory with --out", out,
			  strerror(-err));
		return err;
	}
	for (int i = 1; ret == -EWOULDBLOCK && i <= CLASHES_MAX; i++) {
		free(d->path);
		d->path = i == 1 ? xasprintf("%s/%s", out, name) :
				   xasprintf("%s/%s.%d", out, name, i);
		ret = dirlock__take(d->path);
	}
	if (ret >= 0) {
		d->fd = ret;
		ret = empty(d);
		if (ret) {
			close(d->fd);
			d->fd = -1;
		}
	}
	if (ret < 0) {
		msg__error("%s: %s; name another directory with --out", d->path,
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
