// SPDX-License-Identifier: GPL-2.0-only
/* Reports have more than rules: reasons against PASS, a remark, the command's end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/judge/state.h"

void judge__reason(struct judge *j, const char *fmt, ...)
{
	struct judge_result *res = &j->result;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		out_of_memory();
	va_end(ap);
	if (res->nreasons == j->max_reasons) {
		j->max_reasons = j->max_reasons * 2 + 8;
		res->reasons = xrealloc(res->reasons, j->max_reasons *
				       sizeof(*res->reasons));
	}
	res->reasons[res->nreasons++] = text;
}

void judge__note(struct judge *j, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	judge__reason(j, "%s", text);
}

void judge__remark(struct judge *j, const char *text)
{
	free(j->result.remark);
	j->result.remark = xstrdup(text);
}

void judge__command(struct judge *j, int exit, int signal)
{
	j->result.has_command = true;
	j->result.exit = exit;
	j->result.signal = signal;
}

