// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements `pidnstrace wait-for NS', which lists what holds a pid namespace, and waits
 * until the namespace is gone. Each sweep lists the holders anew; what differs from the
 * sweep before is printed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <jansson.h>

#include "loader/capture/hooks.h"
#include "loader/capture/ns_files.h"
#include "loader/capture/observe.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "loader/lib/json_text.h"
#include "loader/view/holders.h"
#include "loader/view/nsname.h"

#define SWEEP_MS 250
/* A scan over the files in /proc takes at most this part of the time: 1 / SCAN_SHARE. */
#define SCAN_SHARE 10
/* Holders that are listed; others are counted. */
#define SHOWN 50

enum end {
	END_NONE,	/* time is up, or Ctrl-C */
	END_GONE,
	END_UNKNOWN,	/* nothing that can be seen holds the namespace */
	END_UNSEEN,	/* this kernel does not show what is needed */
};

struct wait_for {
	struct record_sink sink;	/* first member: cast to the wait_for */
	uint32_t ns;
	const char *name;		/* as the user typed it */
	bool json;
	uint64_t timeout_ms;
	struct watch *watch;
	struct ns_files *files;
	struct holder_set now, of_files;
	struct ns_suspects suspects;
	int64_t scan_at;		/* ms, of the next scan over files */
	bool listed;			/* the first list was printed */
	bool end_unseen;		/* no hook shows the namespace's end */
	enum end end;
};

/* --- output --- */

/* A holder, with the word for what happens to it. */
struct news {
	const struct wait_for *w;
	const char *op;			/* "holder", "released" */
	const char *before;		/* in text */
	size_t n;
};

