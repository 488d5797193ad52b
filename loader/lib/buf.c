// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats numbers by hand into a growing buffer: printf(3) and trees of JSON values
 * take longer than the rest of an export.
 */
#include "loader/lib/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/memory.h"
#include "loader/lib/table.h"

#define NUMBER_MAX 20	/* digits of a uint64_t */

static const char hex_digits[] = "0123456789abcdef";

void buf__free(struct buf *t)
{
	free(t->bytes);
	*t = (struct buf){ 0 };
}

static char *room(struct buf *t, size_t n)
{
	if (t->size - t->len < n) {
		t->size = 2 * t->size + n;
		t->bytes = xrealloc(t->bytes, t->size);
	}
	return t->bytes + t->len;
}

void buf__add(struct buf *t, const char *bytes, size_t len)
{
	if (!len)
		return;
	memcpy(room(t, len), bytes, len);
	t->len += len;
}

void buf__str(struct buf *t, const char *s)
{
	buf__add(t, s, strlen(s));
}

void buf__char(struct buf *t, char c)
{
	*room(t, 1) = c;
	t->len++;
}

static void digits(struct buf *t, uint64_t n, unsigned int base)
{
	char buf[NUMBER_MAX];
	char *p = buf + sizeof(buf);

	do {
		*--p = hex_digits[n % base];
		n /= base;
	} while (n);
	buf__add(t, p, buf + sizeof(buf) - p);
}

void buf__u64(struct buf *t, uint64_t n)
{
	digits(t, n, 10);
}

void buf__s64(struct buf *t, int64_t n)
{
	if (n < 0)
		buf__char(t, '-');
	digits(t, n < 0 ? -(uint64_t)n : (uint64_t)n, 10);
}

void buf__hex(struct buf *t, uint64_t n)
{
	buf__lit(t, "0x");
	digits(t, n, 16);
}

void buf__escaped(struct buf *t, const char *bytes, size_t max)
{
	t->len += escape__bytes(room(t, ESCAPED_SIZE(max)), bytes, max);
}

/* Adds printable text to the inside of a JSON string. */
static void add_json(struct buf *t, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buf__char(t, '\\');
		buf__char(t, text[i]);
	}
}

static bool is_plain(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < ' ' || bytes[i] >= 0x7f || bytes[i] == '"' ||
		    bytes[i] == '\\')
			return false;
	return true;
}

void buf__json(struct buf *t, const char *bytes, size_t max)
{
	struct buf text = { 0 };
	size_t len = strnlen(bytes, max);

	if (is_plain(bytes, len)) {
		buf__add(t, bytes, len);
		return;
	}
	buf__escaped(&text, bytes, len);
	add_json(t, text.bytes, text.len);
	buf__free(&text);
}

void buf__name(struct buf *t, const char *bytes, size_t max)
{
	t->len += escape__name(room(t, ESCAPED_SIZE(max)), bytes, max);
}

void buf__write(struct buf *t, FILE *out)
{
	if (t->len)
		fwrite_unlocked(t->bytes, 1, t->len, out);
	t->len = 0;
}
