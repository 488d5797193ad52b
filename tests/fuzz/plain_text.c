// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks for the control characters of Unicode below U+00A0, which have one or two bytes.
 * jansson decodes the UTF-8.
 *
 * Bad at: colours. In a coloured text, a colour that came from a traced program is taken
 * for one of pidnstrace; the same text without colours shows it.
 */
#include "plain_text.h"

#include <string.h>

#include "stream.h"

static bool is_control(const char *text, size_t len)
{
	unsigned char c = text[0];

	if (c == '\n' || c == '\t')
		return false;
	/* U+0080 to U+009F */
	if (c == 0xc2)
		return len > 1 && (text[1] & 0xe0) == 0x80;
	return c < ' ' || c == 0x7f;
}

/* Returns the length of the control sequence at the text's beginning, or 0. */
static size_t own_sequence(const char *text, size_t len, enum plain_text_own own)
{
	size_t n;

	if (own == PLAIN_TEXT_CRLF)
		return len > 1 && !memcmp(text, "\r\n", 2) ? 2 : 0;
	if (own != PLAIN_TEXT_COLORS || len < 3 || memcmp(text, "\033[", 2))
		return 0;
	n = 2 + strspn(text + 2, "0123456789;");
	return n < len && text[n] == 'm' ? n + 1 : 0;
}

void plain_text__check(const char *text, size_t len, enum plain_text_own own)
{
	json_t *utf8 = json_stringn(text, len);
	size_t at = 0;

	CHECK(utf8, "not UTF-8:\n%.*s", (int)len, text);
	json_decref(utf8);
	while (at < len) {
		size_t n = own_sequence(text + at, len - at, own);

		CHECK(n || !is_control(text + at, len - at), "byte 0x%02x at %zu of:\n%.*s",
		      (unsigned char)text[at], at, (int)len, text);
		at += n ? n : 1;
	}
}

void plain_text__check_json(const json_t *json)
{
	const json_t *element;
	const char *key;
	size_t i;

	if (json_is_string(json))
		plain_text__check(json_string_value(json), json_string_length(json),
				  PLAIN_TEXT_ONLY);
	json_array_foreach(json, i, element)
		plain_text__check_json(element);
	json_object_foreach((json_t *)json, key, element) {
		plain_text__check(key, strlen(key), PLAIN_TEXT_ONLY);
		plain_text__check_json(element);
	}
}
