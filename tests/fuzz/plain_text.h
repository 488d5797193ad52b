/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks that a text is safe to print on a terminal: bytes of a traced program, such as
 * its name, must not reach the text as escape sequences. The checks do not use the code
 * that escapes such bytes (lib/escape.h).
 */
#ifndef TESTS_FUZZ_PLAIN_TEXT_H
#define TESTS_FUZZ_PLAIN_TEXT_H

#include <stddef.h>
#include <jansson.h>

/* Control bytes, besides newlines and tabs, that pidnstrace itself writes. */
enum plain_text_own {
	PLAIN_TEXT_ONLY,
	PLAIN_TEXT_COLORS,	/* ESC [ NUMBERS m */
	PLAIN_TEXT_CRLF,	/* CR before a newline */
};

/* The text has no other control characters, and is UTF-8. */
void plain_text__check(const char *text, size_t len, enum plain_text_own own);

/* No string in the value, and no key, has control characters after it is decoded. */
void plain_text__check_json(const json_t *json);

#endif /* TESTS_FUZZ_PLAIN_TEXT_H */
