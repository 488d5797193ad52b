// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to a file without a name (O_TMPFILE), or else under a temporary name, and
 * renames the file when all data is written. A file without a name leaves nothing on
 * the disk, however this process ends. A device, a fifo and an open file (/dev/stdout) are
 * written directly, because root may replace even these. A symbolic link stays: its target
 * is replaced.
 */
#include "loader/lib/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"

#define TRIES 100
#define SUFFIX_SIZE sizeof(".123456")

/* Makes the nth temporary name, of the same length as the others. */
static const char *make_name(struct outfile *o, int n)
{
	snprintf(o->tmp + strlen(o->at.name), SUFFIX_SIZE, ".%06x",
		 (unsigned int)(getpid() + n) & 0xffffff);
	return o->tmp;
}

/* Not every file system supports O_TMPFILE. */
static int open_named(struct outfile *o)
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < TRIES; i++) {
		fd = openat(o->at.dir, make_name(o, i),
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

static int open_beside(struct outfile *o)
{
	int fd;

	o->tmp = xmalloc(strlen(o->at.name) + SUFFIX_SIZE);
	strcpy(o->tmp, o->at.name);
	fd = openat(o->at.dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	o->nameless = fd >= 0;
	if (fd < 0)
		fd = open_named(o);
	return fd < 0 ? -errno : fd;
}

/* Gives the file a temporary name, because rename() needs one. */
static int give_name(struct outfile *o)
{
	char self[32];

	if (fflush(o->f))
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fileno(o->f));
	for (int i = 0; i < TRIES; i++) {
		if (!linkat(AT_FDCWD, self, o->at.dir, make_name(o, i),
			    AT_SYMLINK_FOLLOW)) {
			o->nameless = false;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return -errno;
}

static void end(struct outfile *o)
{
	free(o->tmp);
	o->tmp = NULL;
	outpath__free(&o->at);
}

int outfile__open(struct outfile *o, const char *path)
{
	int fd;

	*o = (struct outfile){ .at.dir = -1 };
	if (!strcmp(path, "-")) {
		o->f = stdout;
		return 0;
	}
	fd = outpath__find(&o->at, path);
	if (fd)
		return fd;
	if (o->at.given || outpath__is_special(&o->at))
		fd = outpath__open(&o->at);
	else
		fd = open_beside(o);
	if (fd >= 0)
		o->f = fdopen(fd, "w");
	if (!o->f)
		end(o);
	return o->f ? 0 : fd < 0 ? fd : -ENOMEM;
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
	int closed;

	if (!err && o->nameless)
		err = ferror(o->f) ? -EIO : give_name(o);
	closed = close_stream(o->f);
	if (!err)
		err = closed;
	if (o->tmp && !err && renameat(o->at.dir, o->tmp, o->at.dir, o->at.name))
		err = -errno;
	if (o->tmp && err && !o->nameless)
		unlinkat(o->at.dir, o->tmp, 0);
	end(o);
	return err;
}
