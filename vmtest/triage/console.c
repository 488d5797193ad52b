// SPDX-License-Identifier: GPL-2.0-only
/* Skips the timestamps of the console's lines, and classifies the lines. */
#include "vmtest/triage/console.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/triage/scanner.h"

/* Returns the text after "[    1.234567]", "[    T1]" or "[   T1@0]", or NULL. */
static const char *skip_bracket(const char *p)
{
	const char *end;

	if (*p != '[')
		return NULL;
	end = strchr(p, ']');
	if (!end || end - p > 24)
		return NULL;
	for (const char *q = p + 1; q < end; q++) {
		if (!isdigit((unsigned char)*q) && !strchr(" .TC@", *q))
			return NULL;
	}
	return end + 1;
}

const char *console__skip_stamp(const char *line)
{
	const char *p = line, *next;

	while (*p == '\r')
		p++;
	if (p[0] == '<' && isdigit((unsigned char)p[1]) && p[2] == '>')
		p += 3;
	for (;;) {
		while (*p == ' ')
			p++;
		next = skip_bracket(p);
		if (!next)
			return p;
		p = next;
	}
}

enum console_kind console__classify(const char *line, const struct scanner *s,
				    const struct allow *allow)
{
	const char *text = console__skip_stamp(line);
	const struct splat_row *row = scanner__find(s, text);

	if (!row)
		return CONSOLE_NONE;
	return row->kind == CONSOLE_SPLAT && allow__find(allow, text) ?
	       CONSOLE_ALLOWED : row->kind;
}

static void take_line(void *ctx, char *line)
{
	struct console *c = ctx;
	enum console_kind kind = console__classify(line, c->scanner, c->allow);

	c->seen = true;
	if (!c->count[kind]++ && kind != CONSOLE_NONE)
		snprintf(c->first[kind], sizeof(c->first[kind]), "%s",
			 console__skip_stamp(line));
	if (kind > CONSOLE_ALLOWED && c->said)
		c->said(c->ctx, kind, console__skip_stamp(line));
	if (kind > c->worst)
		c->worst = kind;
}

bool console__is_dump(const char *text)
{
	return !strncmp(text, "sysrq: Show", strlen("sysrq: Show"));
}

enum console_kind console__feed(struct console *c, const char *buf, size_t len)
{
	c->worst = CONSOLE_NONE;
	console_lines__feed(&c->lines, buf, len, take_line, c);
	return c->worst;
}

void console__forget(struct console *c)
{
	c->lines = (struct console_lines){ .len = 0 };
	c->seen = false;
	memset(c->count, 0, sizeof(c->count));
	memset(c->first, 0, sizeof(c->first));
}

enum console_kind console__finish(struct console *c)
{
	c->worst = CONSOLE_NONE;
	console_lines__finish(&c->lines, take_line, c);
	return c->worst;
}
