// SPDX-License-Identifier: GPL-2.0-only
/* Writes a channel's data to a file, up to the limit, and keeps the first error. */
#include "vmtest/lib/capped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/lib/util.h"

int capped_file__open(struct capped_file *s, const char *dir, const char *name,
	       uint64_t limit)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->limit = limit;
	if (!dir)
		return 0;
	s->path = xasprintf("%s/%s", dir, name);
	/* O_APPEND, as children write to the log as well. */
	s->fd = open(s->path,
		     O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (s->fd < 0)
		s->err = -errno;
	return s->err;
}

int capped_file__write(struct capped_file *s, const void *buf, size_t len)
{
	uint64_t room = s->limit - s->bytes;

	if (s->err || s->fd < 0)
		return s->err;
	if (len > room) {
		s->dropped += len - room;
		len = (size_t)room;
	}
	s->err = write_all(s->fd, buf, len);
	if (!s->err)
		s->bytes += len;
	return s->err;
}

int capped_file__printf(struct capped_file *s, const char *fmt, ...)
{
	auto_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return capped_file__write(s, text, strlen(text));
}

void capped_file__cut(struct capped_file *s, uint64_t n)
{
	if (s->fd < 0 || n > s->bytes)
		return;
	s->bytes -= n;
	if (ftruncate(s->fd, (off_t)s->bytes))
		s->err = s->err ? s->err : -errno;
}

int capped_file__close(struct capped_file *s)
{
	if (s->fd >= 0 && close(s->fd) && !s->err)
		s->err = -errno;
	s->fd = -1;
	free(s->path);
	s->path = NULL;
	return s->err;
}
