// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the records of /dev/kmsg, and merges them with the console.
 *
 * The log has what a console loglevel keeps off the console, and shows whose a line is: a
 * record that a program writes to /dev/kmsg has a facility other than the kernel's, 0.
 * The console also has what the kernel printed after init had read the log for the last
 * time, and all of a guest without a living init.
 *
 * Both have the records in the same order. So if the log is whole, a line on the console
 * before the last one that is in the log is either in the log as well, or a program
 * wrote it. After a gap in the log, any line that is not in the log may be the kernel's.
 *
 * Limits: without stamps on the console (printk.time=0) no line of the console is found
 * in the log, and the same report may be found in both.
 */
#include "vmtest/triage/kernel_log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmtest/lib/util.h"
#include "vmtest/triage/console.h"
#include "vmtest/triage/console_lines.h"

#define PRIORITIES 8		/* a facility has these */

/* Returns the byte of "\x1b", the kernel's notation, or -1. */
static int escaped(const char *p)
{
	unsigned int byte;

	if (p[0] != '\\' || p[1] != 'x' || !isxdigit((unsigned char)p[2]) ||
	    !isxdigit((unsigned char)p[3]) || sscanf(p + 2, "%2x", &byte) != 1)
		return -1;
	return (int)byte;
}

/* Decodes the text of a record. Each of its lines gets the prefix, as on the console. */
static void put_lines(FILE *out, const char *prefix, const char *text)
{
	fputs(prefix, out);
	for (const char *p = text; *p; p++) {
		int byte = escaped(p);

		p += byte < 0 ? 0 : 3;
		if (byte == '\n' || byte == '\r')
			fprintf(out, "\n%s", prefix);
		else
			fputc(byte > 0 ? byte : *p, out);
	}
	fputc('\n', out);
}

char *kernel_log__take(struct kernel_log *l, const char *record)
{
	unsigned long long seq, us;
	unsigned int priority;
	const char *text = strchr(record, ';');
	auto_free char *prefix = NULL;
	char *lines;
	size_t len;
	FILE *out;

	if (!strncmp(record, "# ", 2)) {
		free(l->missing);
		l->missing = xstrdup(record + 2);
		return xstrdup("");
	}
	if (!text || sscanf(record, "%u,%llu,%llu,", &priority, &seq, &us) != 3 ||
	    seq < l->next)
		return NULL;
	l->begun = true;
	l->lost += seq - l->next;
	l->next = seq + 1;
	prefix = xasprintf("<%u>[%5llu.%06llu] ", priority, us / 1000000, us % 1000000);
	out = xmemstream(&lines, &len);
	put_lines(out, prefix, text + 1);
	fclose(out);
	return lines;
}

bool kernel_log__is_kernel(const char *raw)
{
	return raw[0] == '<' && atoi(raw + 1) < PRIORITIES;
}

bool kernel_log__whole(const struct kernel_log *l)
{
	return l->begun && !l->lost && !l->missing;
}

/* Identifies a line of the kernel by its stamp and its text; 0: the line has no stamp. */
static uint64_t identify(const char *line)
{
	const char *text = console__skip_stamp(line), *end = strchr(line, ']');
	uint64_t h;

	if (text == line || !end)
		return 0;
	h = hash_bytes(HASH_INIT, line, (size_t)(end - line));
	return hash_str(h, text);
}

struct merge {
	FILE *out;
	uint64_t *known;	/* lines of the log, sorted */
	size_t nknown;
	size_t at;		/* number of this line of the console */
	size_t covered;		/* lines of the console that the log accounts for */
	bool whole;
};

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool is_known(const struct merge *m, const char *line)
{
	uint64_t id = identify(line);

	return id && m->nknown &&
	       bsearch(&id, m->known, m->nknown, sizeof(id), compare);
}

static void add_log_line(void *ctx, char *line)
{
	struct merge *m = ctx;

	m->known = xrealloc(m->known, (m->nknown + 1) * sizeof(*m->known));
	m->known[m->nknown++] = identify(line);
}

/* Writes the kernel's lines of the log, and notes all lines. */
static void take_log(struct merge *m, const char *log)
{
	const char *line = log, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		const char *stamp = memchr(line, '>', (size_t)(end - line));
		auto_free char *text = NULL;

		if (!stamp)
			continue;
		text = xasprintf("%.*s", (int)(end - stamp - 1), stamp + 1);
		/* As on the console: in a line, a stamp may follow. */
		console_lines__each(text, add_log_line, m);
		if (kernel_log__is_kernel(line))
			fprintf(m->out, "%s\n", text);
	}
	if (m->nknown)
		qsort(m->known, m->nknown, sizeof(*m->known), compare);
}

static void find_last_known(void *ctx, char *line)
{
	struct merge *m = ctx;

	m->at++;
	if (is_known(m, line))
		m->covered = m->at;
}

static void take_console_line(void *ctx, char *line)
{
	struct merge *m = ctx;

	m->at++;
	if ((!m->whole || m->at > m->covered) && !is_known(m, line))
		fprintf(m->out, "%s\n", line);
}

char *kernel_log__merge(const struct kernel_log *l, const char *log, const char *console)
{
	struct merge m = { .whole = kernel_log__whole(l) };
	char *text;
	size_t len;

	m.out = xmemstream(&text, &len);
	take_log(&m, log);
	console_lines__each(console, find_last_known, &m);
	m.at = 0;
	console_lines__each(console, take_console_line, &m);
	fclose(m.out);
	free(m.known);
	return text;
}

void kernel_log__free(struct kernel_log *l)
{
	free(l->missing);
	memset(l, 0, sizeof(*l));
}
