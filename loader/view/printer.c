// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects the records and tasks that get a line; print_text.c and print_json.c format
 * the line.
 *
 * After META_COMMAND, only records of the command and its descendants are printed;
 * without META_COMMAND, those of all tasks. A large gap in the records gets a line where
 * it occurs.
 *
 * Output is written in whole lines: the reader of a pipe gets no partial line, unless
 * this process is killed in the middle of a write.
 */
#include "loader/view/printer.h"

#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/memory.h"
#include "loader/capture/hooks.h"
#include "loader/trace/machine.h"
#include "loader/trace/seq_gap.h"
#include "loader/view/census.h"
#include "loader/view/failed.h"
#include "loader/view/printer_parts.h"

#define NSEC_PER_SEC	1000000000ull
/* No line is longer. Only views may be, and no line of a record follows them. */
#define LINE_MAX_BYTES	16384

struct printer {
	struct record_sink sink;	/* first member: cast to the printer */
	FILE *out;
	struct print_opts opts;
	struct model *model;
	bool follow;			/* a command is traced */
	bool color;
	struct census *census;		/* for the views, or NULL */
	struct seq_gaps gaps;
	struct wire_meta_machine machine;	/* hdr.size 0: not known */
	uint64_t last_ns;		/* time of the previous line, 0: none */
	uint64_t lost_ring, lost_map, missed;
	unsigned int unseen;		/* enum print_what: operations without a hook */
	unsigned int partial;		/* ... whose hook does not count missed events */
	char unseen_words[128];
	struct wire_meta_hook first_unseen;
};

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
	{ "orphan", PRINT_ORPHAN },
	{ "wait", PRINT_WAIT }, { "ns", PRINT_NS }, { "error", PRINT_ERROR },
	{ "all", PRINT_ALL },
};

static unsigned int word(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].name, name))
			return words[i].what;
	return 0;
}

int print_what__parse(const char *list, unsigned int *out)
{
	char *copy = xstrdup(list), *rest = copy, *name;
	unsigned int what = 0, w = ~0U;

	while (w && (name = strsep(&rest, ","))) {
		w = word(name);
		what |= w;
	}
	free(copy);
	if (!w)
		return -EINVAL;
	*out = what;
	return 0;
}

/* The operation that a record is printed as. */
static const enum print_what what_of[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_EXIT] = PRINT_SETNS,
	[WIRE_CHANGE_PID] = PRINT_REWRITE,
	[WIRE_FORK] = PRINT_FORK,
	[WIRE_EXEC] = PRINT_EXEC,
	[WIRE_EXIT] = PRINT_EXIT,
	[WIRE_RELEASE] = PRINT_WAIT,
	[WIRE_NS_NEW] = PRINT_NS,
	[WIRE_NS_FREE] = PRINT_NS,
	[WIRE_ZAP_ENTER] = PRINT_NS,
	[WIRE_ERROR_REPORT] = PRINT_ERROR,
	[WIRE_CLONE_FAILED] = PRINT_FORK,
	[WIRE_CLONE3_FAILED] = PRINT_FORK,
	[WIRE_UNSHARE_FAILED] = PRINT_NS,
	[WIRE_ORPHAN] = PRINT_ORPHAN,
};

enum change_kind change_kind__of(const struct model_view *v)
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
	/* An RCU callback makes this record: its current task is unrelated. */
	if (v->rec->type == WIRE_NS_FREE)
		return v->ns && v->ns->followed;
	return (v->subject && v->subject->followed) ||
	       (v->current && v->current->followed);
}

static bool is_thread_release(const struct wire_hdr *rec)
{
	const struct wire_release *r = (const void *)rec;

	return rec->type == WIRE_RELEASE && r->pid != r->tgid;
}

/* A thread's RELEASE gets no line: nobody waits for a thread. */
static bool is_shown(const struct printer *p, const struct model_view *v)
{
	if (!is_followed(p, v))
		return false;
	if (is_thread_release(v->rec) && !(p->opts.what & PRINT_ALL))
		return false;
	return filter__fits(&p->opts.filter, v);
}

