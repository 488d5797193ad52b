// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a JSON string of text from a trace, which may not be UTF-8: jansson refuses
 * such text, so each byte beyond ASCII is replaced then.
 *
 * Bad at: text that is UTF-8 but for one byte. All its characters beyond ASCII are
 * replaced.
 */
#include "loader/lib/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

json_t *json_text__new(const char *s)
{
	json_t *j = json_string(s);
	char *copy;

	if (j || !s)
		return j ? j : json_null();
	copy = xstrdup(s);
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j ? j : json_null();
}
