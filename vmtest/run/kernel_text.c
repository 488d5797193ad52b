// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decides what the guest's kernel said, from its log and from its console.
 *
 * While the guest runs, both are scanned, as the kernel may die before init can send the
 * log. At the end the log decides: a program can write to the console, and to the log
 * itself, what looks like a report of the kernel.
 */
#include "vmtest/run/state.h"

#include <string.h>

bool kernel_text__take(struct run *r, const char *record)
{
	auto_free char *lines = kernel_log__take(&r->seen.log, record);

	if (!lines)
		return false;
	capped_file__write(&r->files.kernel_log, lines, strlen(lines));
	run__check_file(r, &r->files.kernel_log);
	/* The output of the dump is not a new fault. */
	if (r->hang.dumped || !kernel_log__is_kernel(lines))
		return true;
	if (console__feed(&r->seen.logged, lines, strlen(lines)) == CONSOLE_SPLAT)
		timer__arm(&r->clock.timer, 0.001);
	return true;
}

static bool has_reports(const struct console *c)
{
	for (int k = CONSOLE_NONE + 1; k < CONSOLE_NR; k++) {
		if (c->count[k])
			return true;
	}
	return false;
}

static void note(void *ctx, enum console_kind kind, const char *text)
{
	(void)kind;
	strv__add(ctx, text);
}

static bool is_kernels(void *ctx, const struct finding *f)
{
	return (f->kind != FINDING_SPLAT && f->kind != FINDING_PANIC) ||
	       strv__has(ctx, f->text);
}

/* Scans the merged text, up to the dump that the runner requested from a hung guest. */
static void scan(struct run *r)
{
	const char *text = r->seen.kernel_text, *dump = strstr(text, "] sysrq: Show");
	size_t len = r->hang.dumped && dump ? (size_t)(dump - text) : strlen(text);
	auto_strv said = { 0 };
	struct console c = { .scanner = r->spec.scanner, .allow = r->spec.allow,
			     .said = note, .ctx = &said };

	console__feed(&c, text, len);
	console__finish(&c);
	c.seen = r->seen.console.seen;
	r->seen.console = c;
	if (!r->seen.caught)
		findings__retain(&r->out.findings, is_kernels, &said);
}

void kernel_text__settle(struct run *r)
{
	auto_free char *log = NULL, *console = NULL;

	if (!r->files.dir.path || r->err ||
	    (!has_reports(&r->seen.console) && !has_reports(&r->seen.logged) &&
	     !r->hang.dumped))
		return;
	if (read_file(r->files.kernel_log.path, &log, NULL) ||
	    read_file(r->files.console_log.path, &console, NULL))
		return;
	r->seen.kernel_text = kernel_log__merge(&r->seen.log, log, console);
	/* Files that were cut lack what the scan of the living guest has seen. */
	if (!r->files.kernel_log.dropped && !r->files.console_log.dropped)
		scan(r);
}