static struct printed printed(const struct printer *p,
			      const struct model_view *v)
{
	return (struct printed){
		.out = p->out,
		.model = p->model,
		.view = v,
		.wall_ns = p->machine.hdr.size ?
			   machine__wall(&p->machine, v->rec->ts_ns) : 0,
		.before_ns = p->last_ns && v->rec->ts_ns > p->last_ns ?
			     v->rec->ts_ns - p->last_ns : 0,
		.ns = v->rec->ts_ns > p->opts.start_ns ?
		      v->rec->ts_ns - p->opts.start_ns : 0,
		.wall = p->opts.wall,
		.relative = p->opts.relative,
		.color = p->color,
		.stack = p->opts.stack,
	};
}

static void show_gap(struct printer *p, const struct model_view *v)
{
	uint32_t missing = seq_gaps__before(&p->gaps, v->rec);
	struct printed line = printed(p, v);

	if (missing)
		(p->opts.format == PRINT_JSON ? print_json__lost :
		 print_text__lost)(&line, v->rec->cpu, missing);
}

static void show(struct printer *p, const struct model_view *v)
{
	struct printed op = printed(p, v);
	bool json = p->opts.format == PRINT_JSON;

	if (p->opts.what & PRINT_ALL) {
		p->last_ns = v->rec->ts_ns;
		(json ? print_json__raw : print_text__raw)(&op);
		return;
	}
	if (v->rec->type == WIRE_CHANGE_PID) {
		op.change = change_kind__of(v);
		if (op.change == CHANGE_SETSID_REST)
			return;
	}
	p->last_ns = v->rec->ts_ns;
	(json ? print_json__op : print_text__op)(&op);
}

/* Returns which of the selected operations cannot be printed without this hook. */
static unsigned int shown_by_hook(const struct printer *p, unsigned int hook)
{
	unsigned int wanted = p->opts.what & PRINT_ALL ? ~0U : p->opts.what;

	/* The line of a setns comes with its return. */
	if (hook == WIRE_HOOK_SETNS_ENTER)
		hook = WIRE_HOOK_SETNS_EXIT;
	return hook < WIRE_NHOOKS ? what_of[hooks[hook].type] & wanted : 0;
}

static bool is_of_failures(unsigned int hook)
{
	return hook < WIRE_NHOOKS && type__is_call_failed(hooks[hook].type);
}

static void note_hook(struct printer *p, const struct wire_meta_hook *r)
{
	unsigned int what = shown_by_hook(p, r->hook);

	/* Without this hook, only failed calls are missing. */
	if (r->error != -ECANCELED && is_of_failures(r->hook)) {
		p->partial |= r->error || r->hdr.flags & WIRE_F_PARTIAL ? what : 0;
		return;
	}
	if (!r->error && r->hdr.flags & WIRE_F_PARTIAL)
		p->partial |= what;
	/* -ECANCELED: the hook was not selected */
	if (!r->error || r->error == -ECANCELED || !what)
		return;
	if (!p->unseen)
		p->first_unseen = *r;
	p->unseen |= what;
}

/* Writes the operations: setns, wait; with @quote: "setns","wait". */
static void put_operations(FILE *out, unsigned int what, bool quote)
{
	const char *between = "";

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!(words[i].what & what & ~PRINT_ALL))
			continue;
		fprintf(out, quote ? "%s\"%s\"" : "%s%s", between, words[i].name);
		between = quote ? "," : ", ";
	}
}

static void keep_unseen_words(struct printer *p)
{
	FILE *out = fmemopen(p->unseen_words, sizeof(p->unseen_words), "w");

	if (!out)
		return;
	put_operations(out, p->unseen, false);
	fclose(out);
}

/* Prints which operations have no hook: their absence must not look like idleness. */
static void show_unseen(const struct printer *p)
{
	const struct wire_meta_hook *first = &p->first_unseen;

	if (p->opts.format == PRINT_JSON) {
		fputs("{\"op\":\"unseen\",\"operations\":[", p->out);
		put_operations(p->out, p->unseen, true);
		fprintf(p->out, "],\"hook\":\"%s\",\"error\":%d}\n",
			hooks[first->hook].name, first->error);
		return;
	}
	fprintf(p->out, "%s--- this kernel does not let us see: %s (%s: %s); `pidnstrace probe' shows why%s\n",
		style__on(STYLE_LOST, p->color), p->unseen_words,
		hooks[first->hook].name, hook__explain(first->error),
		style__off(STYLE_LOST, p->color));
}

