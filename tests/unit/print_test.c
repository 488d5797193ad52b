// SPDX-License-Identifier: GPL-2.0-only
/*
 * print_test.c - what `trace` prints, with its options, against tests/golden/. After a change
 * that is meant, GOLDEN_UPDATE=1 writes the files anew; read the diff.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../loader/option.h"
#include "../../loader/print.h"
#include "files.h"
#include "tracegen.h"

#define GOLDEN "tests/golden/"
/* Of the first record of a trace that is made here. */
#define START_NS 5000000000
/* The first line of each of those files. */
#define LICENCE "# SPDX-License-Identifier: GPL-2.0-only\n"

/* A container's life as seen from outside, on a kernel of some kind. */
static void stock(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, g->init);
	struct gen_task *t;

	gen__exec(g, me, "nsenter");
	gen__setns_mainline(g, me, ns);
	t = gen__fork(g, me);
	gen__exec(g, t, "sh");
	gen__exit(g, t, 3 << 8);
	gen__release(g, me, t);
	gen__setns_refused(g, me, ns, -EINVAL);
	gen__enter_other(g, me);
	gen__leave(g, me, GEN_NEWNET, 0);
	gen__exit(g, me, 0);
}

static void joins(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, g->init);
	struct gen_task *t, *thread;

	t = gen__fork(g, me);
	gen__setsid(g, t);
	gen__exec(g, t, "nsenter");
	gen__setns_join(g, t, ns);
	gen__exec(g, t, "bad\n\x80 comm");
	thread = gen__clone_thread(g, t);
	gen__exit(g, thread, 0);
	gen__exit(g, t, 9);
	gen__release(g, me, t);
	t = gen__fork(g, me);
	gen__change_pid(g, me, t, WIRE_PGID, t->thread_pid);
	gen__error_report(g, t);
	gen__enter_other(g, t);		/* and never returns */
	gen__exit(g, me, 0x80 | 6);
}

static void seed(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, g->init);
	struct gen_task *t = gen__candidate(g, me);

	gen__setns_seed(g, t, ns);
	gen__exec(g, t, "sh");
	gen__exit(g, t, 0);
}

/* The ring is full, at times. */
static enum gen_fate lossy(struct gen *g, struct wire_hdr *rec)
{
	(void)g;
	if (rec->type == WIRE_CHANGE_PID || rec->type == WIRE_ATTACH_PID)
		return GEN_LOSE;
	return GEN_EMIT;
}

typedef void (*play_fn)(struct gen *g, struct gen_task *me);

static char *print(play_fn fn, const struct print_opts *opts, uint32_t knob,
		   int32_t command,
		   enum gen_fate (*filter)(struct gen *, struct wire_hdr *))
{
	struct printer *p;
	struct gen *g;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct wire_meta_sym sym = {
		.hdr = { .type = WIRE_META_SYM, .size = sizeof(sym) },
		.address = 0xffffffff81000300, .name = "refcount_warn+0x10",
	};

