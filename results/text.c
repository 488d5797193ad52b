// SPDX-License-Identifier: GPL-2.0-only
/* Checks UTF-8 strictly, and escapes everything else. */
#include "results/text.h"

#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

#define CUT " [cut here]"

/* By length: the first byte of a character, and the least code. */
static const struct {
	unsigned char mask, lead;
	uint32_t least;
} lengths[] = {
	[2] = { 0xe0, 0xc0, 0x80 },
	[3] = { 0xf0, 0xe0, 0x800 },
	[4] = { 0xf8, 0xf0, 0x10000 },
};

/* Returns the length of the character at s, or 0 if XML, JSON or a line forbids it. */
static size_t char_length(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
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
	/*
	 * Rejects C1 controls, Unicode line ends, surrogates, and the two codes that XML
	 * forbids.
	 */
	if (code < lengths[n].least || code > 0x10ffff || code < 0xa0 ||
	    code == 0x2028 || code == 0x2029 ||
	    (code >= 0xd800 && code < 0xe000) || code == 0xfffe ||
	    code == 0xffff)
		return 0;
	return n;
}

char *text__clean(const char *s, size_t len)
{
	size_t out = 0, n;
	char *copy;

	if (len && s[len - 1] == '\r')
		len--;
	copy = xmalloc((len < TEXT_MAX ? len : TEXT_MAX) * 4 + sizeof(CUT) + 4);
	for (size_t i = 0; i < len; i += n ? n : 1) {
		if (i >= TEXT_MAX) {
			memcpy(copy + out, CUT, strlen(CUT));
			out += strlen(CUT);
			break;
		}
		n = char_length(s + i, len - i);
		if (s[i] == '\t')
			n = 1;
		if (n)
			memcpy(copy + out, s[i] == '\t' ? " " : s + i, n);
		else
			sprintf(copy + out, "\\x%02x", (unsigned char)s[i]);
		out += n ? n : 4;
	}
	copy[out] = '\0';
	return copy;
}