static void show_partial(const struct printer *p)
{
	if (p->opts.format == PRINT_JSON) {
		fputs("{\"op\":\"partial\",\"operations\":[", p->out);
		put_operations(p->out, p->partial, true);
		fputs("]}\n", p->out);
		return;
	}
	fprintf(p->out, "%s--- this kernel does not count what may be missed of: ",
		style__on(STYLE_LOST, p->color));
	put_operations(p->out, p->partial, false);
	fprintf(p->out, "%s\n", style__off(STYLE_LOST, p->color));
}

static void after_last_hook(struct printer *p)
{
	keep_unseen_words(p);
	if (p->unseen)
		show_unseen(p);
	if (p->partial)
		show_partial(p);
}

const char *printer__unseen(const struct printer *p)
{
	return p->unseen_words;
}

/*
 * Names the machine: in text where the time of day is not that of this machine. Views
 * have no times.
 */
static void note_machine(struct printer *p, const struct wire_meta_machine *m)
{
	char text[MACHINE_TEXT];

	p->machine = *m;
	if (p->census)
		return;
	if (p->opts.format == PRINT_JSON)
		print_json__machine(p->out, m);
	else if (p->opts.wall && !machine__is_here(m))
		fprintf(p->out, "%s--- times of day are by the clock of %s%s\n",
			style__on(STYLE_LOST, p->color), machine__text(m, text),
			style__off(STYLE_LOST, p->color));
}

static void note_cgroup(struct printer *p, const struct wire_meta_cgroup *r)
{
	char path[sizeof(r->path) + 1] = "";

	memcpy(path, r->path, sizeof(r->path));
	filter__note_cgroup(&p->opts.filter, r->id, path);
}

static void note_meta(struct printer *p, const struct wire_hdr *rec)
{
	if (rec->type == WIRE_META_COMMAND) {
		p->follow = true;
		/* Tasks from before the command are unrelated. */
		if (p->census && !p->opts.everyone)
			census__restart(p->census);
	} else if (rec->type == WIRE_META_HOOK) {
		const struct wire_meta_hook *hook = (const void *)rec;

		note_hook(p, hook);
		if (hook->hook == WIRE_NHOOKS - 1)
			after_last_hook(p);
	} else if (rec->type == WIRE_META_CGROUP) {
		note_cgroup(p, (const void *)rec);
	} else if (rec->type == WIRE_META_MACHINE) {
		note_machine(p, (const void *)rec);
	} else if (rec->type == WIRE_META_STATS) {
		const struct wire_meta_stats *s = (const void *)rec;

		p->lost_ring += s->lost_ring;
		p->lost_map += s->lost_map;
		p->missed += s->missed;
	}
}

static void count_or_show(struct printer *p, const struct model_view *v)
{
	bool shown = is_shown(p, v);

	if (p->census)
		census__record(p->census, v, shown);
	else if (shown && filter__prints(&p->opts.filter, v->rec) &&
		 p->opts.what & (what_of[v->rec->type] | PRINT_ALL))
		show(p, v);
}

/* Makes room in the buffer for the next line, so that it is written as a whole. */
static void keep_lines_whole(struct printer *p)
{
	if (__fpending(p->out) > PRINT_BUFFER - LINE_MAX_BYTES)
		fflush(p->out);
}

/*
 * Returns true if the first sweep over all threads has ended, and did not show a
 * selected pid, or a process of a selected namespace, that had to exist by then.
 */
static bool looked_in_vain(const struct printer *p, const struct wire_hdr *rec)
{
	const struct wire_sweep *r = (const void *)rec;

	return rec->type == WIRE_SWEEP && r->phase == WIRE_SWEEP_END &&
	       !p->opts.may_come && (filter__missing(&p->opts.filter) ||
				     filter__missing_namespace(&p->opts.filter));
}

