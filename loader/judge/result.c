// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names the states of rules; adds to a result the reasons against PASS, the remark and
 * the end of the command.
 */
#include "loader/judge/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/memory.h"
#include "loader/judge/state.h"

const char *rule_state__name(enum rule_state s)
{
	static const char *const names[] = {
		[RULE_OK] = "ok",
		[RULE_VIOLATED] = "violated",
		[RULE_UNAVAILABLE] = "unavailable",
		[RULE_DESELECTED] = "deselected",
		[RULE_NOT_APPLICABLE] = "not-applicable",
		[RULE_NOT_EXERCISED] = "not-exercised",
	};

	return names[s];
}

void judge__reason(struct judge *j, const char *fmt, ...)
{
	struct judge_result *res = &j->result;
	va_list ap;
	char *text, *line;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	line = escape__line(text);
	free(text);
	res->reasons = xrealloc(res->reasons,
				(res->nreasons + 1) * sizeof(*res->reasons));
	res->reasons[res->nreasons++] = line;
}

void judge__remark(struct judge *j, const char *text)
{
	free(j->result.remark);
	j->result.remark = xstrdup(text);
}

char *judge_command__end(const struct judge_command *c)
{
	if (!c->signal)
		return xasprintf("exit status %d", c->exit);
	return xasprintf("killed by signal %d (%s)", c->signal,
			 strsignal(c->signal));
}

void judge__command(struct judge *j, const struct judge_command *command)
{
	char *end = judge_command__end(command);

	j->result.command = *command;
	if (judge_command__failed(command))
		judge__reason(j, "the command failed (%s), so what it did may not be what was to be judged",
			      end);
	free(end);
}
