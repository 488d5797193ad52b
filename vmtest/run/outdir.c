// SPDX-License-Identifier: GPL-2.0-only
/* Locks the output directory and removes the previous summary and reports. */
#include "vmtest/run/outdir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "vmtest/run/result_files.h"

static int give_up(struct outdir *d, int err)
{
	msg__error("%s: %s; name another directory with --out", d->path,
		  strerror(-err));
	outdir__close(d);
	return err;
}

int outdir__open(struct outdir *d, const char *path, const char *stem)
{
	int err;

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	d->path = xstrdup(path);
	err = mkdir_p(path);
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
