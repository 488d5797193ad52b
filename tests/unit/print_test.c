// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the output of `trace`, with its options, with tests/golden/. After an
 * intended change, GOLDEN_UPDATE=1 rewrites the files; read the diff.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/cmd/option.h"
#include "loader/view/printer.h"
#include "files.h"
#include "stories.h"
#include "test.h"

/* Time of the first record of a generated trace. */
#define START_NS 5000000000

/* Hooks of the simulated kernel. */
static hook_mask no_hooks, partial_hooks;

static char *print(story_fn fn, const struct print_opts *opts, uint32_t knob,
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

	p = printer__new(f, opts);
	g = gen__new(printer__sink(p), 256);
	g->knob = knob;
	g->filter = filter;
	g->no_hooks = no_hooks;
	g->partial_hooks = partial_hooks;
	g->wants_stacks = opts->stack;
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

static const struct golden {
	const char *name;
	story_fn play;
	uint32_t knob;
	int32_t command;
	enum gen_fate (*filter)(struct gen *, struct wire_hdr *);
	const char *options;	/* as on the command line */
} goldens[] = {
	{ "stock.txt", story_stock, WIRE_KNOB_NONE, 0, NULL, "" },
	{ "stock-command.txt", story_stock, WIRE_KNOB_NONE, 100, NULL, "" },
	{ "stock-tree.txt", story_stock, WIRE_KNOB_NONE, 0, NULL, "--tree" },
	{ "stock-command-tree.txt", story_stock, WIRE_KNOB_NONE, 100, NULL,
	  "--tree" },
	{ "join.txt", story_joins, WIRE_KNOB_ON, 0, NULL, "" },
	{ "join.json", story_joins, WIRE_KNOB_ON, 0, NULL, "--format=json" },
	{ "join-setns.txt", story_joins, WIRE_KNOB_ON, 0, NULL, "-e setns" },
	{ "join-tree.txt", story_joins, WIRE_KNOB_ON, 0, NULL, "--tree --summary" },
	{ "join-tree.json", story_joins, WIRE_KNOB_ON, 0, NULL,
	  "--tree --summary --format=json" },
	{ "join-ns.txt", story_joins, WIRE_KNOB_ON, 0, NULL,
	  "--namespace=pid:[4026531837]" },
	{ "join-pid.txt", story_joins, WIRE_KNOB_ON, 0, NULL, "-p 2@4026531837" },
	{ "join-pids.txt", story_joins, WIRE_KNOB_ON, 0, NULL, "-p 101 -p 106" },
	{ "join-comm.txt", story_joins, WIRE_KNOB_ON, 0, NULL, "-c nsen* -c x" },
	{ "join-comm-ns.txt", story_joins, WIRE_KNOB_ON, 0, NULL,
	  "-c init -n 4026531837 -e fork" },
	{ "join-stack.txt", story_joins, WIRE_KNOB_ON, 0, NULL,
	  "--stack -e rewrite,error" },
	{ "join-color.txt", story_joins, WIRE_KNOB_ON, 0, NULL, "--color=always" },
	{ "keep.txt", story_joins, WIRE_KNOB_KEEP, 0, NULL, "" },
	{ "keep.json", story_joins, WIRE_KNOB_KEEP, 0, NULL, "--format=json -e setns" },
	{ "keep-raw.txt", story_joins, WIRE_KNOB_KEEP, 0, NULL, "-e all -c nsenter" },
	{ "keep-tree.txt", story_joins, WIRE_KNOB_KEEP, 0, NULL, "--tree --summary" },
	{ "ends.txt", story_ends, WIRE_KNOB_NONE, 0, NULL, "" },
	{ "ends.json", story_ends, WIRE_KNOB_NONE, 0, NULL,
	  "--format=json -e exit,orphan,wait,ns" },
	{ "ends-raw.txt", story_ends, WIRE_KNOB_NONE, 0, NULL, "-e all -c killed" },
	{ "ends-tree.txt", story_ends, WIRE_KNOB_NONE, 0, NULL, "--tree" },
	{ "ends-tree.json", story_ends, WIRE_KNOB_NONE, 0, NULL,
	  "--tree --format=json" },
	{ "seed.txt", story_seed, WIRE_KNOB_NONE, 0, NULL, "" },
	{ "seed-raw.txt", story_seed, WIRE_KNOB_NONE, 0, NULL, "-e all" },
	{ "seed-lossy.txt", story_seed, WIRE_KNOB_NONE, 0, story_lossy, "" },
	{ "failures.txt", story_failures, WIRE_KNOB_NONE, 0, NULL, "" },
	{ "failures.json", story_failures, WIRE_KNOB_NONE, 0, NULL, "--format=json" },
	{ "failures-only.txt", story_failures, WIRE_KNOB_NONE, 0, NULL, "-Z" },
	{ "failures-fork.txt", story_failures, WIRE_KNOB_NONE, 0, NULL,
	  "--failed-only -e fork" },
	{ "failures-summary.txt", story_failures, WIRE_KNOB_NONE, 0, NULL,
	  "-Z --summary" },
	{ "failures-raw.txt", story_failures, WIRE_KNOB_NONE, 0, NULL, "-Z -e all" },
	{ "seed-lossy.json", story_seed, WIRE_KNOB_NONE, 0, story_lossy,
	  "--format=json" },
};

#define NGOLDENS (ARRAY_SIZE(goldens))

static void parse(char *words, struct print_opts *opts)
{
	char *argv[8] = { "trace" }, *save = NULL;
	int argc = 1;

	for (char *w = strtok_r(words, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	assert_int_equal(options__parse(&print_options, argc, argv, ARGP_NO_EXIT, opts), 0);
}

static void test_golden(void **state)
{
	const struct golden *g = *state;
	struct print_opts opts = { .start_ns = START_NS };
	char *words = strdup(g->options), *text;

	parse(words, &opts);
	text = print(g->play, &opts, g->knob, g->command, g->filter);
	free(words);

	file__golden(text, g->name);
	free(text);
}

/* Every line is an object, whatever a comm contains; also with raw records. */
static void test_json_lines(void **)
{
	static const unsigned int what[] = { 0, PRINT_ALL };

	for (int i = 0; i < 2; i++) {
		struct print_opts opts = { .format = PRINT_JSON,
					   .what = what[i] };
		char *save = NULL, *text;
		unsigned int n = 0;

		text = print(story_joins, &opts, WIRE_KNOB_ON, 0, NULL);
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

/* Operations that cannot be seen, and only those, are reported first. */
static void test_unseen(void **)
{
	static const struct {
		hook_mask no_hooks;
		unsigned int what;
		const char *told;
	} cases[] = {
		{ 0, 0, NULL },
		{ HOOK_BIT(WIRE_HOOK_RELEASE), 0, "see: wait (fentry:release_task: " },
		{ HOOK_BIT(WIRE_HOOK_RELEASE), PRINT_FORK, NULL },
		{ HOOK_BIT(WIRE_HOOK_SETNS_EXIT) | HOOK_BIT(WIRE_HOOK_NS_NEW), 0,
		  "see: setns, ns (fexit:__x64_sys_setns: " },
		{ HOOK_BIT(WIRE_HOOK_SETNS_EXIT), PRINT_ALL, "see: setns (" },
		{ HOOK_BIT(WIRE_HOOK_TIMER_LOCK), 0, NULL },
		/* Forks are seen without it, only not those that fail. */
		{ HOOK_BIT(WIRE_HOOK_CLONE_FAILED), 0, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct print_opts opts = { .what = cases[i].what };
		char *text;

		no_hooks = cases[i].no_hooks;
		text = print(story_stock, &opts, WIRE_KNOB_NONE, 0, NULL);
		if (!cases[i].told)
			assert_null(strstr(text, "does not let us see"));
		else if (!strstr(text, cases[i].told))
			fail_msg("\"%s\" is not in: %s", cases[i].told, text);
		else
			assert_int_equal(strncmp(text, "--- this kernel", 15), 0);
		free(text);
		opts.format = PRINT_JSON;
		text = print(story_stock, &opts, WIRE_KNOB_NONE, 0, NULL);
		assert_int_equal(!strncmp(text, "{\"op\":\"unseen\"", 14),
				 cases[i].told != NULL);
		free(text);
	}
	no_hooks = 0;
}

/* Operations that may be missed without being counted are named, and shown. */
static void test_partial(void **)
{
	struct print_opts opts = {};
	char *text;

	partial_hooks = HOOK_BIT(WIRE_HOOK_RELEASE) | HOOK_BIT(WIRE_HOOK_TIMER_LOCK);
	text = print(story_stock, &opts, WIRE_KNOB_NONE, 0, NULL);
	assert_non_null(strstr(text, "--- this kernel does not count what may be missed of: wait\n"));
	assert_non_null(strstr(text, " wait  = "));
	free(text);
	opts.format = PRINT_JSON;
	text = print(story_stock, &opts, WIRE_KNOB_NONE, 0, NULL);
	assert_non_null(strstr(text, "{\"op\":\"partial\",\"operations\":[\"wait\"]}\n"));
	free(text);
	opts = (struct print_opts){ .what = PRINT_FORK };
	text = print(story_stock, &opts, WIRE_KNOB_NONE, 0, NULL);
	assert_null(strstr(text, "does not count"));
	free(text);
	partial_hooks = 0;
	no_hooks = HOOK_BIT(WIRE_HOOK_CLONE_FAILED);
	text = print(story_stock, &opts, WIRE_KNOB_NONE, 0, NULL);
	assert_non_null(strstr(text, "--- this kernel does not count what may be missed of: fork\n"));
	free(text);
	no_hooks = 0;
}

/* These words end a trace with status 3. */
static void test_unseen_words(void **)
{
	static const struct {
		int hook, error;
		const char *words;
	} cases[] = {
		{ WIRE_HOOK_RELEASE, 0, "" },
		{ WIRE_HOOK_RELEASE, -EPERM, "wait" },
		{ WIRE_HOOK_RELEASE, -ECANCELED, "" },
		{ WIRE_HOOK_RELEASE, -EUNATCH, "wait" },
		{ WIRE_HOOK_TIMER_LOCK, -EPERM, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FILE *out = fopen("/dev/null", "w");
		struct print_opts opts = {};
		struct printer *p;

		p = printer__new(out, &opts);
		for (int h = 0; h < WIRE_NHOOKS; h++) {
			struct wire_meta_hook r = {
				.hdr = { .type = WIRE_META_HOOK, .size = sizeof(r) },
				.hook = h,
				.error = h == cases[i].hook ? cases[i].error : 0,
			};

			record_sink__record(printer__sink(p), &r.hdr);
		}
		assert_string_equal(printer__unseen(p), cases[i].words);
		printer__free(p);
		fclose(out);
	}
}

static void test_what(void **)
{
	unsigned int what = 0;

	assert_int_equal(print_what__parse("setns", &what), 0);
	assert_int_equal(what, PRINT_SETNS);
	assert_int_equal(print_what__parse("fork,exec,exit", &what), 0);
	assert_int_equal(what, PRINT_FORK | PRINT_EXEC | PRINT_EXIT);
	assert_int_equal(print_what__parse("all", &what), 0);
	assert_int_equal(print_what__parse("", &what), -EINVAL);
	assert_int_equal(print_what__parse("setns,", &what), -EINVAL);
	assert_int_equal(print_what__parse("setn", &what), -EINVAL);
}

/* A write error of the output ends the stream. */
static void test_full(void **)
{
	struct print_opts opts = { 0 };
	FILE *f = fopen("/dev/full", "we");
	struct printer *p;
	struct gen *g;

	setvbuf(f, NULL, _IONBF, 0);
	p = printer__new(f, &opts);
	g = gen__new(printer__sink(p), 256);
	gen__begin(g, 0);
	gen__fork(g, g->init);
	assert_int_equal(g->error, -ENOSPC);
	assert_true(printer__finish(p) < 0);
	printer__free(p);
	gen__free(g);
	fclose(f);
}

/* prctl(PR_SET_NAME) leaves no record. */
static void renamed(struct gen *g, struct gen_task *me)
{
	gen__exec(g, me, "runc");
	strcpy(me->comm, "runc:[0:PARENT]");
	gen__fork(g, me);
}

/* Keeps only the records that a trace of forks needs. */
static enum gen_fate forks_and_execs(struct gen *, struct wire_hdr *rec)
{
	return rec->type == WIRE_FORK || rec->type == WIRE_EXEC ? GEN_EMIT :
								  GEN_LOSE;
}

static void test_renamed(void **)
{
	struct print_opts opts = { .what = PRINT_FORK };
	char *text = print(renamed, &opts, 0, 0, forks_and_execs);

	assert_non_null(strstr(text, " \"runc:[0:PARENT]\"[100] fork  = \"runc:[0:PARENT]\"[101]\n"));
	free(text);
}

static char *print_stock(const char *options)
{
	struct print_opts opts = { .start_ns = START_NS };
	char *words = strdup(options);

	parse(words, &opts);
	free(words);
	return print(story_stock, &opts, WIRE_KNOB_NONE, 0, NULL);
}

/* Several options -e add up. */
static void test_several_lists(void **)
{
	char *both = print_stock("-e fork -e exec,exit"), *one = print_stock("-e fork,exec,exit");
	char *last = print_stock("-e exec,exit");

	assert_string_equal(both, one);
	assert_string_not_equal(both, last);
	free(both);
	free(one);
	free(last);
}

int main(void)
{
	static struct CMUnitTest tests[NGOLDENS + 8];
	size_t n = 0;

	for (size_t i = 0; i < NGOLDENS; i++)
		tests[n++] = ROW_TEST(test_golden, &goldens[i]);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_json_lines);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_what);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_unseen);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_partial);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_unseen_words);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_full);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_renamed);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_several_lists);
	return _cmocka_run_group_tests("print", tests, n, NULL, NULL);
}
