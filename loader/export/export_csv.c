// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a line for each record, for spreadsheets and data frames. The format is RFC
 * 4180, with a header line, and lines that end in CR LF. A field without a value is
 * empty.
 *
 *	index		number in the stream, from 1
 *	time_ns		nanoseconds since the start of the recording
 *	cpu, seq	CPU and sequence number; seq counts per CPU, a gap is a loss
 *	type		the record's type
 *	task_comm	the record's subject: comm, task->pid and ->tgid, as shown
 *	task_pid	by the record, or as last seen (then the columns numbers
 *	task_tgid	and ns do not describe the task)
 *	numbers, ns	the first struct pid of the record: its numbers and
 *			namespaces at every level, outermost first, with spaces
 *	numbers2, ns2	the second struct pid: for change_pid and pid_rewrite the
 *			new one; for setns_exit the one at the entry
 *	current_pid	the task that ran the hook, as last seen
 *	current_comm
 *	ret		the return value of the call: a number or an address
 *	detail		the rest: the text of `replay', or the record's fields
 *
 * Bytes of a name that are not printable, and a backslash, become \xNN; so does every
 * semicolon in a cell of text, because it separates cells in some countries. A cell of text that a spreadsheet could take for
 * a formula, because it begins with = + - or @, begins with an apostrophe; so does one
 * that begins with an apostrophe. The other cells have numbers, which may be negative.
 * The csv format has only the most useful fields; the json format has all.
 */
#include <string.h>

#include "lib/array.h"
#include "loader/export/export_parts.h"

static void csv_begin(struct exporter *x)
{
	buf__lit(&x->buf, "index,time_ns,cpu,seq,type,task_comm,task_pid,task_tgid,numbers,ns,numbers2,ns2,current_pid,current_comm,ret,detail\r\n");
}

static bool is_formula(const char *s)
{
	/* Some spreadsheets also take these characters in their full width. */
	static const char *const begins[] = {
		"=", "+", "-", "@", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20",
	};

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (!strncmp(s, begins[i], strlen(begins[i])))
			return true;
	return false;
}

/* Writes a field of text, in quotes if a character needs them. */
static void put_text(struct buf *t, const char *s)
{
	const char *mark = is_formula(s) ? "'" : "";

	const char *quote = strpbrk(s, ",\"\r\n") ? "\"" : "";

	buf__str(t, quote);
	buf__str(t, mark);
	for (; *s; s++) {
		if (*s == '"')
			buf__char(t, '"');
		if (*s == ';')
			buf__lit(t, "\\x3b");
		else
			buf__char(t, *s);
	}
	buf__str(t, quote);
}

static void put_comm(struct buf *t, const char *comm)
{
	struct buf text = { 0 };

	buf__escaped(&text, comm, WIRE_COMM_LEN);
	buf__char(&text, '\0');
	put_text(t, text.bytes);
	buf__free(&text);
}

static void put_task(struct buf *t, const struct model_view *v)
{
	const struct model_task *m = v->subject;
	const char *comm = v->task ? v->task->comm : m ? m->comm : NULL;

	if (!comm) {
		buf__lit(t, ",,,");
		return;
	}
	put_comm(t, comm);
	buf__char(t, ',');
	buf__s64(t, v->task ? v->task->pid : m->pid);
	buf__char(t, ',');
	buf__s64(t, v->task ? v->task->tgid : m->tgid);
	buf__char(t, ',');
}

static void put_image(struct buf *t, const struct wire_hdr *rec,
		      unsigned int nth)
{
	const struct wire_pid *img = record__pid(rec, nth);
	unsigned int n = img ? record__levels(rec, img) : 0;

	for (unsigned int i = 0; i < n; i++) {
		buf__str(t, i ? " " : "");
		buf__s64(t, img->upid[i].nr);
	}
	buf__char(t, ',');
	for (unsigned int i = 0; i < n; i++) {
		buf__str(t, i ? " " : "");
		buf__u64(t, img->upid[i].ns);
	}
	buf__char(t, ',');
}

static void put_current(struct buf *t, const struct model_task *c)
{
	if (c)
		buf__s64(t, c->pid);
	buf__char(t, ',');
	if (c)
		put_comm(t, c->comm);
	buf__char(t, ',');
}

static void put_ret(struct buf *t, const struct wire_hdr *rec)
{
	const struct field *f = fields__find(record__fields(rec->type), "ret");
	const char *p = (const char *)rec;
	uint64_t address;

	if (f && f->kind == FIELD_HEX) {
		memcpy(&address, p + f->offset, sizeof(address));
		if (wire_is_err(address))
			buf__s64(t, (int64_t)address);
		else
			buf__hex(t, address);
	} else if (f) {
		field__json(f, rec, t);
	}
	buf__char(t, ',');
}

/* Lists the fields of a record that has no detail text: "hook 3, error 0". */
static void put_fields(struct buf *t, const struct wire_hdr *rec)
{
	const struct fields *f = record__fields(rec->type);
	struct buf all = { 0 };

	for (size_t i = 0; f->field[i].key; i++) {
		const struct field *d = &f->field[i];

		if (d->kind == FIELD_RESERVED || d->kind == FIELD_STRUCT)
			continue;
		buf__str(&all, all.len ? ", " : "");
		buf__add(&all, d->key + 1, d->name_len);
		buf__char(&all, ' ');
		if (d->kind == FIELD_CHARS)
			buf__escaped(&all, (const char *)rec + d->offset, d->size);
		else if (d->kind == FIELD_HEX)
			buf__hex(&all, *(const uint64_t *)
					((const char *)rec + d->offset));
		else
			field__json(d, rec, &all);
	}
	buf__char(&all, '\0');
	put_text(t, all.bytes);
	buf__free(&all);
}

static void csv_record(struct exporter *x, const struct model_view *v)
{
	const struct wire_hdr *rec = v->rec;
	struct buf *t = &x->buf;
	const char *detail;

	buf__u64(t, v->index);
	buf__char(t, ',');
	buf__s64(t, (int64_t)(rec->ts_ns - x->start_ns));
	buf__char(t, ',');
	buf__u64(t, rec->cpu);
	buf__char(t, ',');
	buf__u64(t, rec->seq);
	buf__char(t, ',');
	buf__str(t, record__name(rec->type));
	buf__char(t, ',');
	put_task(t, v);
	put_image(t, rec, 0);
	put_image(t, rec, 1);
	put_current(t, v->current);
	put_ret(t, rec);
	detail = exporter__detail(x, v);
	if (*detail)
		put_text(t, detail);
	else
		put_fields(t, rec);
	buf__lit(t, "\r\n");
}

const struct export_format export_csv = {
	.name = "csv",
	.state_size = 1,
	.needs_model = true,
	.begin = csv_begin,
	.record = csv_record,
};