	assert_int_equal(printer__new(&p, f, opts), 0);
	g = gen__new(printer__sink(p), 256);
	g->knob = knob;
	g->filter = filter;
	gen__begin(g, command);
	record_sink__record(printer__sink(p), &sym.hdr);
	fn(g, gen__fork(g, g->init));
	gen__end(g);
	assert_int_equal(g->error, 0);
	assert_int_equal(printer__finish(p), 0);
	printer__free(p);
	gen__free(g);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void compare(const char *text, const char *name)
{
	char path[128], *want;
	FILE *f;

	snprintf(path, sizeof(path), GOLDEN "%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		f = fopen(path, "we");
		assert_non_null(f);
		fprintf(f, "%s%s", LICENCE, text);
		assert_int_equal(fclose(f), 0);
	}
	want = file__read(path, NULL);
	assert_int_equal(strncmp(want, LICENCE, strlen(LICENCE)), 0);
	assert_string_equal(text, want + strlen(LICENCE));
	free(want);
}

static const struct golden {
	const char *name;
	play_fn play;
	uint32_t knob;
	int32_t command;
	enum gen_fate (*filter)(struct gen *, struct wire_hdr *);
	const char *options;	/* as on the command line */
} goldens[] = {
	{ "stock.txt", stock, WIRE_KNOB_NONE, 0, NULL, "" },
	{ "stock-command.txt", stock, WIRE_KNOB_NONE, 100, NULL, "" },
	{ "stock-tree.txt", stock, WIRE_KNOB_NONE, 0, NULL, "--tree" },
	{ "stock-command-tree.txt", stock, WIRE_KNOB_NONE, 100, NULL,
	  "--tree" },
	{ "join.txt", joins, WIRE_KNOB_ON, 0, NULL, "" },
	{ "join.json", joins, WIRE_KNOB_ON, 0, NULL, "--format=json" },
	{ "join-setns.txt", joins, WIRE_KNOB_ON, 0, NULL, "-e setns" },
	{ "join-tree.txt", joins, WIRE_KNOB_ON, 0, NULL, "--tree --summary" },
	{ "join-tree.json", joins, WIRE_KNOB_ON, 0, NULL,
	  "--tree --summary --format=json" },
	{ "join-ns.txt", joins, WIRE_KNOB_ON, 0, NULL,
	  "--namespace=pid:[4026531837]" },
	{ "join-pid.txt", joins, WIRE_KNOB_ON, 0, NULL, "-p 2@4026531837" },
	{ "join-pids.txt", joins, WIRE_KNOB_ON, 0, NULL, "-p 101 -p 106" },
	{ "join-comm.txt", joins, WIRE_KNOB_ON, 0, NULL, "-c nsen* -c x" },
	{ "join-comm-ns.txt", joins, WIRE_KNOB_ON, 0, NULL,
	  "-c init -n 4026531837 -e fork" },
	{ "join-stack.txt", joins, WIRE_KNOB_ON, 0, NULL,
	  "--stack -e rewrite,error" },
	{ "join-color.txt", joins, WIRE_KNOB_ON, 0, NULL, "--color=always" },
	{ "seed.txt", seed, WIRE_KNOB_NONE, 0, NULL, "" },
	{ "seed-raw.txt", seed, WIRE_KNOB_NONE, 0, NULL, "-e all" },
	{ "seed-lossy.txt", seed, WIRE_KNOB_NONE, 0, lossy, "" },
	{ "seed-lossy.json", seed, WIRE_KNOB_NONE, 0, lossy,
	  "--format=json" },
};

#define NGOLDENS (sizeof(goldens) / sizeof(*goldens))

static void parse(char *words, struct print_opts *opts)
{
	char *argv[8] = { "trace" }, *save = NULL;
	int argc = 1;

	for (char *w = strtok_r(words, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	assert_int_equal(argp_parse(&print_argp, argc, argv, ARGP_NO_EXIT,
				    NULL, opts), 0);
}

static void test_golden(void **state)
{
	const struct golden *g = *state;
	struct print_opts opts = { .start_ns = START_NS };
	char *words = strdup(g->options), *text;

	parse(words, &opts);
	text = print(g->play, &opts, g->knob, g->command, g->filter);
	free(words);

	compare(text, g->name);
	free(text);
}

/* Every line is an object, whatever a comm holds; raw too. */
static void test_json_lines(void **state)
{
	static const unsigned int what[] = { 0, PRINT_ALL };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct print_opts opts = { .format = PRINT_JSON,
					   .what = what[i] };
		char *save = NULL, *text;
		unsigned int n = 0;

		text = print(joins, &opts, WIRE_KNOB_ON, 0, NULL);
		for (char *l = strtok_r(text, "\n", &save); l;
		     l = strtok_r(NULL, "\n", &save)) {
			json_t *o = json_loads(l, 0, NULL);

			if (!o)
				fail_msg("no JSON: %s", l);
			assert_true(json_is_string(json_object_get(o, "op")));
			json_decref(o);
			n++;
		}
		assert_true(n > 10);
		free(text);
	}
}

static void test_what(void **state)
{
	unsigned int what = 0;

	(void)state;
	assert_int_equal(print_what__parse("setns", &what), 0);
	assert_int_equal(what, PRINT_SETNS);
	assert_int_equal(print_what__parse("fork,exec,exit", &what), 0);
	assert_int_equal(what, PRINT_FORK | PRINT_EXEC | PRINT_EXIT);
	assert_int_equal(print_what__parse("all", &what), 0);
	assert_int_equal(print_what__parse("", &what), -EINVAL);
	assert_int_equal(print_what__parse("setns,", &what), -EINVAL);
	assert_int_equal(print_what__parse("setn", &what), -EINVAL);
}

/* Output that cannot be written ends the stream. */
static void test_full(void **state)
{
	struct print_opts opts = { 0 };
	FILE *f = fopen("/dev/full", "we");
	struct printer *p;
	struct gen *g;

	(void)state;
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(printer__new(&p, f, &opts), 0);
	g = gen__new(printer__sink(p), 256);
	gen__begin(g, 0);
	gen__fork(g, g->init);
	assert_int_equal(g->error, -ENOSPC);
	assert_true(printer__finish(p) < 0);
	printer__free(p);
	gen__free(g);
	fclose(f);
}

int main(void)
{
	static struct CMUnitTest tests[NGOLDENS + 3];
	size_t n = 0;

	for (size_t i = 0; i < NGOLDENS; i++)
		tests[n++] = (struct CMUnitTest){ goldens[i].name, test_golden,
						  NULL, NULL,
						  (void *)&goldens[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_json_lines);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_what);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_full);
	return _cmocka_run_group_tests("print", tests, n, NULL, NULL);
}
