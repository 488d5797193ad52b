// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the "newc" format. The caller has to add parent directories first: the
 * kernel's unpacker silently drops a file whose directory does not exist yet.
 */
#include "vmtest/image/cpio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/lib/util.h"

#define TRAILER "TRAILER!!!"
#define COPY_SIZE (256 * 1024)

struct cpio {
	FILE *out;
	uint32_t ino;
	uint64_t at;
	int err;
};

struct cpio *cpio__new(FILE *out)
{
	struct cpio *c = xcalloc(1, sizeof(*c));

	c->out = out;
	return c;
}

static int put(struct cpio *c, const void *buf, size_t len)
{
	if (!c->err && len && fwrite(buf, 1, len, c->out) != len)
		c->err = errno ? -errno : -EIO;
	c->at += len;
	return c->err;
}

/* Writes zeros up to a multiple of @to, which is at most CPIO_ALIGN. */
static int pad(struct cpio *c, size_t to)
{
	static const char zeros[CPIO_ALIGN];

	return put(c, zeros, (to - c->at % to) % to);
}

static int pad4(struct cpio *c)
{
	return pad(c, 4);
}

static int header(struct cpio *c, const char *name, mode_t mode, uint64_t size,
		  unsigned int maj, unsigned int min)
{
	char h[128];

	if (size > UINT32_MAX)
		return c->err = -EFBIG;
	while (*name == '/')
		name++;
	/* magic ino mode uid gid nlink mtime size dev{maj,min} rdev{..} name chk */
	snprintf(h, sizeof(h),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 ++c->ino, mode, 0, 0, S_ISDIR(mode) ? 2 : 1, 0,
		 (unsigned int)size, 0, 0, maj, min,
		 (unsigned int)strlen(name) + 1, 0);
	put(c, h, strlen(h));
	put(c, name, strlen(name) + 1);
	return pad4(c);
}

int cpio__dir(struct cpio *c, const char *name, mode_t perm)
{
	return header(c, name, S_IFDIR | perm, 0, 0, 0);
}

int cpio__node(struct cpio *c, const char *name, mode_t mode, unsigned int maj,
	       unsigned int min)
{
	return header(c, name, mode, 0, maj, min);
}

static int whole(struct cpio *c, const char *name, mode_t mode,
		 const void *data, size_t len)
{
	header(c, name, mode, len, 0, 0);
	put(c, data, len);
	return pad4(c);
}

int cpio__link(struct cpio *c, const char *name, const char *target)
{
	return whole(c, name, S_IFLNK | 0777, target, strlen(target));
}

int cpio__data(struct cpio *c, const char *name, mode_t perm, const void *data,
	       size_t len)
{
	return whole(c, name, S_IFREG | perm, data, len);
}

static int copy(struct cpio *c, int fd, uint64_t size)
{
	auto_free char *buf = xcalloc(1, COPY_SIZE);

	while (size && !c->err) {
		size_t want = size < COPY_SIZE ? (size_t)size : COPY_SIZE;
		ssize_t n = read(fd, buf, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			/* A file that shrank does not match its header. */
			c->err = n ? -errno : -ESTALE;
			break;
		}
		put(c, buf, (size_t)n);
		size -= (uint64_t)n;
	}
	return c->err;
}

int cpio__file(struct cpio *c, const char *name, const char *path)
{
	struct stat st;
	int fd;

	if (c->err)
		return c->err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return c->err = -errno;
	if (fstat(fd, &st))
		c->err = -errno;
	else if (!S_ISREG(st.st_mode))
		c->err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (!c->err) {
		header(c, name, S_IFREG | (st.st_mode & 0755) | 0400,
		       (uint64_t)st.st_size, 0, 0);
		copy(c, fd, (uint64_t)st.st_size);
		pad4(c);
	}
	close(fd);
	return c->err;
}

int cpio__finish(struct cpio *c)
{
	int err;

	header(c, TRAILER, 0, 0, 0, 0);
	pad(c, CPIO_ALIGN);
	if (!c->err && fflush(c->out))
		c->err = -errno;
	err = c->err;
	free(c);
	return err;
}
