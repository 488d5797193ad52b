// SPDX-License-Identifier: GPL-2.0-only
/* Parses the kernel's reports on a console, and names and counts their faults. */
#include "vmtest/triage/fault.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/triage/scanner.h"

/* A kernel may print reports without end; late ones are mostly repetitions. */
#define FAULTS_MAX 1000
#define RULE_LEN 20		/* "====" lines of KASAN, KCSAN, lockdep */

/* The report that is being parsed. */
struct report {
	const struct splat_row *row;	/* NULL: none */
	char *line;
	char *named;		/* the function in @line, or NULL */
	struct strv frames;
	bool panic;
	bool whole;		/* no more frames are needed */
};

bool fault__of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Precedes the place of the fault itself, which is not a return address. */
#define RIP "RIP: 0010:"

/* Precedes each line of a kmemleak report. */
#define LEAK "kmemleak:"

char *fault__frame(const char *text)
{
	const char *rip = !strncmp(text, RIP, strlen(RIP)) ? RIP : "";
	unsigned int off, size;
	size_t len = 0;
	int end = 0;

	/* Forms: "RIP: 0010:f+0x1/0x2", "[<0000000012345678>] f+0x1/0x2", "f+..." */
	if (!strncmp(text, LEAK, strlen(LEAK)))
		text += strlen(LEAK) + strspn(text + strlen(LEAK), " ");
	if (*rip)
		text += strlen(RIP);
	else if (!strncmp(text, "[<", 2) && strchr(text, '>'))
		text = strchr(text, '>') + 2;
	while (*text == ' ')
		text++;
	while (fault__of_name(text[len]))
		len++;
	if (!len || sscanf(text + len, "+0x%x/0x%x%n", &off, &size, &end) != 2)
		return NULL;
	return xasprintf("%s%.*s", rip, (int)len + end, text);
}

char *fault__function(const char *frame)
{
	if (!strncmp(frame, RIP, strlen(RIP)))
		frame += strlen(RIP);
	return xasprintf("%.*s", (int)strcspn(frame, "+. "), frame);
}

/* Returns the length without ".part.0" and the like; all of "pid.c" counts. */
static size_t without_suffix(const char *name, size_t len)
{
	static const char *const suffixes[] = {
		".part.", ".constprop.", ".isra.", ".cold",
	};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		const char *at = memmem(name, len, suffixes[i],
					strlen(suffixes[i]));

		if (at)
			return (size_t)(at - name);
	}
	return len;
}

/* Returns true if the number that follows the text says how a program ended. */
static bool is_status(const char *text, size_t len)
{
	static const char *const before[] = { "exit status ", "signal ", "exitcode=" };

	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		size_t n = strlen(before[i]);

		if (len >= n && !memcmp(text + len - n, before[i], n))
			return true;
	}
	return false;
}

/*
 * Returns a copy without the parts that differ from run to run: offsets are
 * removed, addresses and numbers (such as a pid) become N.
 */
static char *without_numbers(const char *text)
{
	char *out = xstrdup(text), *w = out;
	const char *p = text;

	while (*p) {
		size_t len = 0, digits = 0;

		if (*p == '+' && p[1] == '0' && p[2] == 'x') {
			p += strcspn(p, " \t,:;)");
			continue;
		}
		while (fault__of_name(p[len])) {
			digits += !!isdigit((unsigned char)p[len]);
			len++;
		}
		/* Numbers: "57", "0xffff888003dd6400", "8003dd6400"; not "pid_2" */
		if (len && is_status(text, (size_t)(p - text))) {
			memcpy(w, p, len);
			w += len;
			p += len;
		} else if (len && (digits == len || !strncmp(p, "0x", 2) ||
				   (len >= 8 && strspn(p, "0123456789abcdef") == len))) {
			*w++ = 'N';
			p += len;
		} else if (len) {
			size_t name = without_suffix(p, len);

			memcpy(w, p, name);
			w += name;
			p += len;
		} else {
			*w++ = *p++;
		}
	}
	*w = '\0';
	return out;
}

