// SPDX-License-Identifier: GPL-2.0-only
/*
 * Combines added lines, counts and reasons into a state for each line, and reports
 * useless reasons and uncounted files.
 */
#include "coverage.h"

#include <string.h>

#include "vmtest/lib/util.h"

static enum state judge(const struct line_count *count,
			struct reason *reason)
{
	if (!count)
		return NO_CODE;
	if (count->whole)
		return EXECUTED;
	if (!reason)
		return MISSING;
	reason->used = true;
	return EXCUSED;
}

static bool is_source(const char *path)
{
	size_t len = strlen(path);

	return len > 2 && !strcmp(path + len - 2, ".c");
}

static void judge_file(struct coverage *v, const struct added_file *f,
		       const struct file_counts *counts, struct reasons *r,
		       coverage_fn *fn, void *ctx)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct added_line *l = &f->v[i];
		const struct line_count *count = counts__line(counts, l->nr);
		struct reason *reason = NULL;
		enum state state;

		if (count && count->function)
			reason = reasons__find(r, f->path, count->function,
					       l->text);
		state = judge(count, reason);
		v->added++;
		v->of[state]++;
		fn(ctx, f, l, state, count, reason);
	}
}

void coverage__find(struct coverage *v, const struct added *a,
		   const struct counts *c, struct reasons *r, coverage_fn *fn,
		   void *ctx)
{
	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < a->n; i++) {
		const struct added_file *f = &a->v[i];
		const struct file_counts *counts = counts__file(c, f->path);

		if (!counts && is_source(f->path)) {
			msg_error("%s: no run has counted its lines", f->path);
			v->problems++;
		}
		judge_file(v, f, counts, r, fn, ctx);
	}
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].used)
			continue;
		msg_error("%s:%d: an excuse for a line that is executed, or not there: %s %s: %s",
			  r->path, r->v[i].nr, r->v[i].file, r->v[i].function,
			  r->v[i].text);
		v->problems++;
	}
}

static unsigned int compare_file(const struct added_file *f, const char *path)
{
	char *text, *rest, *line;
	unsigned int nr = 0, bad = 0;
	size_t next = 0;

	if (read_file(path, &text, NULL)) {
		msg_error("%s: not there", path);
		return 1;
	}
	for (rest = text; next < f->n && (line = strsep(&rest, "\n"));) {
		if (++nr != f->v[next].nr)
			continue;
		if (strcmp(line, f->v[next++].text)) {
			msg_error("%s:%u: not what the series has there", path,
				  nr);
			bad++;
		}
	}
	free(text);
	return bad + (unsigned int)(f->n - next);
}

unsigned int coverage__compare_source(const struct added *a, const char *dir)
{
	unsigned int bad = 0;

	for (size_t i = 0; i < a->n; i++) {
		char *path = xasprintf("%s/%s", dir, a->v[i].path);

		bad += compare_file(&a->v[i], path);
		free(path);
	}
	return bad;
}

bool coverage__good(const struct coverage *v)
{
	return !v->of[MISSING] && !v->problems && v->of[EXECUTED];
}
