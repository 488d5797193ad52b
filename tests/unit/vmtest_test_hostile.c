// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the runner with guests and a QEMU that say hostile things, and checks that none of
 * these bytes are in what it prints, or in its reports; and who may read its files.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/lib/capped_file.h"
#include "vmtest/lib/util.h"
#include "hostile.h"
#include "test.h"
#include "vmtest_harness.h"

/* Each %s is replaced by all hostile texts. */
static const struct scene {
	const char *name;
	const char *console, *result, *stderr;
	int exit;
	const char *says;	/* before the first hostile text, on stderr */
} scenes[] = {
	{ "panic", "[    1.5] Kernel panic - not syncing: %s\r\n", NULL, NULL, 5,
	  "PANIC: Kernel panic - not syncing: " },
	{ "warning", "[    1.5] WARNING: CPU: 0 PID: 1 at %s\r\n", NULL, NULL, 4,
	  "SPLAT: WARNING: CPU: 0 PID: 1 at " },
	{ "gap", "[    1.5] ** 7 printk messages dropped ** %s\r\n", NULL, NULL, 7, NULL },
	{ "test", NULL, "K KTAP version 1\nK 1..1\nK   KTAP version 1\nK   # Subtest: cat\n"
	  "K   1..2\nK # %s\nK   not ok 1 %s\nK   ok 2 b # SKIP %s\nK not ok 1 cat\nE %s\n", NULL, 1,
	  "FAIL: 1 test not ok: " },
	{ "rule", NULL, "R I17 %s\nR \033]0;zq\007\nR %s\nM %s\nG %s\nT KTAP version 1\nT 1..1\nT # %s\n"
	  "T not ok 1 %s\n", NULL, 7, NULL },
	{ "verdict", NULL, "V FAIL %s\n", NULL, 1, "FAIL: " },
	{ "no line", NULL, "%s\n", NULL, 7, "garbage on the result port: no tag: \"" },
	{ "log of the kernel", NULL, "L 6,1,100,-;%s\nL %s\n", NULL, 7, NULL },
	{ "QEMU", NULL, NULL, "%s", 7, "QEMU exited with status 3: " },
};

/*
 * Returns all texts that a line of KTAP can have in a name, with blanks between them; or
 * the strings of a report.
 */
