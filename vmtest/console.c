// SPDX-License-Identifier: GPL-2.0-only
/* See console.h. */
#include "console.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "allow.h"

enum where { AT_START, ANYWHERE };

/*
 * The first row that matches decides, so what is harmless comes first.
 * Texts are those of 6.1 and 6.12; the file that prints each is beside it.
 */
static const struct pattern {
	enum console_kind kind;
	enum where where;
	const char *text;
} patterns[] = {
	/* kernel/panic.c; the debug kernels' panic_on_warn comes here too */
	{ CONSOLE_PANIC, ANYWHERE, "Kernel panic - not syncing" },
	/* arch/x86/boot/compressed: before there is a kernel to panic */
	{ CONSOLE_PANIC, AT_START, "-- System halted" },
	{ CONSOLE_PANIC, ANYWHERE, "Attempted to kill init!" },

	/* Boot-time remarks about the emulated machine, not about the kernel. */
	{ CONSOLE_NONE, AT_START, "WARNING: You are running an unsupported" },
	{ CONSOLE_NONE, AT_START, "Spectre V2 : WARNING:" },
	{ CONSOLE_NONE, ANYWHERE, "[Firmware Bug]" },
	{ CONSOLE_NONE, ANYWHERE, "[Firmware Warn]" },

	/* kernel/panic.c __warn(), kernel/locking/lockdep.c */
	{ CONSOLE_SPLAT, AT_START, "WARNING:" },
	/* arch/x86/mm/fault.c, mm/kasan/report.c, kernel/watchdog.c, slub.c */
	{ CONSOLE_SPLAT, AT_START, "BUG:" },
	{ CONSOLE_SPLAT, AT_START, "watchdog: BUG:" },
	{ CONSOLE_SPLAT, AT_START, "watchdog: CPU" },
	{ CONSOLE_SPLAT, AT_START, "BUG " },
	/* lib/bug.c */
	{ CONSOLE_SPLAT, AT_START, "kernel BUG at" },
	/* arch/x86/kernel/dumpstack.c */
	{ CONSOLE_SPLAT, ANYWHERE, "Oops: " },
	{ CONSOLE_SPLAT, AT_START, "general protection fault" },
	{ CONSOLE_SPLAT, AT_START, "traps: PANIC:" },
	{ CONSOLE_SPLAT, AT_START, "int3: " },
	{ CONSOLE_SPLAT, AT_START, "invalid opcode: " },
	{ CONSOLE_SPLAT, AT_START, "divide error: " },
	{ CONSOLE_SPLAT, AT_START, "stack segment: " },
	{ CONSOLE_SPLAT, AT_START, "double fault: " },
	{ CONSOLE_SPLAT, AT_START, "unchecked MSR access error" },
	/* kernel/locking/lockdep.c and rcu lockdep */
	{ CONSOLE_SPLAT, ANYWHERE, "INFO: possible circular locking" },
	{ CONSOLE_SPLAT, ANYWHERE, "INFO: possible recursive locking" },
	{ CONSOLE_SPLAT, ANYWHERE, "INFO: inconsistent lock state" },
	{ CONSOLE_SPLAT, ANYWHERE, "INFO: trying to register non-static key" },
	{ CONSOLE_SPLAT, ANYWHERE, "INFO: suspicious RCU usage" },
	{ CONSOLE_SPLAT, ANYWHERE, "possible irq lock inversion" },
	{ CONSOLE_SPLAT, AT_START, "DEBUG_LOCKS_WARN_ON" },
	/* kernel/hung_task.c */
	{ CONSOLE_SPLAT, AT_START, "INFO: task " },
	/* kernel/rcu/tree_stall.h */
	{ CONSOLE_SPLAT, AT_START, "rcu: INFO:" },
	{ CONSOLE_SPLAT, ANYWHERE, "self-detected stall" },
	{ CONSOLE_SPLAT, ANYWHERE, "detected stalls on CPUs" },
	{ CONSOLE_SPLAT, ANYWHERE, "detected expedited stalls" },
	/* kernel/watchdog.c, kernel/workqueue.c */
	{ CONSOLE_SPLAT, ANYWHERE, "soft lockup - CPU" },
	{ CONSOLE_SPLAT, ANYWHERE, "hard LOCKUP" },
	{ CONSOLE_SPLAT, ANYWHERE, "workqueue lockup - pool" },
	/* mm/kmemleak.c, lib/refcount.c, lib/ubsan.c, mm/kfence, kcsan */
	{ CONSOLE_SPLAT, ANYWHERE, "new suspected memory leaks" },
	{ CONSOLE_SPLAT, ANYWHERE, "unreferenced object 0x" },
	{ CONSOLE_SPLAT, AT_START, "refcount_t: " },
	{ CONSOLE_SPLAT, AT_START, "UBSAN: " },
	{ CONSOLE_SPLAT, AT_START, "list_add corruption" },
	{ CONSOLE_SPLAT, AT_START, "list_del corruption" },
	{ CONSOLE_SPLAT, AT_START, "page dumped because" },
	{ CONSOLE_SPLAT, AT_START, "Bad page state" },
	/* mm/oom_kill.c: 512 MiB must do */
	{ CONSOLE_SPLAT, ANYWHERE, "Out of memory: Killed process" },
	/* kernel/irq/spurious.c */
	{ CONSOLE_SPLAT, ANYWHERE, "nobody cared (try booting" },
};

/* "[    1.234567]", "[    T1]", "[   T1@0]"; returns what is behind, or NULL. */
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

enum console_kind console__classify(const char *line, const struct allow *allow)
{
	const char *text = console__skip_stamp(line);

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		const struct pattern *p = &patterns[i];

		if (p->where == AT_START ?
		    !strncmp(text, p->text, strlen(p->text)) :
		    strstr(text, p->text) != NULL)
			return p->kind == CONSOLE_SPLAT &&
			       allow__find(allow, text) ? CONSOLE_ALLOWED :
							  p->kind;
	}
	return CONSOLE_NONE;
}

static enum console_kind take_line(struct console *c)
{
	enum console_kind kind;

	while (c->len && c->line[c->len - 1] == '\r')
		c->len--;
	c->line[c->len] = '\0';
	c->len = 0;
	c->lines++;
	kind = console__classify(c->line, c->allow);
	if (!c->count[kind]++ && kind != CONSOLE_NONE)
		snprintf(c->first[kind], sizeof(c->first[kind]), "%s",
			 console__skip_stamp(c->line));
	if (kind > CONSOLE_ALLOWED && c->said)
		c->said(c->ctx, kind, console__skip_stamp(c->line));
	return kind;
}

enum console_kind console__feed(struct console *c, const char *buf, size_t len)
{
	enum console_kind worst = CONSOLE_NONE, kind;

	for (size_t i = 0; i < len; i++) {
		if (buf[i] != '\n') {
			/* A longer line is judged by its start. */
			if (buf[i] && c->len < CONSOLE_LINE_MAX - 1)
				c->line[c->len++] = buf[i];
			continue;
		}
		kind = take_line(c);
		if (kind > worst)
			worst = kind;
	}
	return worst;
}

void console__forget(struct console *c)
{
	c->len = 0;
	c->lines = 0;
	memset(c->count, 0, sizeof(c->count));
	memset(c->first, 0, sizeof(c->first));
}

enum console_kind console__finish(struct console *c)
{
	return c->len ? take_line(c) : CONSOLE_NONE;
}
