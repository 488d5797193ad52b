// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes JSON strings of text that comes from outside. jansson refuses text that is not
 * UTF-8, and a reader may print a string on a terminal.
 */
#include "loader/lib/json_text.h"

#include <stdlib.h>

#include "lib/escape.h"
#include "lib/memory.h"

static json_t *take(char *text)
{
	json_t *j = json_string(text);

	free(text);
	return j ? j : json_null();
}

json_t *json_text__new(const char *s)
{
	return s ? take(escape__text(s)) : json_null();
}

json_t *json_text__line(const char *s)
{
	return s ? take(escape__line(s)) : json_null();
}

json_t *json_text__of_bytes(const char *bytes, size_t max)
{
	char *text = xmalloc(ESCAPED_SIZE(max));

	escape__bytes(text, bytes, max);
	return take(text);
}
