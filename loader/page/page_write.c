// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the page's data as JSON, inside its HTML.
 *
 * Long tables are arrays of numbers, one per column: a browser reads a million of those
 * at full speed. -1 means "none". Only the scripts in loader/page/ read the keys, which
 * change along with them.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/escape.h"
#include "loader/lib/json_text.h"
#include "loader/page/page_parts.h"
#include "loader/rules/rules.h"
#include "loader/trace/machine.h"
#include "loader/trace/record.h"

#define FLAG_DRAWN	1
#define FLAG_THREAD	2
#define FLAG_FOLLOWED	4

/* Escapes '<', which occurs in strings only, so that no tag can begin in the data. */
static int put_escaped(const char *buf, size_t size, void *out)
{
	for (const char *p = buf, *end = buf + size; p < end; ) {
		const char *lt = memchr(p, '<', end - p) ?: end;

		fwrite(p, lt - p, 1, out);
		if (lt < end)
			fputs("\\u003c", out);
		p = lt + 1;
	}
	return 0;
}

/* Takes ownership of the value. */
static void put_json(json_t *value, FILE *out)
{
	json_dump_callback(value, put_escaped, out,
			   JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	json_decref(value);
}

static void put_member(const char *key, json_t *value, FILE *out)
{
	fprintf(out, ",\n\"%s\":", key);
	put_json(value, out);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* --- about the run --- */

static json_t *machine(const struct page *p)
{
	return p->machine.hdr.size ? machine__json(&p->machine) : json_null();
}

static json_t *start_time(const struct page *p)
{
	time_t s = (time_t)(p->info.start_realtime_ns / 1000000000);
	char text[64];
	struct tm tm;

	if (!s || !gmtime_r(&s, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		return json_null();
	return json_string(text);
}

static json_t *result(const struct judge_result *r)
{
	json_t *reasons = json_array();

	for (size_t i = 0; i < r->nreasons; i++)
		json_array_append_new(reasons, json_text__new(r->reasons[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"verdict", verdict__name(r->verdict), "reasons", reasons,
		"events", number(r->events),
		"lost_ring", number(r->lost_ring),
		"lost_map", number(r->lost_map), "missed", number(r->missed),
		"setns", number(r->setns), "joins", number(r->joins),
		"rewrites", number(r->rewrites));
}

/* Lists only rules that were violated, for certain or not. */
static json_t *rules(const struct judge_result *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->nrules; i++) {
		const struct judge_rule *jr = &r->rules[i];

		if (!jr->violations && !jr->unsure)
			continue;
		json_array_append_new(a, json_pack("{s:s, s:s, s:o, s:o, s:o}",
			"id", jr->rule->id, "statement", jr->rule->statement,
			"violations", number(jr->violations),
			"unsure", number(jr->unsure),
			"text", json_text__new(jr->text)));
	}
	return a;
}

static json_t *type_names(void)
{
	json_t *a = json_array();

	for (int t = 0; t < WIRE_KERNEL_TYPES; t++)
		json_array_append_new(a, json_string(record__name(t)));
	return a;
}

static json_t *range(const struct page *p)
{
	if (p->opts.first <= 1 && p->opts.last == UINT64_MAX)
		return json_null();
	return json_pack("[o, o]", number(p->opts.first),
			 number(p->opts.last < p->records ? p->opts.last :
							    p->records));
}

static json_t *about(const struct page *p, const struct judge_result *res)
{
	char base[32];

	snprintf(base, sizeof(base), "%llu", (unsigned long long)p->start_ns);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:s, s:o, s:b, s:b, s:o, s:o}",
		"title", json_text__line(p->opts.title),
		"file", json_text__line(p->opts.file),
		"release", json_text__line(p->info.release),
		"machine", machine(p),
		"start", start_time(p),
		"base_ns", base,	/* text: too large for a double */
		"seed", number(p->info.seed),
		"semantics", semantics__name(res->semantics),
		"records", number(p->records),
		"everything", p->opts.everything,
		"command", p->has_command,
		"range", range(p),
		"cut", json_text__line(p->cut));
}

/* --- the columns --- */

static int32_t n(uint32_t index)
{
	return (int32_t)index;	/* PAGE_NONE: -1 */
}

/* Writes a member: an array with a formatted element for each i. */
#define LIST(key, count, format, ...)					\
	do {								\
		fputs(",\n\"" key "\":[", out);				\
		for (uint32_t i = 0; i < (count); i++)			\
			fprintf(out, "%s" format, i ? "," : "", __VA_ARGS__); \
		fputc(']', out);					\
	} while (0)

static void put_namespaces(const struct page *p, FILE *out)
{
	const struct page_ns *ns = p->namespaces.at;

	LIST("ns", p->namespaces.n, "[%u,%d,%u,%d,%d,%d,%d,%d]", ns[i].inum,
	     n(ns[i].parent), ns[i].level, n(ns[i].made), n(ns[i].freed),
	     n(ns[i].zap), n(ns[i].zapped), ns[i].followed);
}

static int flags(const struct page_task *t)
{
	return (t->drawn ? FLAG_DRAWN : 0) | (t->thread ? FLAG_THREAD : 0) |
	       (t->followed ? FLAG_FOLLOWED : 0);
}

static void put_tasks(const struct page *p, FILE *out)
{
	const struct page_task *t = p->tasks.at;
	const struct page_segment *s = p->segments.at;

	LIST("tasks", p->tasks.n, "%d,%d,%d,%d,%d", n(t[i].first), n(t[i].exit),
	     n(t[i].release), n(t[i].leader), flags(&t[i]));
	LIST("segments", p->segments.n, "%d,%d,%d,%d", n(s[i].event),
	     n(s[i].task), n(s[i].ns), n(s[i].label));
}

/* Writes a member: an array of the texts from @at on, each of which ends in a NUL. */
static void put_texts(const char *key, const char *at, uint32_t count, FILE *out)
{
	fprintf(out, ",\n\"%s\":[", key);
	for (uint32_t i = 0; i < count; i++) {
		fputs(i ? ",\n" : "", out);
		put_json(json_text__new(at), out);
		at += strlen(at) + 1;
	}
	fputc(']', out);
}

static void put_events(const struct page *p, FILE *out)
{
	const struct page_event *e = p->events.at;
	uint32_t count = p->events.n;

	fprintf(out, ",\n\"events\":{\"n\":%u", count);
	/* Differences are short. The order is the stream's, so time may go back. */
	LIST("record", count, "%lld",
	     (long long)(e[i].record - (i ? e[i - 1].record : 0)));
	LIST("ns", count, "%lld", (long long)(e[i].ns - (i ? e[i - 1].ns : 0)));
	LIST("type", count, "%u", e[i].type);
	LIST("cpu", count, "%u", e[i].cpu);
	LIST("task", count, "%d", n(e[i].task));
	LIST("other", count, "%d", n(e[i].other));
	LIST("who", count, "%d", n(e[i].who));
	put_texts("line", p->lines_at, count, out);
	fputc('}', out);
}

static void put_losses(const struct page *p, FILE *out)
{
	struct loss_hole h;
	size_t pos = 0;

	fputs(",\n\"losses\":[", out);
	while (loss__next_hole(p->loss, &pos, &h))
		fprintf(out, "%s[%u,%llu,%llu,%llu]", pos > 1 ? "," : "",
			h.cpu, (unsigned long long)h.missing,
			(unsigned long long)h.from, (unsigned long long)h.to);
	fputc(']', out);
}

static void put_violations(const struct page *p, FILE *out)
{
	const struct page_violation *v = p->violations.at;
	const struct page_naming *m = p->namings.at;

	fprintf(out, ",\n\"unmarked\":%llu", (unsigned long long)p->unmarked);
	LIST("violations", p->violations.n, "[\"%s\",%d,%d]", v[i].rule->id,
	     n(v[i].why), v[i].at_end);
	/* Pairs of a violation and an event that it names, in order of events. */
	LIST("named", p->namings.n, "%u,%d", m[i].violation, n(m[i].event));
}

void page__write_json(struct page *p, const struct judge_result *res,
		      FILE *out)
{
	fputs("{\"version\":1", out);
	put_member("about", about(p, res), out);
	put_member("result", result(res), out);
	put_member("rules", rules(res), out);
	put_member("types", type_names(), out);
	put_losses(p, out);
	put_violations(p, out);
	put_namespaces(p, out);
	put_tasks(p, out);
	put_texts("strings", p->strings_at, p->nstrings, out);
	put_events(p, out);
	fputs("}\n", out);
}

/* --- HTML --- */

/*
 * Embeds the files of loader/page/ in the program, unchanged, with a NUL at the end. The
 * paths are relative to the top directory, where make runs.
 */
#define FILE_BYTES(name) ".incbin \"loader/page/" name "\"\n"

#define ASSET(symbol, files)			\
	extern const char symbol[];		\
	__asm__(".section .rodata\n"		\
		".global " #symbol "\n"		\
		#symbol ":\n"			\
		files				\
		".byte 0\n"			\
		".previous\n")

ASSET(page_html, FILE_BYTES("page.html"));
ASSET(page_css, FILE_BYTES("page.css"));
ASSET(page_js, FILE_BYTES("trace.js") FILE_BYTES("draw.js") FILE_BYTES("layout.js")
	       FILE_BYTES("ui.js") FILE_BYTES("main.js"));

static void put_title(const struct page *p, FILE *out)
{
	char *title = escape__line(p->opts.title);

	for (const char *s = title; *s; s++) {
		if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '&')
			fputs("&amp;", out);
		else
			fputc(*s, out);
	}
	free(title);
}

/* Writes the text up to a word, and returns what follows the word. */
static const char *put_up_to(const char *word, const char *text, FILE *out)
{
	const char *at = strstr(text, word);

	fwrite(text, at - text, 1, out);
	return at + strlen(word);
}

void page__write_html(struct page *p, const struct judge_result *res,
		      FILE *out)
{
	const char *rest = put_up_to("@TITLE@", page_html, out);

	put_title(p, out);
	rest = put_up_to("@CSS@", rest, out);
	fputs(page_css, out);
	rest = put_up_to("@DATA@", rest, out);
	page__write_json(p, res, out);
	rest = put_up_to("@JS@", rest, out);
	fputs(page_js, out);
	fputs(rest, out);
}
