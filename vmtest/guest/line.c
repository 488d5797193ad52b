// SPDX-License-Identifier: GPL-2.0-only
/* Writes tagged lines, and splits input into lines. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

#define READ_SIZE 65536

static int put_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int line__put(int fd, char tag, const char *text, size_t len)
{
	char *line = malloc(len + 3);
	int err;

	if (!line)
		return -ENOMEM;
	line[0] = tag;
	line[1] = ' ';
	memcpy(line + 2, text, len);
	line[len + 2] = '\n';
	err = put_all(fd, line, len + 3);
	free(line);
	return err;
}

int line__putf(int fd, char tag, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n, err;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	err = line__put(fd, tag, text, (size_t)n);
	free(text);
	return err;
}

int line__put_bytes(int fd, char tag, const char *before, const char *buf,
		    size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char *text = malloc(strlen(before) + 6 * len + 3), *p;
	int err;

	if (!text)
		return -ENOMEM;
	p = stpcpy(text, before);
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
	err = line__put(fd, tag, text, (size_t)(p - text));
	free(text);
	return err;
}

static void cut(struct feed *f, feed_fn *fn, void *ctx)
{
	char *start = f->buf, *end = f->buf + f->len, *nl;

	while ((nl = memchr(start, '\n', (size_t)(end - start)))) {
		*nl = '\0';
		fn(ctx, start, (size_t)(nl - start));
		start = nl + 1;
	}
	f->len = (size_t)(end - start);
	memmove(f->buf, start, f->len);
}

bool feed__read(struct feed *f, feed_fn *fn, void *ctx)
{
	for (;;) {
		ssize_t n;

		if (f->cap - f->len < READ_SIZE + 1) {
			f->cap = (f->len + READ_SIZE + 1) * 2;
			f->buf = realloc(f->buf, f->cap);
			if (!f->buf)
				abort();
		}
		n = read(f->fd, f->buf + f->len, READ_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (!n)
			return false;
		f->len += (size_t)n;
		cut(f, fn, ctx);
	}
}

void feed__finish(struct feed *f, feed_fn *fn, void *ctx)
{
	if (f->len) {
		f->buf[f->len] = '\0';
		fn(ctx, f->buf, f->len);
	}
	free(f->buf);
	memset(f, 0, sizeof(*f));
}
