// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to a file without a name (O_TMPFILE), or else under a temporary name, and
 * renames the file when all data is written. A file without a name leaves nothing on
 * the disk, however this process ends. A device, a fifo and a symbolic link are written
 * directly, because a rename would replace them: /dev/stdout is a link, and root may
 * replace it.
 */
#include "loader/lib/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"

static bool is_special(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && !S_ISREG(st.st_mode);
}

static int open_nameless(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);

	free(copy);
	return fd;
}

static int open_beside(struct outfile *o)
{
	int fd, err;

	o->tmp = xasprintf("%s.XXXXXX", o->path);
	fd = open_nameless(o->path);
	o->nameless = fd >= 0;
	/* Not every file system supports O_TMPFILE. */
	if (fd < 0)
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
	if (!o->nameless)
		unlink(o->tmp);
fail:
	free(o->tmp);
	o->tmp = NULL;
	return err;
}

/* Gives the file a temporary name, because rename() needs one. */
static int give_name(struct outfile *o)
{
	char self[32];

	if (fflush(o->f))
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fileno(o->f));
	for (int i = 0; i < 100; i++) {
		snprintf(o->tmp + strlen(o->path), 8, ".%06x",
			 (unsigned int)(getpid() + i) & 0xffffff);
		if (!linkat(AT_FDCWD, self, AT_FDCWD, o->tmp,
			    AT_SYMLINK_FOLLOW)) {
			o->nameless = false;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return -errno;
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
	int closed;

	if (!err && o->nameless)
		err = ferror(o->f) ? -EIO : give_name(o);
	closed = close_stream(o->f);
	if (!err)
		err = closed;
	if (!o->tmp)
		return err;
	if (!err && rename(o->tmp, o->path))
		err = -errno;
	if (err && !o->nameless)
		unlink(o->tmp);
	free(o->tmp);
	o->tmp = NULL;
	return err;
}
