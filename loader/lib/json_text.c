// SPDX-License-Identifier: GPL-2.0-only
#include "loader/lib/json_text.h"

#include <stdlib.h>
#include <string.h>

json_t *json_text__new(const char *s)
{
	json_t *j = json_string(s);
	char *copy;

	if (j || !s)
		return j ? j : json_null();
	copy = strdup(s);
	if (!copy)
		return json_null();
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j ? j : json_null();
}