static int printer_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct printer *p = (struct printer *)sink;
	struct model_view v;
	bool early;

	model__resolve(p->model, rec, &v);
	if (rec->type >= WIRE_META) {
		note_meta(p, rec);
		model__apply(p->model, &v);
		return 0;
	}
	if (!p->opts.start_ns)
		p->opts.start_ns = rec->ts_ns;
	keep_lines_whole(p);
	show_gap(p, &v);
	/* model__apply() recognises the command by its first record. */
	early = rec->type == WIRE_FORK || rec->type == WIRE_EXEC;
	if (early)
		model__apply(p->model, &v);
	filter__follow(&p->opts.filter, p->model, &v);
	count_or_show(p, &v);
	if (!early)
		model__apply(p->model, &v);
	if (looked_in_vain(p, rec))
		return -ESRCH;
	if (ferror(p->out))
		return errno ? -errno : -EIO;
	return 0;
}

static int printer_tick(struct record_sink *sink)
{
	struct printer *p = (struct printer *)sink;

	return fflush(p->out) ? -errno : 0;
}

struct printer *printer__new(FILE *f, const struct print_opts *opts)
{
	struct printer *p = xcalloc(1, sizeof(*p));

	p->model = model__new(false);
	p->sink.record = printer_record;
	p->sink.tick = printer_tick;
	p->out = f;
	p->opts = *opts;
	if (!p->opts.what)
		p->opts.what = PRINT_DEFAULT;
	p->color = opts->format == PRINT_TEXT &&
		   terminal__color(opts->color, fileno(f));
	if (p->opts.views)
		p->census = census__new(p->model);
	return p;
}

void printer__free(struct printer *p)
{
	if (!p)
		return;
	model__free(p->model);
	census__free(p->census);
	filter__free(&p->opts.filter);
	free(p);
}

const char *printer__missing(const struct printer *p)
{
	const struct filter_pid *pid = filter__missing(&p->opts.filter);

	return pid ? pid->text : NULL;
}

const char *printer__missing_namespace(const struct printer *p)
{
	const struct filter_namespace *ns = filter__missing_namespace(&p->opts.filter);

	return ns ? ns->text : NULL;
}

char *printer__unmatched(const struct printer *p)
{
	return filter__unmatched(&p->opts.filter);
}

bool printer__done(const struct printer *p)
{
	return filter__done(&p->opts.filter);
}

static void show_open_setns(struct model_task *t, void *arg)
{
	struct printer *p = arg;
	char comm[COMM_TEXT];

	if (t->window && p->opts.format == PRINT_TEXT && !p->opts.filter.failed_only &&
	    (p->opts.what & PRINT_SETNS) &&
	    (!p->follow || p->opts.everyone || t->followed) &&
	    filter__fits_task(&p->opts.filter, t))
		fprintf(p->out, "%s[%d] setns(%d, ...) has not returned\n",
			comm__text(t->comm, comm), t->pid, t->window->enter.fd);
}

static void show_views(struct printer *p)
{
	bool json = p->opts.format == PRINT_JSON;

	if (p->opts.views & PRINT_TREE)
		(json ? census__tree_json : census__tree_text)(p->census,
							       p->out);
	if (p->opts.views == (PRINT_TREE | PRINT_SUMMARY) && !json)
		fputc('\n', p->out);
	if (p->opts.views & PRINT_SUMMARY)
		(json ? census__summary_json : census__summary_text)(p->census,
								     p->out);
}

static void show_losses(struct printer *p)
{
	if (!p->lost_ring && !p->lost_map && !p->missed)
		return;
	if (p->opts.format == PRINT_JSON)
		fprintf(p->out, "{\"op\":\"losses\",\"ring\":%llu,\"map\":%llu,\"missed\":%llu}\n",
			(unsigned long long)p->lost_ring,
			(unsigned long long)p->lost_map,
			(unsigned long long)p->missed);
	else
		fprintf(p->out, "%s--- lost: %llu records (ring buffer full), %llu (map full); %llu times a program did not run%s\n",
			style__on(STYLE_LOST, p->color),
			(unsigned long long)p->lost_ring,
			(unsigned long long)p->lost_map,
			(unsigned long long)p->missed,
			style__off(STYLE_LOST, p->color));
}

int printer__finish(struct printer *p)
{
	if (p->census)
		show_views(p);
	else
		model__each_task(p->model, show_open_setns, p);
	show_losses(p);
	errno = 0;
	if (fflush(p->out) || ferror(p->out))
		return errno ? -errno : -EIO;
	return 0;
}
