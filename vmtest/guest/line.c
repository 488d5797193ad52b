// SPDX-License-Identifier: GPL-2.0-only
/* Writes tagged lines, and splits input into lines. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

int line__put(int fd, char tag, const char *text, size_t len)
{
	auto_free char *line = xmalloc(len + 3);

	line[0] = tag;
	line[1] = ' ';
	memcpy(line + 2, text, len);
	line[len + 2] = '\n';
	return write_all(fd, line, len + 3);
}

int line__putf(int fd, char tag, const char *fmt, ...)
{
	auto_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return line__put(fd, tag, text, strlen(text));
}

int line__put_bytes(int fd, char tag, const char *before, const char *buf,
		    size_t len)
{
	static const char hex[] = "0123456789abcdef";
	auto_free char *text = xmalloc(strlen(before) + 6 * len + 3);
	char *p = stpcpy(text, before);

	*p++ = '"';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)buf[i];

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
			*p++ = (char)c;
			continue;
		}
		p = stpcpy(p, "\\u00");
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	*p++ = '"';
	return line__put(fd, tag, text, (size_t)(p - text));
}

bool feed__read(struct feed *f, lines_fn *fn, void *ctx)
{
	static char buf[65536];

	for (;;) {
		ssize_t n = read(f->fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (!n)
			return false;
		lines__feed(&f->lines, buf, (size_t)n, fn, ctx);
	}
}

void feed__finish(struct feed *f, lines_fn *fn, void *ctx)
{
	if (f->lines.len)
		lines__feed(&f->lines, "\n", 1, fn, ctx);
	lines__free(&f->lines);
	f->fd = -1;
}
