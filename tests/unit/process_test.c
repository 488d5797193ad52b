// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that each view shows the end of a process once, with the status that wait4()
 * returns; that a process has its present name; and who sent a SIGKILL. print_test.c
 * compares the whole output of the same story.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/export/export.h"
#include "loader/page/page.h"
#include "loader/view/printer.h"
#include "stories.h"
#include "test.h"

#define SIGKILL 9

static char *text;
static size_t len;
static struct gen *gen;

/* --- the sinks --- */

struct view {
	const char *name;
	struct record_sink *(*begin)(FILE *out);
	void (*end)(FILE *out);
};

static struct printer *printer;
static struct print_opts opts;
static struct exporter *exporter;
static struct page *page;

static struct record_sink *print_begin(FILE *out)
{
	printer = printer__new(out, &opts);
	return printer__sink(printer);
}

static void print_end(FILE *)
{
	assert_int_equal(printer__finish(printer), 0);
	printer__free(printer);
}

static struct record_sink *tree_begin(FILE *out)
{
	opts.views = PRINT_TREE;
	return print_begin(out);
}

static struct record_sink *json_begin(FILE *out)
{
	opts.format = PRINT_JSON;
	return print_begin(out);
}

static struct record_sink *export_begin(FILE *out)
{
	static const struct trace_info info = { .release = "6.12" };

	exporter = exporter__new(out, export_format__find("perfetto"), &info);
	return exporter__sink(exporter);
}

static void export_end(FILE *)
{
	assert_int_equal(exporter__finish(exporter, NULL), 0);
	exporter__free(exporter);
}

static struct record_sink *page_begin(FILE *)
{
	static const struct trace_info info = { .release = "6.12" };

	page = page__new(&(struct page_opts){}, &info);
	return page__sink(page);
}

static void page_end(FILE *out)
{
	static const struct judge_result result;

	assert_int_equal(page__finish(page), 0);
	page__write_json(page, &result, out);
	page__free(page);
}

enum { TEXT, TREE, JSON, PERFETTO, PAGE };

static const struct view views[] = {
	[TEXT] = { "text", print_begin, print_end },
	[TREE] = { "tree", tree_begin, print_end },
	[JSON] = { "json", json_begin, print_end },
	[PERFETTO] = { "perfetto", export_begin, export_end },
	[PAGE] = { "page", page_begin, page_end },
};

/* Plays a story into a view; the output is in text. */
static void show(const struct view *v, story_fn story,
		 enum gen_fate (*filter)(struct gen *, struct wire_hdr *))
{
	FILE *out = open_memstream(&text, &len);

	gen = gen__new(v->begin(out), 256);
	gen->filter = filter;
	gen__begin(gen, 0);
	story(gen, gen__fork(gen, gen->init));
	gen__end(gen);
	assert_int_equal(gen->error, 0);
	v->end(out);
	fclose(out);
	gen__free(gen);
	opts = (struct print_opts){};
}

