// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that the model identifies tasks despite recycled pointers and exec by a thread,
 * and follows descendants, and that memory is bounded by the number of live objects.
 * The tests of loader/capture/lingering.c are here, too.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "loader/model/history.h"
#include "loader/model/model.h"
#include "loader/capture/lingering.h"
#include "tracegen_parts.h"

/* A sink that feeds a model, and keeps the last view and window of a type. */
struct watch {
	struct record_sink sink;
	struct gen *g;
	struct model *m;
	unsigned int type;
	struct model_view view;
	struct model_window window;
	bool had_window;
	unsigned int followed;
	size_t max_tasks, max_pids;
};

static int watch_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct watch *w = (struct watch *)sink;
	struct model_view v;

	model__resolve(w->m, rec, &v);
	if (rec->type == w->type && rec->type < WIRE_META) {
		w->view = v;
		w->had_window = v.window;
		if (v.window)
			w->window = *v.window;
	}
	model__apply(w->m, &v);
	if (v.current && v.current->followed && rec->type == WIRE_EXEC)
		w->followed++;
	if (model__tasks(w->m) > w->max_tasks)
		w->max_tasks = model__tasks(w->m);
	if (model__pids(w->m) > w->max_pids)
		w->max_pids = model__pids(w->m);
	return 0;
}

static int start(void **state)
{
	struct watch *w = calloc(1, sizeof(*w));

	w->sink.record = watch_record;
	w->type = WIRE_META_END;
	w->m = model__new(false);
	w->g = gen__new(&w->sink, 512);
	gen__begin(w->g, 0);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct watch *w = *state;

	gen__free(w->g);
	model__free(w->m);
	free(w);
	return 0;
}

static void test_memory_is_bounded(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;

	for (int i = 0; i < 5000; i++) {
		struct gen_task *t = gen__fork(g, g->init);

		gen__exit(g, t, 0);
		gen__release(g, g->init, t);
	}
	gen__grace_period(g, g->init);
	assert_true(w->max_tasks <= 4);
	assert_true(w->max_pids <= 80);	/* includes pids in their grace period */
	assert_int_equal(model__pids(w->m), 0);
	assert_int_equal(model__tasks(w->m), 1);		/* init */
}

/* A freed pid with a remaining reference stays listed after its grace period. */
static void test_leftover_pids(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct lingering *l;
	struct gen_task *t;

	l = lingering__new(&w->sink);
	g->sink = lingering__sink(l);
	for (int held = 0; held < 2; held++) {
		t = gen__fork(g, g->init);
		t->thread_pid->held = held;
		gen__exit(g, t, 0);
		gen__release(g, g->init, t);
		assert_int_equal(lingering__count(l), 1);
		lingering__look_up(l);
		gen__grace_period(g, g->init);
		assert_int_equal(lingering__count(l), held);
	}
	gen__gone(g, g->init, &g->pids[1]);
	assert_int_equal(lingering__count(l), 0);
	assert_int_equal(model__tasks(w->m), 1);	/* every record was passed on */
	lingering__free(l);
}

/* A namespace whose init is dead is awaited until its memory is freed. */
static void test_leftover_namespaces(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct lingering *l;
	struct gen_ns *ns;

	l = lingering__new(&w->sink);
	g->sink = lingering__sink(l);
	ns = gen__ns(g, g->init, NULL);
	assert_int_equal(lingering__count(l), 0);
	gen__zap_enter(g, g->init, ns);
	assert_int_equal(lingering__count(l), 0);
	gen__zap_exit(g, g->init, ns);
	assert_int_equal(lingering__count(l), 1);
	gen__ns_ends(g, ns);
	assert_int_equal(lingering__count(l), 0);
	lingering__free(l);
}

/* Namespaces are bounded too, including those whose inum the next one reused. */
static void test_namespaces_are_bounded(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;

	for (int i = 0; i < 100; i++) {
		struct gen_ns *old = &g->ns[2 - i % 2];

		g->nns = 1 + i % 2;
		g->next_inum = 4026532000u;
		gen__ns(g, g->init, &g->ns[0]);
		assert_int_equal(model__namespaces(w->m), i ? 2 : 1);
		if (i)
			gen__ns_ends(g, old);
		assert_int_equal(model__namespaces(w->m), 1);
	}
	gen__ns_ends(g, &g->ns[2]);
	assert_int_equal(model__namespaces(w->m), 0);
}

