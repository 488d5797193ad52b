// SPDX-License-Identifier: GPL-2.0-only
/* Decodes guest output. A code point below 256 takes one or two bytes in UTF-8. */
#include "vmtest/lib/bytes.h"

#include <jansson.h>

bool bytes__decode(char *text, size_t *len)
{
	json_t *s = json_loadb(text, *len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
			       NULL);
	const unsigned char *u = (const unsigned char *)json_string_value(s);
	size_t n = json_string_length(s), out = 0;
	bool good = json_is_string(s);

	for (size_t i = 0; good && i < n; i++) {
		unsigned int c = u[i];

		if (c >= 0x80) {
			good = (c & 0xfc) == 0xc0 && i + 1 < n;
			if (good)
				c = (c & 3) << 6 | (u[++i] & 0x3f);
		}
		text[out++] = (char)c;
	}
	json_decref(s);
	*len = out;
	return good;
}