static unsigned int count(const char *what)
{
	unsigned int n = 0;

	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

static void expect(unsigned int n, const char *what)
{
	if (count(what) != n)
		fail_msg("%u times, not %u: %s\n%s", count(what), n, what, text);
}

/* --- each end, in each view --- */

/* The endings of story_ends(); a name and a status are in one process only. */
static const struct ending {
	const char *comm;
	int pid;
	const char *ended, *status, *rest;	/* rest: of the line of text */
	int code, signal;
} endings[] = {
	{ "leaves", 101, "exit(7)", "exit(7)", ", last thread 102", 7, 0 },
	{ "crashes", 103, "killed by SIGSEGV (core dumped)",
	  "killed by SIGSEGV (core dumped)", ", last thread 104", 0, 11 },
	{ "killed", 105, "killed by SIGKILL", "killed by SIGKILL, sent by sh[100]", ", last thread 106",
	  0, SIGKILL },
	{ "exit_group", 107, "exit(3)", "exit(3)", ", last thread 108", 3, 0 },
	{ "before", 109, "exit(4)", "exit(4)", "", 4, 0 },
	{ "alone", 111, "exit(6)", "exit(6)", "", 6, 0 },
};

static void text_of(const struct ending *e, char *line, size_t size)
{
	snprintf(line, size, "%s[%d] %s%s\n", e->comm, e->pid, e->status, e->rest);
}

static void json_of(const struct ending *e, char *line, size_t size)
{
	snprintf(line, size, "\"op\":\"exit\",\"comm\":\"%s\",\"pid\":%d,", e->comm, e->pid);
	expect(1, line);
	snprintf(line, size, "\"child\":%d,\"child_comm\":\"%s\",\"child_numbers\":"
		 "[{\"nr\":%d,\"ns\":4026531836}],\"reaped\":true,\"code\":%d,\"signal\":%d",
		 e->pid, e->comm, e->pid, e->code, e->signal);
}

static void test_each(void **state)
{
	const struct view *v = *state;
	char line[256];

	show(v, story_ends, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		const struct ending *e = &endings[i];

		if (v == &views[TEXT])
			text_of(e, line, sizeof(line));
		else if (v == &views[TREE])
			snprintf(line, sizeof(line), "  %d          %-15s  child of sh[100]  %s, waited",
				 e->pid, e->comm, e->status);
		else if (v == &views[JSON])
			json_of(e, line, sizeof(line));
		else if (v == &views[PERFETTO])
			snprintf(line, sizeof(line), "\"process\":\"%s[%d]\",\"status\":\"%s\"",
				 e->comm, e->pid, e->ended);
		else
			snprintf(line, sizeof(line), "%s[%d] %s%s\"", e->comm, e->pid,
				 e->status, e->rest);
		expect(1, line);
	}
	free(text);
}

/* --- ends at the same time, and lost records --- */

static void both_at_once(struct gen *g, struct gen_task *me)
{
	struct gen_task *t = gen__fork(g, me), *thread = gen__clone_thread(g, t);

	gen__group_exit(g, t, 9 << 8);
	gen__exit(g, t, 9 << 8);
	gen__exit(g, thread, 9 << 8);
	gen__release(g, thread, thread);
	gen__release(g, me, t);
}

/* Each thread was counted down before the EXIT of the other. */
static enum gen_fate none_lives(struct gen *, struct wire_hdr *rec)
{
	if (rec->type == WIRE_EXIT)
		((struct wire_exit *)rec)->live = 0;
	return GEN_EMIT;
}

static void test_once(void **)
{
	show(&views[TEXT], both_at_once, none_lives);
	expect(1, " exit(9)\n");
	expect(1, "init[102] thread exit\n");
	free(text);
	show(&views[TREE], both_at_once, none_lives);
	expect(1, "exit(9), waited for by init[100]");
	free(text);
}

static enum gen_fate lose_exits(struct gen *, struct wire_hdr *rec)
{
	return rec->type == WIRE_EXIT ? GEN_LOSE : GEN_EMIT;
}

static void test_lost_exit(void **)
{
	show(&views[TREE], both_at_once, lose_exits);
	expect(1, "exit(9), waited for by init[100]");
	free(text);
}

/* The first record of a process is the exit of its last thread. */
static enum gen_fate only_last_exit(struct gen *, struct wire_hdr *rec)
{
	const struct wire_task *t = record__task(rec);

	if (rec->type >= WIRE_META)
		return GEN_EMIT;
	return rec->type == WIRE_EXIT && t->pid != t->tgid ? GEN_EMIT : GEN_LOSE;
}

static void test_unknown_leader(void **)
{
	show(&views[TEXT], both_at_once, only_last_exit);
	expect(1, "init[101] exit(9), last thread 102\n");
	free(text);
	show(&views[JSON], both_at_once, only_last_exit);
	expect(1, "\"pid\":101,");
	free(text);
}

/* A trace may have been changed: a task leads one process after the other. */
static enum gen_fate change_signal(struct gen *g, struct wire_hdr *rec)
{
	struct wire_task *t = (void *)record__task(rec);

	if (t && t->pid >= 100)
		t->signal = 1 + g->nth++ % 3;
	return GEN_EMIT;
}

static void test_changed(void **)
{
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		show(&views[i], story_ends, change_signal);
		free(text);
	}
}

/* --- filters --- */