/* The release was lost; the pointer returns with another start time. */
static void test_recycled_pointer(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *t;
	size_t tasks;

	w->type = WIRE_FORK;
	t = gen__fork(g, g->init);
	gen__enter_other(g, t);
	tasks = model__tasks(w->m);
	g->task_slab[g->ntask_slab++] = t;
	t = gen__fork(g, g->init);
	assert_int_equal(model__tasks(w->m), tasks);
	/* The new task is not in the old task's setns(). */
	gen__exec(g, t, "new");
	w->type = WIRE_EXEC;
	gen__exec(g, t, "new");
	assert_ptr_equal(w->view.current, w->view.subject);
	assert_false(w->had_window);
}

/* de_thread(): the thread takes the leader's number and its start time. */
static void test_exec_by_thread(void **state)
{
	struct wire_two_tasks x = {
		.hdr = { .type = WIRE_EXCHANGE_TIDS, .size = sizeof(x) },
	};
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *leader, *thread;
	const struct model_task *before;

	w->type = WIRE_EXEC;
	leader = gen__fork(g, g->init);
	thread = gen__clone_thread(g, leader);
	gen__exec(g, thread, "x");
	before = w->view.current;
	assert_non_null(before);
	thread->start = leader->start;
	x.hdr.current_task = x.from.task = thread->address;
	x.hdr.current_start = x.from.start = thread->start;
	x.from.pid = thread->pid;
	x.to.task = leader->address;
	x.to.start = leader->start;
	watch_record(&w->sink, &x.hdr);
	gen__exec(g, thread, "y");
	assert_ptr_equal(w->view.current, before);
	assert_true(w->view.current->nhistory > 1);
}

/* detach_pid() comes after release_task(): it must not revive a dead task. */
static void test_dead_stay_dead(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *t;
	size_t tasks;

	w->type = WIRE_DETACH_PID;
	gen__fork(g, g->init);
	tasks = model__tasks(w->m);
	t = gen__fork(g, g->init);
	gen__exit(g, t, 0);
	gen__release(g, g->init, t);
	assert_null(w->view.subject);
	assert_int_equal(model__tasks(w->m), tasks);
}

static void test_window(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_ns *ns;
	struct gen_task *t;

	w->type = WIRE_SETNS_EXIT;
	g->knob = WIRE_KNOB_ON;
	ns = gen__container(g, g->init);
	t = gen__candidate(g, g->init);
	gen__setns_join(g, t, ns);
	assert_true(w->had_window);
	assert_int_equal(w->window.installs, 1);
	assert_int_equal(w->window.ncaps, 3);
	assert_int_equal(w->window.nallocs, 1);
	assert_int_equal(w->window.changes, 4);
	assert_int_equal(w->window.freed_old, 1);
	assert_int_equal(w->window.freed, 1);
	assert_int_equal(w->window.flushed_old, 1);
	assert_int_equal(w->window.rewrites, 1);
	assert_int_equal(w->window.commits, 1);
	assert_int_equal(w->window.foreign, 0);
	assert_int_equal(w->window.others, 0);
	assert_int_equal(w->window.old.levels, 1);
	assert_int_equal(w->window.first_new.levels, 2);
	assert_int_equal(w->window.first_new.upid[1].nr, 2);
	assert_int_equal(w->window.first_new.upid[1].ns, ns->inum);
	for (int i = 0; i < WIRE_PIDTYPES; i++)
		assert_int_equal(w->window.per_type[i], 1);
	assert_int_equal(model__totals(w->m)->joins, 1);
}

/* Changes by other tasks, or by an RCU callback, are not part of the caller's window. */
static void test_not_of_the_window(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *t;

	w->type = WIRE_SETNS_EXIT;
	t = gen__fork(g, g->init);
	gen__free_pid(g, g->init, gen__alloc_pid(g, g->init, &g->ns[0]));
	gen__enter_other(g, t);
	gen__change_pid(g, g->init, t, WIRE_PGID, t->thread_pid);
	gen__grace_period(g, t);
	gen__leave(g, t, GEN_NEWNET, 0);
	assert_int_equal(w->window.changes, 0);
	assert_int_equal(w->window.freed, 0);
	assert_int_equal(w->window.foreign, 1);
}

