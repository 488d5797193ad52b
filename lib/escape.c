// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes UTF-8 strictly, and looks the character up in a table of those that are not
 * printed. iswprint(3) depends on the locale, of which the root of a guest has none.
 */
#include "lib/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/memory.h"

static const char hex_digits[] = "0123456789abcdef";

/*
 * Unicode 15: the categories Cc, Cf, Cs, Co, Zl and Zp, the blanks other than U+0020
 * (Zs, fillers), what is ignored by default (variation selectors), and noncharacters.
 */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x00a0 }, { 0x00ad, 0x00ad },
	{ 0x034f, 0x034f }, { 0x0600, 0x0605 }, { 0x061c, 0x061c },
	{ 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 }, { 0x115f, 0x1160 }, { 0x1680, 0x1680 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f },
	{ 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 },
	{ 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xd800, 0xf8ff },
	{ 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

static bool is_hidden(uint32_t code)
{
	size_t low = 0, high = ARRAY_SIZE(hidden);

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (code > hidden[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	/* The last two codes of each plane are no characters. */
	return (low < ARRAY_SIZE(hidden) && code >= hidden[low].first) ||
	       (code & 0xfffe) == 0xfffe;
}

/* By length: the first byte of a character, and the least code. */
static const struct {
	unsigned char mask, lead;
	uint32_t least;
} lengths[] = {
	[2] = { 0xe0, 0xc0, 0x80 },
	[3] = { 0xf0, 0xe0, 0x800 },
	[4] = { 0xf8, 0xf0, 0x10000 },
};

size_t escape__printable(const char *bytes, size_t len)
{
	const unsigned char *u = (const unsigned char *)bytes;
	uint32_t code;
	size_t n = 2;

	if (!len)
		return 0;
	if (*u < 0x80)
		return *u >= ' ' && *u != 0x7f;
	while (n < ARRAY_SIZE(lengths) && (*u & lengths[n].mask) != lengths[n].lead)
		n++;
	if (n == ARRAY_SIZE(lengths) || n > len)
		return 0;
	code = *u & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3f);
	}
	return code < lengths[n].least || code > 0x10ffff || is_hidden(code) ? 0 : n;
}

static void put_hex(char *out, unsigned char c)
{
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex_digits[c >> 4];
	out[3] = hex_digits[c & 15];
}

size_t escape__next(const char *bytes, size_t len, char *out, size_t *n)
{
	size_t taken = escape__printable(bytes, len);

	*n = taken ? taken : 4;
	if (taken)
		memcpy(out, bytes, taken);
	else
		put_hex(out, (unsigned char)*bytes);
	return taken ? taken : 1;
}

/* Escapes the characters of also as well. */
static size_t put(char *out, const char *bytes, size_t len, const char *also)
{
	size_t at = 0, n;

	for (size_t i = 0; i < len; at += n) {
		if (strchr(also, bytes[i])) {
			put_hex(out + at, (unsigned char)bytes[i++]);
			n = 4;
		} else {
			i += escape__next(bytes + i, len - i, out + at, &n);
		}
	}
	out[at] = '\0';
	return at;
}

size_t escape__bytes(char *out, const char *bytes, size_t max)
{
	return put(out, bytes, strnlen(bytes, max), "\\");
}

size_t escape__quoted(char *out, const char *bytes, size_t max)
{
	size_t len;

	out[0] = '"';
	len = 1 + put(out + 1, bytes, strnlen(bytes, max), "\\\"");
	out[len++] = '"';
	out[len] = '\0';
	return len;
}

static bool needs_quotes(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("[]\"=,", s[i]) || (s[i] == '(' && i) ||
		    (s[i] == ' ' && (!i || i + 1 == len || s[i + 1] == ' ')))
			return true;
	return !len || (len >= 2 && !memcmp(s, "--", 2));
}

size_t escape__name(char *out, const char *bytes, size_t max)
{
	size_t len = strnlen(bytes, max);

	return needs_quotes(bytes, len) ? escape__quoted(out, bytes, max) :
					  escape__bytes(out, bytes, max);
}

static char *copy(const char *text, bool newlines)
{
	size_t len = strlen(text), at = 0, n;
	char *out = xmalloc(ESCAPED_SIZE(len));

	for (size_t i = 0; i < len; at += n) {
		if (newlines && text[i] == '\n') {
			out[at] = text[i++];
			n = 1;
		} else {
			i += escape__next(text + i, len - i, out + at, &n);
		}
	}
	out[at] = '\0';
	return out;
}

char *escape__line(const char *text)
{
	return copy(text, false);
}

char *escape__text(const char *text)
{
	return copy(text, true);
}