/* Returns a copy without outer and double blanks and final punctuation; frees @text. */
static char *tidy(char *text)
{
	char *out = xstrdup(strip(text)), *w = out;

	for (const char *p = out; *p; p++) {
		if (*p != ' ' || p[1] != ' ')
			*w++ = *p;
	}
	while (w > out && strchr(" :;,-.", w[-1]))
		w--;
	*w = '\0';
	free(text);
	return out;
}

static const char *rest_of(const struct report *r)
{
	const char *at = strstr(r->line, r->row->text);

	return at ? at + strlen(r->row->text) : r->line;
}

static char *first_function(const struct report *r)
{
	if (r->frames.n)
		return fault__function(r->frames.v[0]);
	return r->named ? xstrdup(r->named) : xstrdup("?");
}

static char *title_of(const struct report *r)
{
	char *function = first_function(r), *out = xstrdup("");

	for (const char *p = r->row->title; *p; p++) {
		const char *add = *p != '%' ? NULL :
				  p[1] == 'f' ? function :
				  p[1] == 'm' ? rest_of(r) :
				  p[1] == 'l' ? r->line : NULL;
		auto_free char *clean = add ? without_numbers(add) : NULL;
		char *longer = clean ? xasprintf("%s%s", out, clean) :
				       xasprintf("%s%c", out, *p);

		p += clean ? 1 : 0;
		free(out);
		out = longer;
	}
	free(function);
	out = tidy(out);
	/* Without a known function the title is the rest. */
	if (strlen(out) > 5 && !strcmp(out + strlen(out) - 5, " in ?"))
		out[strlen(out) - 5] = '\0';
	return out;
}

static void take_fingerprint(struct fault *f)
{
	uint64_t h = hash_str(HASH_INIT, f->title);

	for (size_t i = 0; i < f->frames.n; i++) {
		auto_free char *function = fault__function(f->frames.v[i]);

		h = hash_str(h, function);
	}
	snprintf(f->fingerprint, sizeof(f->fingerprint), "%08x",
		 (unsigned int)(h ^ h >> 32));
}

static void fault__free(struct fault *f)
{
	free(f->title);
	strv__free(&f->frames);
}

/* Takes over the contents of @f. */
static void add(struct faults *fs, struct fault *f)
{
	take_fingerprint(f);
	for (size_t i = 0; i < fs->n; i++) {
		if (strcmp(fs->v[i].fingerprint, f->fingerprint))
			continue;
		fs->v[i].count++;
		fs->v[i].panic |= f->panic;
		fault__free(f);
		return;
	}
	if (fs->n == FAULTS_MAX) {
		fault__free(f);
		return;
	}
	f->count = 1;
	fs->v = xrealloc(fs->v, (fs->n + 1) * sizeof(*fs->v));
	fs->v[fs->n++] = *f;
}

static void end_report(struct faults *fs, struct report *r)
{
	struct fault f = { .panic = r->panic };

	if (r->row) {
		f.title = title_of(r);
		f.frames = r->frames;
		add(fs, &f);
	}
	free(r->line);
	free(r->named);
	memset(r, 0, sizeof(*r));
}

/* Returns f of "... in f+0x5/0x10" or "... at kernel/pid.c:1 f+0x..", or NULL. */
static char *function_in(const char *line)
{
	const char *plus = strstr(line, "+0x"), *p = plus;

	while (p && p > line && fault__of_name(p[-1]))
		p--;
	return plus && p < plus ? fault__function(p) : NULL;
}

static void begin_report(struct report *r, const struct splat_row *row,
			 const char *text)
{
	r->row = row;
	r->line = xstrdup(text);
	r->named = function_in(text);
	r->panic = row->kind == CONSOLE_PANIC;
}

static bool is_end(const char *text)
{
	return !strncmp(text, "---[ end trace", 14) ||
	       strspn(text, "=") >= RULE_LEN;
}