/* The exit of the first call was lost: the second entry opens a new window. */
static void test_second_entry(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *t;

	w->type = WIRE_SETNS_EXIT;
	t = gen__fork(g, g->init);
	gen__enter_other(g, t);
	gen__capable(g, t, 1, true);
	gen__enter_other(g, t);
	gen__leave(g, t, GEN_NEWNET, 0);
	assert_int_equal(w->window.ncaps, 0);
	/* An exiting task has no window. */
	gen__enter_other(g, t);
	w->had_window = true;
	gen__exit(g, t, 0);
	gen__leave(g, t, GEN_NEWNET, 0);
	assert_false(w->had_window);
}

static void test_overflowing_window(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *t;

	w->type = WIRE_SETNS_EXIT;
	t = gen__fork(g, g->init);
	gen__enter_other(g, t);
	for (int i = 0; i < 40; i++) {
		gen__capable(g, t, i, true);
		gen__alloc_pid(g, t, &g->ns[0]);
	}
	gen__leave(g, t, GEN_NEWNET, 0);
	assert_int_equal(w->window.ncaps, 40);
	assert_int_equal(w->window.nallocs, 40);
}

static void test_followed(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *command, *other;

	gen__begin(g, 100);
	g->ns[0].next_nr = 99;
	other = gen__fork(g, g->init);
	command = gen__fork(g, g->init);
	assert_int_equal(command->pid, 100);
	gen__exec(g, other, "other");
	assert_int_equal(w->followed, 0);
	gen__exec(g, command, "command");
	assert_int_equal(w->followed, 1);
	gen__exec(g, gen__fork(g, command), "child");
	assert_int_equal(w->followed, 2);
	gen__exec(g, gen__fork(g, other), "child");
	assert_int_equal(w->followed, 2);
	/* The number wraps: another task has it. */
	g->ns[0].next_nr = 100;
	gen__exec(g, gen__fork(g, g->init), "later");
	assert_int_equal(w->followed, 2);
}

/* The fork came before META_COMMAND: the exec identifies the command. */
static void test_followed_from_exec(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *command;

	g->ns[0].next_nr = 100;
	command = gen__fork(g, g->init);
	gen__begin(g, 100);
	gen__exec(g, command, "command");
	assert_int_equal(w->followed, 1);
}

static void test_symbols(void **state)
{
	struct wire_meta_sym sym = {
		.hdr = { .type = WIRE_META_SYM, .size = sizeof(sym) },
		.address = 0xffffffff81000100, .name = "change_pid+0x5",
	};
	struct watch *w = *state;

	watch_record(&w->sink, &sym.hdr);
	watch_record(&w->sink, &sym.hdr);
	assert_string_equal(model__symbol(w->m, 0xffffffff81000100),
			    "change_pid+0x5");
	assert_null(model__symbol(w->m, 1));
	/* A name that fills its field has no NUL. */
	memset(sym.name, 'x', sizeof(sym.name));
	sym.address = 2;
	watch_record(&w->sink, &sym.hdr);
	assert_int_equal(strlen(model__symbol(w->m, 2)), sizeof(sym.name));
}

static void test_history(void **state)
{
	struct watch *w = *state;
	struct gen *g = w->g;
	struct gen_task *t;
	char *text = NULL;
	size_t len;
	FILE *f;

	w->type = WIRE_EXEC;
	t = gen__fork(g, g->init);
	for (int i = 0; i < 100; i++)
		gen__exec(g, t, "x");
	f = open_memstream(&text, &len);
	model_history__print(w->view.current, "  ", f);
	fclose(f);
	len = 0;
	for (const char *p = text; *p; p++)
		len += *p == '\n';
	assert_int_equal(len, MODEL_HISTORY);
	free(text);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_memory_is_bounded),
		TEST(test_namespaces_are_bounded),
		TEST(test_leftover_pids),
		TEST(test_leftover_namespaces),
		TEST(test_recycled_pointer),
		TEST(test_exec_by_thread),
		TEST(test_dead_stay_dead),
		TEST(test_window),
		TEST(test_not_of_the_window),
		TEST(test_second_entry),
		TEST(test_overflowing_window),
		TEST(test_followed),
		TEST(test_followed_from_exec),
		TEST(test_symbols),
		TEST(test_history),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
