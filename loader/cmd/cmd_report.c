// SPDX-License-Identifier: GPL-2.0-only
/* Implements `pidnstrace report FILE -o PAGE', which writes an HTML page of a trace. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/memory.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/offline.h"
#include "loader/lib/outfile.h"
#include "loader/lib/parse.h"
#include "loader/page/page.h"

struct options {
	struct offline offline;
	const char *output;
	struct page_opts page;
};

/* Parses "5..90", "5..", "..90". Records are counted from 1; page->last 0: no limit. */
static int parse_records(const struct option_value *v)
{
	struct page_opts *page = v->member;
	const char *dots = strstr(v->text, "..");
	char *first;
	int err = 0;

	if (!dots)
		return -EINVAL;
	first = xasprintf("%.*s", (int)(dots - v->text), v->text);
	if (*first)
		err = parse__u64(first, &page->first);
	free(first);
	if (err || !dots[2])
		return err;
	err = parse__u64(dots + 2, &page->last);
	return !err && page->last && page->last >= page->first ? 0 : -EINVAL;
}

#define MEMBER(name) offsetof(struct options, name)

static const struct option_row rows[] = {
	{ "output", 'o', "PAGE", "write the page to this file; - is stdout",
	  .member = MEMBER(output), .parse = option__text },
	{ "title", 0, "TEXT", "the page's title; default: the trace's file name",
	  .member = MEMBER(page.title), .parse = option__text },
	{ "all", 0, NULL,
	  "draw every record, including those of links, allocations and sweeps",
	  .member = MEMBER(page.everything), .parse = option__flag },
	{ "records", 0, "FIRST..LAST",
	  "draw only the records with these numbers; all are judged",
	  .member = MEMBER(page), .parse = parse_records,
	  .wrong = "not FIRST..LAST, two record numbers" },
	{}
};

static void check(void *values, struct argp_state *state)
{
	if (!((struct options *)values)->output)
		argp_error(state, "no output file: give -o PAGE.html, or -o - for stdout");
}

static const struct option_table table = {
	.rows = rows,
	.parts = (const struct option_part[]){
		{ &offline_options, NULL, MEMBER(offline) }, {}
	},
	.check = check,
	.args_doc = "FILE",
	.doc = "Writes one HTML page of a trace made by `pidnstrace record' or `verify -o': one lane per pid namespace, one line per task. FILE may be - for stdin.\v"
	       "Exit status: 0 the page is written, whatever the verdict in it; 2 not a trace, wrong usage or a page that cannot be written; 3 the trace is damaged or cut short, the page shows the part before the damage.",
};

static void complain_too_many(const struct options *o, const struct page *p)
{
	char why[256];

	snprintf(why, sizeof(why), "%llu records to draw, but a page takes at most %d: %sgive --records FIRST..LAST to draw a part of them",
		 (unsigned long long)page__wanted(p), PAGE_EVENTS_MAX,
		 o->page.everything ? "omit --all to draw fewer, or " : "");
	offline__complain(&o->offline, o->offline.path, why);
}

static int write_page(struct page *p, struct judge *j, const struct options *o)
{
	const struct judge_result *result = judge__finish(j);
	struct outfile out;
	int err;

	if (page__finish(p)) {
		complain_too_many(o, p);
		return EXIT_USAGE;
	}
	err = outfile__open(&out, o->output);
	if (!err) {
		page__write_html(p, result, out.f);
		err = outfile__close(&out, 0);
	}
	if (!err)
		return EXIT_PASS;
	offline__complain(&o->offline, o->output, strerror(-err));
	return EXIT_USAGE;
}

/*
 * The second reading of the trace: only at its end, the judge finds that a record at the
 * beginning is to be marked. A trace that can be read only once is copied meanwhile.
 */
struct second {
	const char *path;
	FILE *copy;			/* NULL: the path is that of the trace */
	struct trace_writer *writer;
	char copy_path[32];
};

static int second__prepare(struct second *s, const struct options *o,
			   const struct trace_info *info)
{
	struct stat st;
	int fd;

	*s = (struct second){ .path = o->offline.path };
	if (strcmp(s->path, "-") && !stat(s->path, &st) && S_ISREG(st.st_mode))
		return 0;
	s->copy = tmpfile();
	if (!s->copy)
		return -errno;
	snprintf(s->copy_path, sizeof(s->copy_path), "/proc/self/fd/%d",
		 fileno(s->copy));
	s->path = s->copy_path;
	fd = fcntl(fileno(s->copy), F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : trace_writer__open_fd(&s->writer, fd, info);
}

static void second__free(struct second *s)
{
	trace_writer__close(s->writer);
	if (s->copy)
		fclose(s->copy);
}

/* Gives the page the records that the judge has taken. */
static int second__read(struct second *s, struct page *p, const struct options *o)
{
	struct record_sink *sink = page__sink(p);
	struct trace_reader *r;
	char err[512];
	int ret = trace_writer__close(s->writer);

	s->writer = NULL;
	if (ret) {
		offline__complain(&o->offline, "cannot copy the trace", strerror(-ret));
		return ret;
	}
	ret = trace_reader__open(&r, s->path, err, sizeof(err));
	if (ret) {
		msg__of(o->offline.command, "%s", err);
		return ret;
	}
	ret = trace_reader__run(r, &sink, 1);
	trace_reader__close(r);
	return ret == -EBADMSG ? 0 : ret;	/* reported when the judge read it */
}

static int read_trace(struct trace_reader *r, struct judge *j, struct page *p,
		      struct second *s, const struct options *o)
{
	struct record_sink *sinks[] = { judge__sink(j), NULL };
	int err, status;

	if (s->writer)
		sinks[1] = trace_writer__sink(s->writer);
	err = trace_reader__run(r, sinks, s->writer ? 2 : 1);
	if (err) {
		offline__complain(&o->offline, o->offline.path,
				  trace_reader__error(r));
		if (err != -EBADMSG)
			return EXIT_USAGE;
		judge__reason(j, "%s: %s", o->offline.path,
			      trace_reader__error(r));
		page__cut(p, trace_reader__error(r));
	}
	judge__finish(j);
	if (second__read(s, p, o))
		return EXIT_USAGE;
	status = write_page(p, j, o);
	return status == EXIT_PASS && err ? EXIT_INCONCLUSIVE : status;
}

static int report_trace(struct trace_reader *r, const struct options *o)
{
	struct second second;
	struct judge *j;
	struct page *p;
	int ret;

	if (offline__judge(&o->offline, r, /* expect */ false, &j))
		return EXIT_USAGE;
	p = page__new(&o->page, trace_reader__info(r));
	judge__watch(j, page__violation, p);
	ret = second__prepare(&second, o, trace_reader__info(r));
	if (ret) {
		offline__complain(&o->offline, "cannot copy the trace", strerror(-ret));
		ret = EXIT_USAGE;
	} else {
		ret = read_trace(r, j, p, &second, o);
	}
	second__free(&second);
	page__free(p);
	judge__free(j);
	return ret;
}

int cmd_report(int argc, char **argv)
{
	struct options o = { .offline.command = "pidnstrace report" };
	const char *path;
	struct trace_reader *r;
	int ret;

	options__parse(&table, argc, argv, 0, &o);
	path = o.offline.path;
	if (offline__open(&o.offline, &r))
		return EXIT_USAGE;
	o.page.file = strcmp(path, "-") ? path : "stdin";
	if (!o.page.title)
		o.page.title = o.page.file;
	ret = report_trace(r, &o);
	trace_reader__close(r);
	return ret;
}