static char *all_texts(bool json)
{
	size_t len;
	char *text;
	FILE *f = xmemstream(&text, &len);

	for (size_t i = 0; i < hostile_count; i++) {
		json_t *value = json_string(hostile[i].bytes);

		/* The report's reader refuses JSON that is not UTF-8. */
		if (json && value)
			json_dumpf(value, f, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
		else if (!json && !strpbrk(hostile[i].bytes, "\r\n#"))
			fprintf(f, "%s ", hostile[i].bytes);
		json_decref(value);
	}
	fclose(f);
	return text;
}

static void set_text(const char *variable, const char *pattern)
{
	auto_free char *all = all_texts(false);

	auto_free char *text = text__replace_all(xstrdup(pattern ? pattern : ""), "%s", all);

	if (pattern)
		setenv(variable, text, 1);
	else
		unsetenv(variable);
}

/* Checks a text of the runner. */
static void check(const char *scene, const char *name, const char *text)
{
	for (const char *p = text; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\n') || *p == 0x7f)
			fail_msg("%s: byte %02x in %s: %.60s", scene, *p, name, p);
	for (size_t i = 0; i < hostile_count; i++) {
		const char *bytes = hostile[i].bytes;

		if (hostile[i].text && !strchr(bytes, '\\') && !strchr(bytes, '\t') &&
		    strstr(text, bytes))
			fail_msg("%s: %s in %s", scene, hostile[i].name, name);
	}
	/* A reader of JSON would restore a control character. */
	if (strstr(text, "\\u00"))
		fail_msg("%s: \\u00.. in %s", scene, name);
}

/* Checks that no object is missing because one of its strings is not UTF-8. */
static void check_whole(const char *scene, json_t *summary)
{
	json_t *target = json_array_get(json_object_get(summary, "targets"), 0);
	json_t *run = json_array_get(json_object_get(target, "results"), 0);

	if (!json_string_length(json_object_get(run, "reason")) ||
	    !json_array_size(json_object_get(target, "faults")))
		fail_msg("%s: summary.json lacks the run or its fault", scene);
}

static void check_files(const char *scene, const char *out)
{
	static const char *const names[] = {
		"summary.json", "junit.xml", "results.ktap", "results.json",
		"t1-7/junit.xml", "t1-7/results.ktap", "t1-7/results.json",
		"t1-7/faults.json", "t1-7/splat.txt", "t1-7/repro.sh",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *text = exists(out, names[i]) ? content(out, names[i]) : NULL;
		json_t *value = NULL;

		if (!text)
			continue;
		check(scene, names[i], text);
		if (strstr(names[i], ".json"))
			value = json_loads(text, 0, NULL);
		if (strstr(names[i], ".json") && !value)
			fail_msg("%s: %s is no JSON", scene, names[i]);
		if (!i)
			check_whole(scene, value);
		json_decref(value);
	}
	assert_true(exists(out, "summary.json"));
	assert_true(exists(out, "junit.xml"));
}

static void play(const struct scene *s)
{
	auto_free char *out = fresh_out();
	struct ended e;

	RUN(&e, "environment", "--target=t1", "--accel=tcg", "--seed=7", "--out", out);
	check(s->name, "stdout", e.out);
	check(s->name, "stderr", e.err);
	check_files(s->name, out);
	expect_exit(&e, s->exit);
	if (s->says) {
		auto_free char *want = xasprintf("%s%s", s->says, hostile__text(&hostile[0]));

		if (!strstr(e.err, want))
			fail_msg("%s: %s is not in %s", s->name, want, e.err);
	}
	/* The first reason is cut where it is too long, so not all are in it. */
	if (s->says && !strstr(s->says, "garbage"))
		assert_non_null(strstr(e.err, "\\x1b]0;zq\\x07"));
	free_ended(&e);
}

/* The state is a scene. */
static void test_scene(void **state)
{
	const struct scene *s = *state;

	set_text("FAKE_CONSOLE", s->console);
	set_text("FAKE_RESULT", s->result);
	set_text("FAKE_STDERR", s->stderr);
	play(s);
}

/* The guest's own tracer sends a report. */
static void test_report(void **)
{
	const struct scene s = { .name = "report", .exit = 1 };
	auto_free char *all = all_texts(true), *pieces = NULL, *lines = NULL;

	pieces = text__replace_all(xstrdup(all), "\"\"", "\",\"");
	lines = xasprintf("S {\"verdict\":\"FAIL\",\"events\":1,\"reasons\":[%s],\"violations\":["
			  "{\"rule\":\"\\u001b]0;zq\",\"count\":1,\"statement\":\"\\u009b\\u202ezq\\nPASS\"}]}\n",
			  pieces);
	set_text("FAKE_CONSOLE", NULL);
	set_text("FAKE_STDERR", NULL);
	setenv("FAKE_RESULT", lines, 1);
	play(&s);
}

/* The commands below a row name the output directory. */
static void test_out(void **)
{
	auto_free char *fresh = fresh_out(), *out = xasprintf("%s/zq\033[31m\342\200\256", fresh);
	struct ended e;

	unsetenv("FAKE_RESULT");
	RUN(&e, "panic", "--target=t1", "--accel=tcg", "--seed=7..8", "--out", out);
	expect_exit(&e, 5);
	check("directory", "stdout", e.out);
	check("directory", "stderr", e.err);
	assert_non_null(strstr(e.out, "repeat: sh '"));
	assert_non_null(strstr(e.out, "/zq\\x1b[31m\\xe2\\x80\\xae/t1-7/repro.sh"));
	assert_null(strstr(e.out, "\342\200\256"));
	assert_null(strstr(e.err, "\342\200\256"));
	free_ended(&e);
}

/* Words of the command line, in errors of argp, of getopt and of the runner. */
static void test_words(void **)
{
	static const char *const forms[] = {
		"--%s", "-%s", "--bare=%s", "--seed=%s", "%s", "replay -%s",
	};

	for (size_t i = 0; i < hostile_count * ARRAY_SIZE(forms); i++) {
		const struct hostile *h = &hostile[i / ARRAY_SIZE(forms)];
		const char *form = forms[i % ARRAY_SIZE(forms)];
		bool replay = *form == 'r';
		auto_free char *word = text__replace_all(xstrdup(strchr(form, replay ? '-' : *form)),
							 "%s", h->bytes);
		struct ended e;

		if (!strncmp(word, "-h", 2))
			continue;	/* the same as --help */
		RUN(&e, "panic", replay ? "replay" : word, replay ? word : "--target=none");
		expect_exit(&e, 2);
		check(form, "stderr", e.err);
		/* a line of the error, and two of argp */
		for (const char *p = strchr(e.err, '\n'); p && p[1]; p = strchr(p + 1, '\n'))
			if (strncmp(p, "\nTry `", 6) && strncmp(p, "\ninformation", 12))
				fail_msg("%s: a line of its own: %s", h->name, e.err);
		free_ended(&e);
	}
}

/* Links that another user has put in the way are not followed. */
static void test_planted(void **)
{
	auto_free char *out = fresh_out(), *victim = in_root("victim"), *text = NULL;
	auto_free char *file = xasprintf("%s/file", out), *log = xasprintf("%s/log", out);
	auto_free char *tmp = xasprintf("%s.%d.tmp", file, (int)getpid());
	struct capped_file c;

	put("victim", "the victim", 0644);
	assert_int_equal(mkdir_p(out), 0);
	assert_int_equal(symlink(victim, tmp), 0);
	assert_int_equal(symlink(victim, log), 0);
	assert_int_equal(write_file_atomic(file, "new", 3), 0);
	assert_int_equal(capped_file__open(&c, out, "log", 100, 0600), -ELOOP);
	capped_file__close(&c);
	expect_in(out, "file", "new");
	text = content(root, "victim");
	assert_string_equal(text, "the victim");
}

/* A trace is for its owner; what CI reads is for all. */
static void test_modes(void **)
{
	static const struct {
		const char *name;
		mode_t mode;
	} files[] = {
		{ "t1-7/trace.bin", 0600 }, { "t1-7/console.log", 0644 },
		{ "t1-7/junit.xml", 0644 }, { "junit.xml", 0644 },
		{ "summary.json", 0644 },
	};
	auto_free char *out = fresh_out();
	struct ended e;

	umask(022);
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--seed=7", "--out", out);
	expect_exit(&e, 0);
	free_ended(&e);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		auto_free char *path = xasprintf("%s/%s", out, files[i].name);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		if ((st.st_mode & 07777) != files[i].mode)
			fail_msg("%s: %o", files[i].name, st.st_mode);
	}
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(scenes) + 5];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		tests[n++] = ROW_TEST(test_scene, &scenes[i]);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_report);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_words);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_out);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_planted);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_modes);
	return _cmocka_run_group_tests("hostile", tests, n, harness__setup, harness__teardown);
}
