// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cuts the text of a console into lines.
 *
 * The kernel writes each of its lines at once, but may do so in the middle of a line that
 * a program writes to /dev/console. A line of the kernel therefore begins at its stamp,
 * wherever this stamp is. Only the exact form in which the kernel prints a stamp counts
 * in the middle of a line: the seconds in five places or more, and six decimals.
 *
 * A line becomes a reason, a title, a report: it is passed on with the escapes of
 * lib/escape.h, and blanks for its tabs.
 *
 * Limits: a program that prints such a stamp begins a line, too; and without stamps
 * (printk.time=0) a line of the kernel in the middle of another is not found.
 */
#include "vmtest/triage/console_lines.h"

#include <ctype.h>
#include <string.h>

#include "lib/escape.h"
#include "vmtest/lib/util.h"

#define SECONDS_MIN 5
#define STAMP_MAX 24		/* "[1234567890.123456] " is shorter */

/*
 * Returns the length of the stamp, such as "[   12.345678]", that ends at @end, or 0 if
 * the text from @line to @end does not end with one.
 */
static size_t stamp_before(const char *line, const char *end)
{
	const char *p = end, *point;

	if (p - line < SECONDS_MIN + 9 || p[-1] != ']')
		return 0;
	for (p--; p > line && isdigit((unsigned char)p[-1]);)
		p--;
	if (end - 1 - p != 6 || p == line || p[-1] != '.')
		return 0;
	point = --p;
	while (p > line && isdigit((unsigned char)p[-1]))
		p--;
	if (p == point)
		return 0;
	while (p > line && p[-1] == ' ' && point - p < SECONDS_MIN)
		p--;
	if (point - p < SECONDS_MIN || p == line || p[-1] != '[')
		return 0;
	return (size_t)(end - p + 1);
}

static void end_line(struct console_lines *l, console_line_fn *fn, void *ctx)
{
	size_t len = l->len;
	bool rest = l->rest;

	l->line[len] = '\0';
	l->len = 0;
	l->rest = false;
	if (len && !rest) {
		auto_free char *text = escape__line(l->line);

		fn(ctx, text);
	}
}

/* Begins a line at a stamp before the newest byte, unless the stamp already does. */
static void cut_at_stamp(struct console_lines *l, console_line_fn *fn, void *ctx)
{
	char *newest = l->line + l->len - 1, kept[STAMP_MAX + 1];
	size_t stamp = stamp_before(l->line, newest);

	if (!stamp || stamp > STAMP_MAX || (stamp + 1 == l->len && !l->rest))
		return;
	memcpy(kept, newest - stamp, stamp + 1);
	l->len -= stamp + 1;
	end_line(l, fn, ctx);
	memcpy(l->line, kept, stamp + 1);
	l->len = stamp + 1;
}

/* Ends a line that is too long; a stamp may still follow in its rest. */
static void make_room(struct console_lines *l, console_line_fn *fn, void *ctx)
{
	char kept[STAMP_MAX];

	memcpy(kept, l->line + l->len - STAMP_MAX, STAMP_MAX);
	end_line(l, fn, ctx);
	memcpy(l->line, kept, STAMP_MAX);
	l->len = STAMP_MAX;
	l->rest = true;
}

void console_lines__feed(struct console_lines *l, const char *buf, size_t len,
			 console_line_fn *fn, void *ctx)
{
	for (size_t i = 0; i < len; i++) {
		if (buf[i] == '\n' || buf[i] == '\r') {
			end_line(l, fn, ctx);
			continue;
		}
		if (!buf[i])
			continue;
		if (l->len == CONSOLE_LINE_MAX - 1)
			make_room(l, fn, ctx);
		l->line[l->len++] = buf[i] == '\t' ? ' ' : buf[i];
		if (buf[i] == ' ' || buf[i] == '[')
			cut_at_stamp(l, fn, ctx);
	}
}

void console_lines__finish(struct console_lines *l, console_line_fn *fn, void *ctx)
{
	end_line(l, fn, ctx);
}

void console_lines__each(const char *text, console_line_fn *fn, void *ctx)
{
	struct console_lines l = { .len = 0 };

	console_lines__feed(&l, text, strlen(text), fn, ctx);
	console_lines__finish(&l, fn, ctx);
}
