// SPDX-License-Identifier: GPL-2.0-only
/*
 * print.c - which records become a line, of which tasks; how the line looks is
 * print_text.c's and print_json.c's.
 *
 * With a command (META_COMMAND) only it and what it forked is shown; without,
 * everybody. Where records are missing the stream has a hole of numbers: one
 * that is larger than what preemption can explain is shown at its place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "print_parts.h"

#define NSEC_PER_SEC	1000000000ull
#define SHOWN_GAP	4	/* numbers: neighbours may swap (loss.h) */
#define MAX_CPUS	1024

struct printer {
	struct record_sink sink;	/* first: the sink is the printer */
	FILE *out;
	struct print_opts opts;
	struct model *model;
	uint64_t start_ns;
	bool follow;			/* there is a command */
	uint32_t next_seq[MAX_CPUS];
	uint64_t lost_ring, lost_map, missed;
};

static int printer_record(struct record_sink *sink, const struct wire_hdr *rec);

static int printer_tick(struct record_sink *sink)
{
	struct printer *p = (struct printer *)sink;

	return fflush(p->out) ? -errno : 0;
}

int printer__new(struct printer **out, FILE *f, const struct print_opts *opts)
{
	struct printer *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (!p)
		return -ENOMEM;
	if (model__new(&p->model, false)) {
		free(p);
		return -ENOMEM;
	}
	p->sink.record = printer_record;
	p->sink.tick = printer_tick;
	p->out = f;
	p->opts = *opts;
	if (!p->opts.what)
		p->opts.what = PRINT_DEFAULT;
	p->start_ns = opts->start_ns;
	*out = p;
	return 0;
}

void printer__free(struct printer *p)
{
	if (!p)
		return;
	model__free(p->model);
	free(p);
}

struct record_sink *printer__sink(struct printer *p)
{
	return &p->sink;
}

static const struct {
	const char *name;
	unsigned int what;
} words[] = {
	{ "setns", PRINT_SETNS }, { "rewrite", PRINT_REWRITE },
	{ "fork", PRINT_FORK }, { "exec", PRINT_EXEC }, { "exit", PRINT_EXIT },
	{ "error", PRINT_ERROR }, { "all", PRINT_ALL },
};

static unsigned int word(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].name) == len &&
		    !strncmp(words[i].name, name, len))
			return words[i].what;
	return 0;
}

int print_what__parse(const char *list, unsigned int *out)
{
	unsigned int what = 0;

	for (;;) {
		size_t n = strcspn(list, ",");
		unsigned int w = word(list, n);

		if (!w)
			return -EINVAL;
		what |= w;
		if (!list[n])
			break;
		list += n + 1;
	}
	*out = what;
	return 0;
}

static unsigned int what_is(unsigned int type)
{
	switch (type) {
	case WIRE_SETNS_EXIT:
		return PRINT_SETNS;
	case WIRE_CHANGE_PID:
		return PRINT_REWRITE;
	case WIRE_FORK:
		return PRINT_FORK;
	case WIRE_EXEC:
		return PRINT_EXEC;
	case WIRE_EXIT:
		return PRINT_EXIT;
	case WIRE_ERROR_REPORT:
		return PRINT_ERROR;
	}
	return 0;
}

static enum change_kind change_of(const struct model_view *v)
{
	const struct wire_change_pid *r = (const void *)v->rec;

	if (v->window)
		return CHANGE_JOIN;
	if (r->pidtype == WIRE_SID)
		return CHANGE_SETSID;
	if (r->pidtype != WIRE_PGID)
		return CHANGE_OTHER;
	if (v->subject &&
	    v->subject->sid_just_set == record__pid(v->rec, 1)->address)
		return CHANGE_SETSID_REST;
	return CHANGE_SETPGID;
}

static bool is_followed(const struct printer *p, const struct model_view *v)
{
	if (!p->follow || p->opts.everyone)
		return true;
	return (v->subject && v->subject->followed) ||
	       (v->current && v->current->followed);
}

static void show_gap(struct printer *p, const struct wire_hdr *rec)
{
	uint32_t *next;
	int32_t ahead;

	if (rec->cpu >= MAX_CPUS)
		return;
	next = &p->next_seq[rec->cpu];
	ahead = (int32_t)(rec->seq - *next);
	if (ahead >= SHOWN_GAP && p->opts.format == PRINT_TEXT)
		fprintf(p->out, "--- %d records of cpu %u were lost before this\n",
			ahead, rec->cpu);
	if (ahead >= 0)
		*next = rec->seq + 1;
}

static void show(struct printer *p, const struct model_view *v)
{
	struct printed op = {
		.out = p->out,
		.model = p->model,
		.view = v,
		.ns = v->rec->ts_ns > p->start_ns ?
		      v->rec->ts_ns - p->start_ns : 0,
	};
	bool json = p->opts.format == PRINT_JSON;

	if (p->opts.what & PRINT_ALL) {
		(json ? print_json__raw : print_text__raw)(&op);
		return;
	}
	if (v->rec->type == WIRE_CHANGE_PID) {
		op.change = change_of(v);
		if (op.change == CHANGE_SETSID_REST)
			return;
	}
	(json ? print_json__op : print_text__op)(&op);
}

static void note_meta(struct printer *p, const struct wire_hdr *rec)
{
	if (rec->type == WIRE_META_COMMAND) {
		p->follow = true;
	} else if (rec->type == WIRE_META_STATS) {
		const struct wire_meta_stats *s = (const void *)rec;

		p->lost_ring += s->lost_ring;
		p->lost_map += s->lost_map;
		p->missed += s->missed;
	}
}

static int printer_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct printer *p = (struct printer *)sink;
	struct model_view v;

	model__resolve(p->model, rec, &v);
	if (rec->type >= WIRE_META) {
		note_meta(p, rec);
		model__apply(p->model, &v);
		return 0;
	}
	if (!p->start_ns)
		p->start_ns = rec->ts_ns;
	show_gap(p, rec);
	/* The command is recognised by its first record, in apply. */
	if (rec->type == WIRE_FORK || rec->type == WIRE_EXEC) {
		model__apply(p->model, &v);
		if ((p->opts.what & (what_is(rec->type) | PRINT_ALL)) &&
		    is_followed(p, &v))
			show(p, &v);
	} else {
		if ((p->opts.what & (what_is(rec->type) | PRINT_ALL)) &&
		    is_followed(p, &v))
			show(p, &v);
		model__apply(p->model, &v);
	}
	if (ferror(p->out))
		return errno ? -errno : -EIO;
	return 0;
}

static void show_open(struct model_task *t, void *arg)
{
	struct printer *p = arg;

	if (t->window && p->opts.format == PRINT_TEXT &&
	    (p->opts.what & PRINT_SETNS) &&
	    (!p->follow || p->opts.everyone || t->followed))
		fprintf(p->out, "%.*s[%d] setns(%d, ...) has not returned\n",
			WIRE_COMM_LEN, t->comm, t->pid,
			t->window->enter.fd);
}

int printer__finish(struct printer *p)
{
	model__each_task(p->model, show_open, p);
	if (p->opts.format == PRINT_TEXT &&
	    (p->lost_ring || p->lost_map || p->missed))
		fprintf(p->out, "--- lost: %llu records (ring buffer full), %llu (map full); %llu times a program did not run\n",
			(unsigned long long)p->lost_ring,
			(unsigned long long)p->lost_map,
			(unsigned long long)p->missed);
	errno = 0;
	if (fflush(p->out) || ferror(p->out))
		return errno ? -errno : -EIO;
	return 0;
}
