// SPDX-License-Identifier: GPL-2.0-only
/*
 * Draws a line about the runs at every tick of a timer. A line in place is
 * erased before each message of the runner (msg__before), and redrawn later.
 *
 * Limits: text that other programs write to the terminal, such as a kernel build,
 * may end up beside the line. Nothing is drawn while no run is active.
 */
#include "vmtest/run/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/escape.h"
#include "lib/terminal.h"

#define TICK_S 0.25		/* between redraws in place */
#define LOG_S 10.0
#define RULES_SHOWN 4
#define ERASE "\r\033[K"

enum way { OFF, IN_PLACE, LOG };

struct progress {
	struct loop *loop;
	struct timer timer;
	const struct batch *batch;
	enum way way;
	bool shown;
};

/* The object that msg__before() clears. */
static struct progress *current;

static bool same_file(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static enum way choose(bool command)
{
	const char *term = getenv("TERM");
	bool terminal = isatty(STDERR_FILENO);

	if (command && (same_file(STDERR_FILENO, STDOUT_FILENO) ||
			(terminal && isatty(STDOUT_FILENO))))
		return OFF;
	return terminal && !(term && !strcmp(term, "dumb")) ? IN_PLACE : LOG;
}

/* Prints ", violated: I3 I17". */
static void put_rules(FILE *out, const struct findings *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind != FINDING_RULE)
			continue;
		if (n++ < RULES_SHOWN)
			fprintf(out, "%s%s", n > 1 ? " " : ", violated: ",
				f->v[i].text);
	}
	if (n > RULES_SHOWN)
		fprintf(out, " and %zu more", n - RULES_SHOWN);
}

static void put_run(FILE *out, const struct run *run)
{
	const struct run_spec *spec = run__spec(run);
	struct run_status g;

	run__status(run, &g);
	fprintf(out, "%s seed %llu: %s", spec->label ? spec->label : spec->target,
		(unsigned long long)spec->seed, g.stage);
	if (g.tests.ok || g.tests.not_ok)
		fprintf(out, ", %llu ok", (unsigned long long)g.tests.ok);
	if (g.tests.not_ok)
		fprintf(out, ", %llu not ok",
			(unsigned long long)g.tests.not_ok);
	put_rules(out, g.findings);
	fprintf(out, ", %.0f s", g.seconds);
}

/* Returns the line, or NULL while no run is active; free it. */
static char *text_of(const struct batch *batch)
{
	uint64_t ended, all;
	struct run *const *runs;
	char *text;
	size_t n, len;
	FILE *out;

	runs = batch__running(batch, &n);
	if (!n)
		return NULL;
	out = xmemstream(&text, &len);
	batch__count(batch, &ended, &all);
	if (all > 1)
		fprintf(out, "[%llu of %llu done] ", (unsigned long long)ended,
			(unsigned long long)all);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? "; " : "", out);
		put_run(out, runs[i]);
	}
	fclose(out);
	return text;
}

/* Cuts the text to the terminal's width, at the beginning of a character. */
static void cut(char *text, size_t width)
{
	size_t n = width > 1 ? width - 1 : 1;

	if (strlen(text) <= n)
		return;
	while (n && (text[n] & 0xc0) == 0x80)
		n--;
	text[n] = '\0';
}

static void show(struct progress *p)
{
	auto_free char *text = text_of(p->batch), *line = NULL;

	if (!text)
		return;
	if (p->way == LOG) {
		msg__note("%s", text);
	} else {
		line = escape__line(text);
		/* The last column stays free: some terminals wrap there. */
		cut(line, terminal__width(STDERR_FILENO));
		dprintf(STDERR_FILENO, "\r%s\033[K", line);
		p->shown = true;
	}
}

static double period(const struct progress *p)
{
	return p->way == LOG ? LOG_S : TICK_S;
}

static void on_tick(void *ctx)
{
	struct progress *p = ctx;

	timer__arm(&p->timer, period(p));
	show(p);
}

void progress__clear(struct progress *p)
{
	if (!p || !p->shown)
		return;
	p->shown = false;
	write_all(STDERR_FILENO, ERASE, strlen(ERASE));
}

static void clear_current(void)
{
	progress__clear(current);
}

struct progress *progress__new(struct loop *loop, const struct batch *batch,
			       bool command)
{
	struct progress *p = xcalloc(1, sizeof(*p));
	int err;

	p->loop = loop;
	p->batch = batch;
	p->way = choose(command);
	current = p;
	msg__before = clear_current;
	if (p->way == OFF)
		return p;
	err = timer__start(&p->timer, loop, on_tick, p);
	if (err) {
		msg__error("timer: %s", strerror(-err));
		progress__free(p);
		return NULL;
	}
	timer__arm(&p->timer, period(p));
	return p;
}

void progress__free(struct progress *p)
{
	if (!p)
		return;
	progress__clear(p);
	msg__before = NULL;
	current = NULL;
	timer__stop(&p->timer, p->loop);
	free(p);
}
