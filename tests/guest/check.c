// SPDX-License-Identifier: GPL-2.0-only
/* Checks of a case and their record in memory that its processes share. */
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ktap.h"
#include "run.h"

#define REPORT_TEXT 16384
#define ARENA_SIZE (1 << 20)

/* Several processes write the report, so counters are incremented atomically. */
static struct report {
	unsigned int checks;
	unsigned int failures;
	unsigned int skipped;
	unsigned int text_len;		/* may exceed the size: text was cut */
	unsigned int arena_used;
	char why_skipped[128];
	char told[1024];
	char text[REPORT_TEXT];
	char arena[ARENA_SIZE] __attribute__((aligned(64)));
} *report;

int report__create(void)
{
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED) {
		report = NULL;
		return -errno;
	}
	return 0;
}

void report__reset(void)
{
	unsigned int used = report->arena_used;

	if (used > ARENA_SIZE)
		used = ARENA_SIZE;
	memset(report->arena, 0, used);
	memset(report, 0, offsetof(struct report, arena));
}

bool report__explained(void)
{
	return report->failures || report->skipped;
}

void *shared__alloc(size_t size)
{
	unsigned int at;

	size = (size + 63) & ~63UL;
	at = __atomic_fetch_add(&report->arena_used, size, __ATOMIC_RELAXED);
	if (size > ARENA_SIZE || at + size > ARENA_SIZE)
		check__bail("shared memory of the case is used up");
	return report->arena + at;
}

static void record(const char *prefix, const char *fmt, va_list ap)
{
	char line[1024];
	unsigned int at;
	int len;

	len = snprintf(line, sizeof(line), "%s", prefix);
	len += vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	at = __atomic_fetch_add(&report->text_len, len, __ATOMIC_RELAXED);
	if (at + len < REPORT_TEXT)
		memcpy(report->text + at, line, len);
}

static void failed(void)
{
	__atomic_fetch_add(&report->failures, 1, __ATOMIC_RELAXED);
}

static void counted(void)
{
	__atomic_fetch_add(&report->checks, 1, __ATOMIC_RELAXED);
}

void check__fail(const char *fmt, ...)
{
	va_list ap;

	counted();
	failed();
	va_start(ap, fmt);
	record("", fmt, ap);
	va_end(ap);
}

void check__note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record("note: ", fmt, ap);
	va_end(ap);
}

/* Only the case's first process calls this, so no atomics are needed. */
void check__detail(const char *fmt, ...)
{
	size_t len = strlen(report->told);
	va_list ap;

	if (len && len < sizeof(report->told) - 1)
		report->told[len++] = '\n';
	va_start(ap, fmt);
	vsnprintf(report->told + len, sizeof(report->told) - len, fmt, ap);
	va_end(ap);
}

void check__bail(const char *fmt, ...)
{
	va_list ap;

	failed();
	va_start(ap, fmt);
	record("cannot go on: ", fmt, ap);
	va_end(ap);
	_exit(1);
}

void check__skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(report->why_skipped, sizeof(report->why_skipped), fmt, ap);
	va_end(ap);
	report->skipped = 1;
	_exit(1);
}

/* Formats -1 as "-EPERM"; a value that is not an errno as a number. */
static const char *err_name(long err, char *buf, size_t size)
{
	const char *name = err < 0 ? strerrorname_np(-err) : NULL;

	if (!err)
		snprintf(buf, size, "0 (success)");
	else if (name)
		snprintf(buf, size, "-%s", name);
	else
		snprintf(buf, size, "%ld", err);
	return buf;
}

bool check__err(const char *what, long got, long want)
{
	char g[32], w[32];

	counted();
	if (got == want)
		return true;
	check__fail("%s: got %s, expected %s", what,
		    err_name(got, g, sizeof(g)), err_name(want, w, sizeof(w)));
	return false;
}

bool check__eq(const char *what, long got, long want)
{
	counted();
	if (got == want)
		return true;
	check__fail("%s: got %ld, expected %ld", what, got, want);
	return false;
}

bool check__ne(const char *what, long got, long unwanted)
{
	counted();
	if (got != unwanted)
		return true;
	check__fail("%s: got %ld, expected anything else", what, got);
	return false;
}

bool check__str(const char *what, const char *got, const char *want)
{
	counted();
	if (!strcmp(got, want))
		return true;
	check__fail("%s: got '%s', expected '%s'", what, got, want);
	return false;
}

bool check__true(const char *what, bool is)
{
	counted();
	if (is)
		return true;
	check__fail("%s: is not so", what);
	return false;
}

long check__must(const char *what, long value)
{
	char g[32];

	if (value < 0)
		check__bail("%s: %s", what, err_name(value, g, sizeof(g)));
	return value;
}

void report__write(struct ktap *k, const char *name)
{
	report->text[REPORT_TEXT - 1] = '\0';
	if (*report->told)
		ktap__note(k, "%s", report->told);
	if (report->failures) {
		ktap__note(k, "%s", report->text);
		ktap__not_ok(k, name);
	} else if (report->skipped) {
		ktap__skip(k, name, report->why_skipped);
	} else if (!report->checks) {
		ktap__note(k, "the case checked nothing");
		ktap__not_ok(k, name);
	} else {
		ktap__ok(k, name);
	}
}