static void put_json(const struct wait_for *w, json_t *o)
{
	json_object_set_new(o, "ns", json_integer(w->ns));
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static void put_holder_json(const struct news *news, const struct holder *h)
{
	json_t *o = json_pack("{s:s, s:s, s:i, s:o}", "op", news->op,
			      "kind", holder__word(h), "pid", h->pid,
			      "what", json_text__new(h->what));

	if (h->why && !strcmp(news->op, "holder"))
		json_object_set_new(o, "why", json_text__new(h->why));
	if (h->help && !strcmp(news->op, "holder"))
		json_object_set_new(o, "help", json_text__new(h->help));
	put_json(news->w, o);
}

static void put_holder(const struct holder *h, void *arg)
{
	struct news *news = arg;

	if (news->w->json) {
		put_holder_json(news, h);
		return;
	}
	if (news->n++ >= SHOWN)
		return;
	printf("%s%-9s %s\n", news->before, holder__word(h), h->what);
	if (strcmp(news->op, "holder"))
		return;
	if (h->why)
		printf("            %s\n", h->why);
	if (h->help)
		printf("            would help: %s\n", h->help);
}

static void put_news(struct wait_for *w, const struct holder_set *set,
		     const struct holder_set *other, const char *op, const char *before)
{
	struct news news = { .w = w, .op = op, .before = before };

	holder_set__others(set, other, put_holder, &news);
	if (news.n > SHOWN)
		printf("  and %zu more\n", news.n - SHOWN);
}

static void put_suspects(const struct wait_for *w, FILE *out)
{
	const struct ns_suspects *s = &w->suspects;

	fputs("  what may hold it without being visible here: FUSE connections, perf events, and credentials in sockets\n", out);
	if (s->pidfds)
		fprintf(out, "  %u pidfds of ended processes, the first in process %d\n",
			s->pidfds, s->pidfd_pid);
	if (s->procs)
		fprintf(out, "  %u mounts of proc for a namespace without processes, the first as process %d sees it\n",
			s->procs, s->proc_pid);
	if (s->hidden)
		fprintf(out, "  the files of %u processes, which this one may not read\n",
			s->hidden);
}

static void put_list(struct wait_for *w, const struct holder_set *new)
{
	if (!w->json && !w->listed)
		printf("pid:[%u] is held by\n", w->ns);
	put_news(w, &w->now, new, "released", "no longer: ");
	put_news(w, new, &w->now, "holder", w->listed ? "now: " : "  ");
	if (new->n || !w->now.n)
		return;
	if (w->json) {
		put_json(w, json_pack("{s:s, s:i, s:i, s:i}", "op", "unheld",
				      "pidfds", (int)w->suspects.pidfds,
				      "procs", (int)w->suspects.procs,
				      "hidden", (int)w->suspects.hidden));
		return;
	}
	printf("pid:[%u]: no holder that can be seen is left\n", w->ns);
	put_suspects(w, stdout);
}

/* --- records --- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void take_file(const struct ns_file *file, void *arg)
{
	struct wait_for *w = arg;

	holder_set__add_file(&w->of_files, w->ns, file);
}

/* Keeps the files of the last scan if the next one is not due. */
static void scan_files(struct wait_for *w)
{
	int64_t begin = now_ms();

	if (begin < w->scan_at)
		return;
	holder_set__clear(&w->of_files);
	if (ns_files__scan(w->files, take_file, w, &w->suspects) && !w->listed)
		msg__warning("/proc cannot be read: files that hold the namespace are not listed");
	w->scan_at = now_ms() + (now_ms() - begin) * SCAN_SHARE;
}

static void end_of_sweep(struct wait_for *w, struct holder_set *new)
{
	scan_files(w);
	holder_set__copy(new, &w->of_files);
	holder_set__sort(new);
	if (!w->listed && !new->n)
		w->end = END_UNKNOWN;
	else if (!new->n && w->end_unseen)
		w->end = END_UNSEEN;
	else
		put_list(w, new);
	w->listed = true;
	holder_set__clear(&w->now);
	w->now = *new;
}

static void take_hook(struct wait_for *w, const struct wire_meta_hook *r)
{
	if (r->error && r->hook == WIRE_HOOK_SWEEP)
		w->end = END_UNSEEN;
	if (r->error && r->hook == WIRE_HOOK_NS_FREE)
		w->end_unseen = true;
}

static int take(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct wait_for *w = (struct wait_for *)sink;
	const struct wire_pidns *pidns = (const void *)rec;
	struct holder_set new = { 0 };

	if (w->end)
		return 0;
	if (rec->type == WIRE_META_HOOK)
		take_hook(w, (const void *)rec);
	/* A new namespace with the same number proves the end of the old one, too. */
	if ((rec->type == WIRE_NS_FREE || rec->type == WIRE_NS_NEW) && pidns->inum == w->ns)
		w->end = END_GONE;
	else if (rec->type < WIRE_META && watch__record(w->watch, rec, &new))
		end_of_sweep(w, &new);
	errno = 0;
	return fflush(stdout) || ferror(stdout) ? -(errno ? errno : EIO) : 0;
}

static bool done(void *ctx)
{
	return ((struct wait_for *)ctx)->end;
}

/* --- the command --- */

#define MEMBER(name) offsetof(struct wait_for, name)

static const struct option_row rows[] = {
	{ "timeout", 't', "SECONDS", "give up after this time (default: wait until Ctrl-C)",
	  .member = MEMBER(timeout_ms), .parse = option__seconds,
	  .wrong = "not a time in seconds", .min = 1 },
	{ "format", 0, "FORMAT", "text, or json: one object per line (default text)",
	  .member = MEMBER(json), .parse = option__json, .wrong = "not one of " JSON_WORDS },
	{ "json", 0, NULL, "the same as --format=json", .member = MEMBER(json),
	  .parse = option__flag },
	{}
};

static void take_name(void *values, char *arg, struct argp_state *state)
{
	struct wait_for *w = values;
	char why[512];

	if (w->name)
		argp_error(state, "one NS only");
	if (nsname__parse(arg, &w->ns, why, sizeof(why)))
		argp_failure(state, EXIT_USAGE, 0, "%s", why);
	w->name = arg;
}

static void check(void *values, struct argp_state *state)
{
	if (!((struct wait_for *)values)->name)
		argp_error(state, "NS is missing: the number of a pid namespace, as in pid:[4026532201], or a path such as /proc/815/ns/pid");
}

static const struct option_table table = {
	.rows = rows,
	.argument = take_name,
	.check = check,
	.args_doc = "NS",
	.doc = "Waits until the pid namespace NS is gone, and shows what holds it: its "
	       "processes, zombies and whose children they are, the init that waits for "
	       "them, processes whose children will be in it, open files, mounts, and "
	       "namespaces below it; then each change."
	       "\v"
	       "Exit status: 0 the namespace is gone; 1 it is still there, as time is up or at "
	       "Ctrl-C; 2 wrong usage, no namespace that can be seen, no privileges, no BTF, "
	       "an output that cannot be written; 3 the end cannot be seen on this kernel.",
};

static int report(const struct wait_for *w)
{
	switch (w->end) {
	case END_GONE:
		if (w->json)
			put_json(w, json_pack("{s:s}", "op", "gone"));
		else
			printf("pid:[%u] is gone\n", w->ns);
		return EXIT_PASS;
	case END_NONE:
		msg__error("%s is still there", w->name);
		return EXIT_FAIL;
	case END_UNKNOWN:
		msg__error("%s: no process, file or mount of this namespace can be seen: it is gone, or held by what cannot be seen",
			   w->name);
		put_suspects(w, stderr);
		return EXIT_USAGE;
	case END_UNSEEN:
		msg__error("this kernel does not let us see %s; `pidnstrace probe' says why",
			   w->end_unseen ? "the end of a namespace, of which no visible holder is left" :
					   "its processes");
		return EXIT_INCONCLUSIVE;
	}
	return EXIT_USAGE;
}

static int wait_for(struct wait_for *w)
{
	struct observe_options options;
	struct observe_result seen;
	struct stat own;
	int err, status = EXIT_USAGE;

	observe_options__init(&options);
	options.session.hooks = HOOK(SWEEP) | HOOK(NS_FREE) | HOOK(NS_NEW);
	options.sweep_ms = SWEEP_MS;
	options.duration_ms = w->timeout_ms;
	options.quiet = true;
	options.done = done;
	options.ctx = w;
	w->watch = watch__new(w->ns, stat("/proc/self/ns/pid", &own) ? 0 : (uint32_t)own.st_ino);
	w->files = ns_files__new(w->ns);
	w->sink.record = take;
	err = observe(&options, &w->sink, &seen);
	if (!err)
		status = report(w);
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		msg__error("output: %s", strerror(errno ? errno : err ? -err : EIO));
		status = EXIT_USAGE;
	}
	holder_set__clear(&w->now);
	holder_set__clear(&w->of_files);
	watch__free(w->watch);
	ns_files__free(w->files);
	return status;
}

int cmd_wait_for(int argc, char **argv)
{
	struct wait_for w = { 0 };

	if (options__parse(&table, argc, argv, 0, &w))
		return EXIT_USAGE;
	return wait_for(&w);
}
