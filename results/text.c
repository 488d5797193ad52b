// SPDX-License-Identifier: GPL-2.0-only
/* Escapes all that is not printable, and bounds the length. */
#include "results/text.h"

#include <string.h>

#include "lib/escape.h"
#include "lib/memory.h"

#define CUT " [cut here]"

char *text__clean(const char *s, size_t len)
{
	size_t out = 0, n;
	char *copy;

	if (len && s[len - 1] == '\r')
		len--;
	copy = xmalloc((len < TEXT_MAX ? len : TEXT_MAX) * 4 + sizeof(CUT) + 4);
	for (size_t i = 0; i < len; out += n) {
		if (i >= TEXT_MAX) {
			memcpy(copy + out, CUT, strlen(CUT));
			out += strlen(CUT);
			break;
		}
		if (s[i] == '\t')
			i += escape__next(" ", 1, copy + out, &n);
		else
			i += escape__next(s + i, len - i, copy + out, &n);
	}
	copy[out] = '\0';
	return copy;
}
