// SPDX-License-Identifier: GPL-2.0-only
/* Writes a channel's data to a file, up to the limit, and keeps the first error. */
#include "vmtest/lib/capped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/lib/util.h"

int capped_file__open(struct capped_file *s, const char *dir, const char *name,
	       uint64_t limit, mode_t mode)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->limit = limit;
	if (!dir)
		return 0;
	s->path = xasprintf("%s/%s", dir, name);
	/* O_APPEND, as children write to the log as well. */
	s->fd = open(s->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW |
		     O_CLOEXEC, mode);
	if (s->fd < 0)
		s->err = -errno;
	return s->err;
}

/* Keeps the last bytes of all that is dropped. */
static void keep(struct capped_file *s, const char *buf, size_t len)
{
	if (!s->keep_tail)
		return;
	if (!s->tail)
		s->tail = xmalloc(CAPPED_TAIL);
	for (size_t i = len > CAPPED_TAIL ? len - CAPPED_TAIL : 0; i < len; ) {
		size_t at = (s->dropped + i) % CAPPED_TAIL, n = CAPPED_TAIL - at;

		if (n > len - i)
			n = len - i;
		memcpy(s->tail + at, buf + i, n);
		i += n;
	}
}

int capped_file__write(struct capped_file *s, const void *buf, size_t len)
{
	uint64_t room = s->limit - s->bytes;

	if (s->err || s->fd < 0)
		return s->err;
	if (len > room) {
		keep(s, (const char *)buf + room, len - room);
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
	s->dropped = 0;
	free(s->tail);
	s->tail = NULL;
	if (ftruncate(s->fd, (off_t)s->bytes))
		s->err = s->err ? s->err : -errno;
}

void capped_file__settle(struct capped_file *s)
{
	uint64_t kept = s->dropped < CAPPED_TAIL ? s->dropped : CAPPED_TAIL;
	size_t at = s->dropped % CAPPED_TAIL;

	s->keep_tail = false;
	if (!s->tail)
		return;
	if (!s->err)
		s->err = dprintf(s->fd, "\n# vmtest left out %llu bytes here\n",
				 (unsigned long long)(s->dropped - kept)) < 0 ? -errno : 0;
	/* The older half of the ring begins where the newer one ends. */
	if (!s->err && kept == CAPPED_TAIL)
		s->err = write_all(s->fd, s->tail + at, CAPPED_TAIL - at);
	if (!s->err)
		s->err = write_all(s->fd, s->tail, at);
	free(s->tail);
	s->tail = NULL;
}

int capped_file__close(struct capped_file *s)
{
	capped_file__settle(s);
	if (s->fd >= 0 && close(s->fd) && !s->err)
		s->err = -errno;
	s->fd = -1;
	free(s->path);
	s->path = NULL;
	return s->err;
}
