// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the file that knows the reasons of a failed call: creation.c or refusal.c. */
#include "loader/view/reason.h"

#include <stdlib.h>

#include "lib/memory.h"
#include "loader/view/failed.h"
#include "loader/view/reason_parts.h"

bool reason__put(const struct model *m, const struct model_view *v, FILE *out)
{
	if (type__is_call_failed(v->rec->type))
		return creation__put_reason(m, v, out);
	return v->rec->type == WIRE_SETNS_EXIT && setns__put_reason(m, v, out);
}

char *reason__text(const struct model *m, const struct model_view *v)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	bool known = reason__put(m, v, out);

	fclose(out);
	if (known)
		return text;
	free(text);
	return NULL;
}
