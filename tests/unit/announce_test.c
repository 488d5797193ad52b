// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the reports of violations while the stream still runs: at once, each rule once,
 * only what no loss can fake, and only when the trace on disk has the proof.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/judge/live_report.h"
#include "loader/trace/fan_out.h"
#include "files.h"
#include "judging.h"

/* A run whose records take the path of those of `verify --live'. */
struct live {
	struct scene scene;
	struct fan_out fan_out;
	struct trace_writer *writer;
	struct live_report announce;
	char lines[64], trace[64];
};

static void name_file(char name[64])
{
	int fd;

	strcpy(name, "/tmp/announce-test-XXXXXX");
	fd = mkstemp(name);
	assert_true(fd >= 0);
	close(fd);
}

static void live__start(struct live *l, const struct mutation *m)
{
	struct trace_info info = { .semantics = SEMANTICS_JOIN };
	struct scene *s = &l->scene;

	memset(l, 0, sizeof(*l));
	scene__start(s, &join_opts, WIRE_KNOB_ON, m, 0);
	name_file(l->lines);
	name_file(l->trace);
	trace_info__init(&info);
	assert_int_equal(trace_writer__open(&l->writer, l->trace, &info), 0);
	assert_int_equal(live_report__open(&l->announce, l->lines, s->j,
					l->writer), 0);
	fan_out__init(&l->fan_out);
	fan_out__add(&l->fan_out, judge__sink(s->j));
	fan_out__add(&l->fan_out, trace_writer__sink(l->writer));
	fan_out__add(&l->fan_out, &l->announce.sink);
	s->g->sink = &l->fan_out.sink;
	gen__begin(s->g, 0);
}

static void join(struct live *l, struct gen_ns *ns)
{
	struct gen *g = l->scene.g;
	struct gen_task *t = gen__candidate(g, g->init);

	gen__setns_join(g, t, ns);
	gen__exit(g, t, 0);
	gen__release(g, g->init, t);
}

/* Expects the file of lines to be empty, or to hold one line about the rule. */
static void expect_told(const struct live *l, const char *rule)
{
	char *text = file__read(l->lines, NULL);
	size_t len = strlen(rule);

	if (!len) {
		assert_string_equal(text, "");
	} else {
		assert_int_equal(strncmp(text, rule, len), 0);
		assert_int_equal(text[len], ' ');
	}
	free(text);
}

/* Returns the violations that the trace proves in its current state on disk. */
static uint64_t violations_in_trace(const struct live *l, const char *rule)
{
	struct trace_reader *r;
	struct scene s = { 0 };
	uint64_t n;
	char why[256] = "";

	assert_int_equal(judge__new(&s.j, &join_opts, why, sizeof(why)), 0);
	assert_int_equal(trace_reader__open(&r, l->trace, why, sizeof(why)), 0);
	trace_reader__run(r, (struct record_sink *[]){ judge__sink(s.j) }, 1);
	s.res = judge__finish(s.j);
	n = scene__rule(&s, rule)->violations;
	trace_reader__close(r);
	judge__free(s.j);
	return n;
}

static void live__end(struct live *l)
{
	gen__end(l->scene.g);
	live_report__close(&l->announce);
	trace_writer__close(l->writer);
	unlink(l->lines);
	unlink(l->trace);
	scene__free(&l->scene);
}

static void test_at_once_and_once(void **state)
{
	/* The old pid's entries are not flushed, in any join from the second on. */
	const struct mutation m[MAX_MUTATIONS] = { VANISH(FLUSH_PID, 0) };
	struct gen_ns *ns;
	struct live l;

	(void)state;
	live__start(&l, m);
	ns = gen__container(l.scene.g, l.scene.g->init);
	join(&l, ns);
	expect_told(&l, "");
	scene__arm(&l.scene);
	join(&l, ns);
	expect_told(&l, "I29");
	assert_int_equal(violations_in_trace(&l, "I29"), 1);
	assert_int_equal(truncate(l.lines, 0), 0);
	join(&l, ns);
	expect_told(&l, "");
	live__end(&l);
}

static void test_not_what_a_loss_may_fake(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { LOSE(FLUSH_PID, 1) };
	struct live l;

	(void)state;
	live__start(&l, m);
	scene__arm(&l.scene);
	join(&l, gen__container(l.scene.g, l.scene.g->init));
	expect_told(&l, "");
	live__end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_once_and_once),
		cmocka_unit_test(test_not_what_a_loss_may_fake),
	};

	return cmocka_run_group_tests_name("announce", tests, NULL, NULL);
}