/* The line of a process belongs to its leader, whichever thread ends last. */
static void other_name(struct gen *g, struct gen_task *me)
{
	struct gen_task *t = gen__fork(g, me), *thread = gen__clone_thread(g, t);

	gen__rename(g, t, t, "leader");
	gen__rename(g, t, thread, "thread");
	gen__exit(g, t, 0);
	gen__exit(g, thread, 5 << 8);
}

static void test_filter(void **)
{
	char why[64];

	assert_int_equal(filter__add_comm(&opts.filter, "leader", why, sizeof(why)), 0);
	show(&views[TEXT], other_name, NULL);
	expect(1, "leader[101] thread exit\n");
	expect(1, "leader[101] exit(5), last thread 102\n");
	free(text);
}

/* --- names --- */

static void renamed(struct gen *g, struct gen_task *me)
{
	struct gen_task *t = gen__fork(g, me), *thread = gen__clone_thread(g, t);

	gen__rename(g, me, me, "waiter");
	gen__rename(g, thread, t, "by a thread");
	gen__rename(g, thread, thread, "a thread");
	gen__exit(g, thread, 0);
	gen__exit(g, t, 0);
	gen__release(g, me, t);
}

static void renamed_last(struct gen *g, struct gen_task *me)
{
	gen__rename(g, me, me, "last name");
}

static void test_renamed(void **)
{
	show(&views[TEXT], renamed, NULL);
	expect(1, "a thread[102] thread exit\n");
	expect(1, "by a thread[101] exit(0)\n");
	expect(1, "waiter[100] wait  = by a thread[101]\n");
	free(text);
	show(&views[TREE], renamed, NULL);
	expect(1, "  100          waiter\n");
	expect(1, "  101          by a thread      child of waiter[100]  exit(0), waited for by waiter[100]\n");
	free(text);
	show(&views[PERFETTO], renamed, NULL);
	expect(1, "\"name\":\"by a thread[101]\"");
	free(text);
	show(&views[PAGE], renamed_last, NULL);
	expect(1, "\"last name[100]\"");
	free(text);
}

/* Without a hook on changes of names, a visit shows the name. */
static void seen_later(struct gen *g, struct gen_task *me)
{
	gen__fork(g, me);
	strcpy(me->comm, "new name");
	gen__sweep(g, WIRE_SWEEP_FINAL);
}

static void test_swept(void **)
{
	show(&views[TREE], seen_later, NULL);
	expect(1, "  100          new name         child of init[1]\n");
	expect(1, "  101          init             child of new name[100]\n");
	free(text);
}

/* --- senders --- */

/* Only the first SIGKILL ends a process. An exit that comes first has no sender. */
static void two_senders(struct gen *g, struct gen_task *me)
{
	struct gen_task *t = gen__fork(g, me), *other = gen__fork(g, me);

	gen__rename(g, other, other, "other");
	gen__kill(g, me, t);
	gen__kill(g, other, t);
	gen__exit(g, t, SIGKILL);
	gen__release(g, me, t);
	t = gen__fork(g, me);
	gen__kill(g, other, t);
	gen__group_exit(g, t, 0x80 | SIGKILL);
	gen__exit(g, t, 0x80 | SIGKILL);
}

static void test_senders(void **)
{
	show(&views[TEXT], two_senders, NULL);
	expect(1, "init[101] killed by SIGKILL, sent by init[100]\n");
	expect(0, "sent by other");
	free(text);
	show(&views[TREE], two_senders, NULL);
	expect(1, "killed by SIGKILL, sent by init[100], waited for by init[100]\n");
	free(text);
	show(&views[PERFETTO], two_senders, NULL);
	expect(1, "\"status\":\"killed by SIGKILL\",\"sent_by\":\"process\",\"sender\":100}");
	expect(1, "\"status\":\"killed by SIGKILL (core dumped)\"}");
	free(text);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(views) + 8] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_lost_exit),
		cmocka_unit_test(test_unknown_leader),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_swept),
		cmocka_unit_test(test_senders),
	};
	size_t n = 8;

	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		tests[n++] = ROW_TEST(test_each, &views[i]);
	return _cmocka_run_group_tests("process", tests, n, NULL, NULL);
}
