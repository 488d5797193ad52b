// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "outfile.h"

/* Devices and fifos cannot be renamed onto. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

static int open_beside(struct outfile *o)
{
	int fd, err;

	if (asprintf(&o->tmp, "%s.XXXXXX", o->path) < 0) {
		o->tmp = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(o->tmp, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		goto fail;
	}
	fchmod(fd, 0644);
	o->f = fdopen(fd, "w");
	if (o->f)
		return 0;
	err = -errno;
	close(fd);
	unlink(o->tmp);
fail:
	free(o->tmp);
	o->tmp = NULL;
	return err;
}

int outfile__open(struct outfile *o, const char *path)
{
	*o = (struct outfile){ .path = path };
	if (!strcmp(path, "-")) {
		o->f = stdout;
		return 0;
	}
	if (!is_special(path))
		return open_beside(o);
	o->f = fopen(path, "we");
	return o->f ? 0 : -errno;
}

static int close_stream(FILE *f)
{
	int err = ferror(f) ? -EIO : 0;

	errno = 0;
	if ((f == stdout ? fflush(f) : fclose(f)) && !err)
		err = errno ? -errno : -EIO;
	return err;
}

int outfile__close(struct outfile *o, int err)
{
	int closed = close_stream(o->f);

	if (!err)
		err = closed;
	if (!o->tmp)
		return err;
	if (!err && rename(o->tmp, o->path))
		err = -errno;
	if (err)
		unlink(o->tmp);
	free(o->tmp);
	o->tmp = NULL;
	return err;
}