/* RIP and the first frame of the stack often name the same function. */
static bool is_last(const struct report *r, const char *function)
{
	auto_free char *last = r->frames.n ? fault__function(r->frames.v[r->frames.n - 1]) :
					     NULL;

	return last && !strcmp(last, function);
}

static void take_frame(struct report *r, const char *text,
		       const struct scanner *s)
{
	auto_free char *frame = NULL, *function = NULL;

	/* Frames after those of an interrupt belong to unrelated code. */
	if (r->frames.n && !strncmp(text, "</IRQ>", 6))
		r->whole = true;
	/* Lockdep prints the stacks of earlier events before this line. */
	if (!strcmp(text, "stack backtrace:"))
		strv__free(&r->frames);
	if (r->whole || r->frames.n == FAULT_FRAMES || *text == '?')
		return;
	frame = fault__frame(text);
	if (!frame)
		return;
	function = fault__function(frame);
	if (scanner__names_fault(s, function) && !is_last(r, function))
		strv__add(&r->frames, frame);
}

/* The text being searched. */
struct search {
	struct faults *faults;
	struct report report;
	const struct scanner *scanner;
	const struct allow *allow;
	bool ended;
};

static void take_text(struct search *w, const char *text)
{
	const struct splat_row *row = scanner__find(w->scanner, text);
	struct faults *fs = w->faults;
	struct report *r = &w->report;

	if (row && (row->kind == CONSOLE_GAP || row->kind == CONSOLE_HOST))
		return;
	if (row && row->kind == CONSOLE_SPLAT && allow__find(w->allow, text)) {
		end_report(fs, r);
	} else if (row && row->after && (r->row || fs->n)) {
		/* The line belongs to the current report, or to the last one. */
		if (row->kind == CONSOLE_PANIC && r->row)
			r->panic = true;
		else if (row->kind == CONSOLE_PANIC)
			fs->v[fs->n - 1].panic = true;
	} else if (row && !(r->row && !r->frames.n &&
			    row->kind == CONSOLE_SPLAT)) {
		end_report(fs, r);
		begin_report(r, row, text);
	} else if (r->row && !row) {
		if (r->frames.n && is_end(text))
			end_report(fs, r);
		else
			take_frame(r, text, w->scanner);
	}
}

static void take_line(void *ctx, char *line)
{
	struct search *w = ctx;
	const char *text = console__skip_stamp(line);

	/* The rest is the dump that the runner requested from a hung guest. */
	w->ended |= console__is_dump(text);
	if (!w->ended)
		take_text(w, text);
}

void faults__find(struct faults *f, const char *console,
		  const struct scanner *s, const struct allow *allow)
{
	struct search w = { .faults = f, .scanner = s, .allow = allow };

	console_lines__each(console, take_line, &w);
	end_report(f, &w.report);
}

void faults__add(struct faults *fs, const char *title, const char *frame)
{
	struct fault f = { .title = tidy(without_numbers(title)) };

	if (frame)
		strv__add(&f.frames, frame);
	add(fs, &f);
}

void faults__add_rules(struct faults *fs, const char *title)
{
	struct fault f = { .title = xstrdup(title), .rules = true };

	add(fs, &f);
}

void faults__free(struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		fault__free(&f->v[i]);
	free(f->v);
	memset(f, 0, sizeof(*f));
}

json_t *faults__json(const struct faults *fs)
{
	json_t *a = json_array();

	for (size_t i = 0; i < fs->n; i++) {
		const struct fault *f = &fs->v[i];
		json_t *frames = json_array();

		for (size_t k = 0; k < f->frames.n; k++) {
			auto_free char *function = fault__function(f->frames.v[k]);

			json_array_append_new(frames, json_string(function));
		}
		json_array_append_new(a, json_pack("{s:s, s:s, s:o, s:I, s:b}",
						   "fingerprint", f->fingerprint,
						   "title", f->title, "frames",
						   frames, "count",
						   (json_int_t)f->count, "panic",
						   f->panic));
	}
	return a;
}
