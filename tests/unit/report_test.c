// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that the reports contain the judge's findings, and that other programs can read
 * them: JSON by jansson, KTAP by prove, JUnit by an XML parser.
 */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/judge/report.h"
#include "loader/lib/outfile.h"
#include "files.h"
#include "judging.h"
#include "test.h"

static const struct judge_opts opts = {
	.semantics = SEMANTICS_JOIN, .seed = 99,
};

static void three_joins(struct scene *s)
{
	struct gen_ns *ns = gen__container(s->g, s->g->init);

	scene__arm(s);
	for (int i = 0; i < 3; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		/* This comm is neither UTF-8 nor XML. */
		gen__exec(s->g, t, "<a&\"\xff\x01>");
		gen__setns_join(s->g, t, ns);
		gen__exit(s->g, t, 0);
		gen__release(s->g, s->g->init, t);
	}
}

/* Mutations that violate the rules I17 and I18 in each join. */
static const struct mutation bad[MAX_MUTATIONS] = {
	{ EDIT_SET64, WIRE_SETNS_EXIT, 0,
	  AT(wire_setns_exit, task.pids[WIRE_TGID]), 64 },
	{ EDIT_SET64, WIRE_SETNS_EXIT, 0,
	  AT(wire_setns_exit, links.next[WIRE_SID]), 64 },
};

/* The last scene: play() replaces it, and the functions below report its result. */
static struct scene scene;

static void play(const struct mutation *m, hook_mask no_hooks)
{
	scene__play(&scene, three_joins, &opts, WIRE_KNOB_ON, m, no_hooks);
}

static char *render(void (*fn)(const struct judge_result *, FILE *))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fn(scene.res, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static json_t *parse(void)
{
	char *text = render(report__json);
	json_error_t e;
	json_t *o = json_loads(text, 0, &e);

	if (!o)
		fail_msg("%s", e.text);
	/* The object is a single line, as the protocol of vmtest needs. */
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
	return o;
}

static json_t *find(const json_t *array, const char *key, const char *value)
{
	json_t *o;
	size_t i;

	json_array_foreach(array, i, o)
		if (!strcmp(json_string_value(json_object_get(o, key)), value))
			return o;
	fail_msg("no %s %s", key, value);
	return NULL;
}

/*
 * Returns the value at a path of keys. KEY=VALUE in the path stands for the element of an
 * array whose KEY has this VALUE.
 */
static json_t *at(json_t *o, const char *path)
{
	char *copy = strdup(path), *rest = copy, *key;

	while ((key = strsep(&rest, "/"))) {
		char *value = strchr(key, '=');

		if (value)
			*value++ = '\0';
		o = value ? find(o, key, value) : json_object_get(o, key);
	}
	free(copy);
	return o;
}

struct fact {
	const char *path, *json;
};

static void expect(json_t *o, const struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n && facts[i].path; i++) {
		char *got = json_dumps(at(o, facts[i].path), JSON_ENCODE_ANY);

		if (!got || strcmp(got, facts[i].json))
			fail_msg("%s: %s, not %s", facts[i].path, got, facts[i].json);
		free(got);
	}
}

static const struct json_case {
	const char *name;
	const struct mutation *mutations;
	hook_mask no_hooks;
	struct fact facts[13];
} json_cases[] = {
	{ "test_json_pass", NULL, 0, {
		{ "verdict", "\"PASS\"" }, { "reasons", "[]" },
		{ "joins", "3" }, { "rewrites", "12" }, { "seed", "99" },
		{ "lost/ring", "0" }, { "lost/map", "0" }, { "lost/missed", "0" },
		{ "hooks/name=fentry:free_pid/attached", "true" },
		{ "hooks/name=fentry:free_pid/needed", "true" },
		{ "violations", "[]" }, { "command", "null" }, { "expect", "[]" } } },
	{ "test_json_fail", bad, 0, {
		{ "verdict", "\"FAIL\"" }, { "violations/rule=I17/count", "3" },
		{ "violations/rule=I18/count", "3" },
		{ "rules/id=I17/state", "\"violated\"" },
		{ "rules/id=I17/violations", "3" }, { "rules/id=I17/checked", "3" } } },
	{ "test_json_inconclusive", NULL, HOOK(PID_REWRITE), {
		{ "verdict", "\"INCONCLUSIVE\"" },
		{ "rules/id=I41/state", "\"unavailable\"" } } },
};

static void test_json(void **state)
{
	const struct json_case *c = *state;
	json_t *o;

	play(c->mutations, c->no_hooks);
	o = parse();
	expect(o, c->facts, ARRAY_SIZE(c->facts));
	assert_int_equal(json_integer_value(at(o, "events")), scene.res->events);
	assert_int_equal(json_array_size(at(o, "hooks")), WIRE_NHOOKS);
	assert_true(json_integer_value(at(o, "hooks/name=fentry:free_pid/hits")) > 0);
	assert_int_equal(json_array_size(at(o, "rules")), scene.res->nrules);
	assert_int_equal(json_array_size(at(o, "violations")), scene__violated(&scene));
	assert_int_equal(json_array_size(at(o, "reasons")), scene.res->nreasons);
	assert_true(!c->no_hooks || scene.res->nreasons >= 1);
	if (c->mutations)
		assert_non_null(strstr(json_string_value(at(o, "violations/rule=I17/text")),
				       "pids[TGID]"));
	json_decref(o);
}

/* The text report of a violation has all of these parts. */
static void test_text(void **)
{
	static const char *const parts[] = {
		"I17: pids[TGID] is another one",	/* the finding */
		"After success thread_pid",		/* the rule */
		"<a&",					/* the task */
		"before", "after", "in pid:[4026531837]", /* numbers */
		"setns(3, 0x20000000) = 0",		/* the call */
		"stack of the first change_pid()",
		"0xffffffff81001080",
		"last records", "setns_enter(fd 3",	/* the history */
		"seed     99",
		"repeated 3 times",
		"violated        I17(3) I18(3)",	/* the summary */
		"\nFAIL\n",
	};
	char *text;

	play(bad, 0);
	text = render(report__text);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(text, parts[i]))
			fail_msg("\"%s\" is not in\n%s", parts[i], text);
	free(text);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text += strlen(what);
	}
	return n;
}

/* Checks plan, numbers and failures, and that every other line is a comment. */
static void check_ktap(const struct mutation *m, hook_mask no_hooks, unsigned int failed)
{
	char *save = NULL, *text;
	unsigned int n = 0, not_ok = 0;
	size_t plan = 0;

	play(m, no_hooks);
	text = render(report__ktap);

	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		unsigned int nr;
		char name[64];

		if (!strcmp(l, "KTAP version 1") || l[0] == '#')
			continue;
		if (sscanf(l, "1..%zu", &plan) == 1)
			continue;
		if (sscanf(l, "ok %u %63s", &nr, name) == 2) {
			assert_int_equal(nr, ++n);
			continue;
		}
		if (sscanf(l, "not ok %u %63s", &nr, name) == 2) {
			assert_int_equal(nr, ++n);
			not_ok++;
			continue;
		}
		fail_msg("no KTAP: %s", l);
	}
	assert_int_equal(plan, scene.res->nrules + 1);
	assert_int_equal(n, plan);
	assert_int_equal(not_ok, failed);
	free(text);
}

static void test_ktap(void **)
{
	check_ktap(NULL, 0, 0);
	check_ktap(bad, 0, 2);
	/* Not ok are a rule that cannot be judged, and therefore the evidence. */
	check_ktap(NULL, HOOK(PID_REWRITE), 2);
}

static void test_junit(void **)
{
	char *text;

	play(bad, 0);
	text = render(report__junit);
	assert_int_equal(count(text, "<testcase "), scene.res->nrules + 1);
	assert_int_equal(count(text, "<failure "), 2);
	assert_non_null(strstr(text, "failures=\"2\""));
	assert_non_null(strstr(text, "&lt;a&amp;"));
	for (const char *p = text; *p; p++)
		assert_true((*p >= ' ' && (unsigned char)*p < 0x7f) ||
			    *p == '\n' || *p == '\t');
	free(text);
}

/* Plays a run of a command that ends like this. */
static void play_command(const struct judge_command *command)
{
	scene__begin(&scene, three_joins, &opts, WIRE_KNOB_ON, NULL, 0);
	judge__command(scene.j, command);
	scene__end(&scene);
}

/* Checks that the format has these texts, and not the last one, if there is one. */
static void expect_texts(void (*fn)(const struct judge_result *, FILE *),
			 const char *const texts[3], const char *not)
{
	char *text = render(fn);

	for (int i = 0; i < 3 && texts[i]; i++)
		if (!strstr(text, texts[i]))
			fail_msg("\"%s\" is not in\n%s", texts[i], text);
	if (not && strstr(text, not))
		fail_msg("\"%s\" is in\n%s", not, text);
	free(text);
}

/* The command's test follows the rules; begin is the text before "ok". */
static void expect_command_test(const char *begin)
{
	char command[128], evidence[64];

	snprintf(command, sizeof(command), "%sok %zu command\n", begin,
		 scene.res->nrules + 1);
	snprintf(evidence, sizeof(evidence), "\nok %zu evidence\n",
		 scene.res->nrules + 2);
	expect_texts(report__ktap, (const char *const[3]){ command, evidence },
		     NULL);
}

/* A command that failed is a failed test of its own; the evidence is not missing. */
static void test_command(void **)
{
	const struct judge_command failed = { .ran = true, .exit = 7 };

	play_command(&failed);
	expect_texts(report__text, (const char *const[3]){
		"command         exit status 7\n", "INCONCLUSIVE\n",
		"  the command failed (exit status 7), so" }, "PASS");
	expect_texts(report__json, (const char *const[3]){
		"\"command\":{\"exit\":7,\"signal\":0,\"stopped\":false,\"failed\":true}",
		"\"verdict\":\"INCONCLUSIVE\"", "the command failed" }, "PASS");
	expect_command_test("# exit status 7\nnot ");
	expect_texts(report__junit, (const char *const[3]){
		"failures=\"1\"", "name=\"command\"", "exit status 7" },
		"failures=\"2\"");
}

static void test_killed_command(void **)
{
	const struct judge_command killed = { .ran = true, .exit = -1, .signal = 11 };
	const struct judge_command stopped = {
		.ran = true, .exit = -1, .signal = 15, .stopped = true,
	};

	play_command(&killed);
	expect_texts(report__text, (const char *const[3]){
		"command         killed by signal 11 (Segmentation fault)\n",
		"INCONCLUSIVE\n" }, "PASS");
	expect_command_test("# killed by signal 11 (Segmentation fault)\nnot ");
	play_command(&stopped);
	expect_texts(report__text, (const char *const[3]){
		"killed by signal 15 (Terminated), after pidnstrace was asked to end it\n",
		"PASS\n" }, "INCONCLUSIVE");
	expect_command_test("\n");
}

/* vmtest judges the end of its tests itself: there is no test of the command. */
static void test_any_status(void **)
{
	play_command(&(struct judge_command){
		.ran = true, .exit = 1, .any_status = true,
	});
	expect_texts(report__text, (const char *const[3]){
		"command         exit status 1\n", "PASS\n" }, "INCONCLUSIVE");
	expect_texts(report__json, (const char *const[3]){
		"\"exit\":1", "\"failed\":false" }, "INCONCLUSIVE");
	expect_texts(report__ktap, (const char *const[3]){ " evidence\n" }, "command");
}

static char dir[] = "/tmp/report_test.XXXXXX";

static int make_dir(void **)
{
	return !mkdtemp(dir);
}

static int remove_dir(void **)
{
	return rmdir(dir);
}

/* Writes a report to a file in dir; returns the file's path. */
static const char *write_report(const char *format)
{
	static char path[64];
	char spec[128], err[256];

	snprintf(path, sizeof(path), "%s/%s", dir, format);
	snprintf(spec, sizeof(spec), "%s=%s", format, path);
	assert_int_equal(report__check(spec, err, sizeof(err)), 0);
	if (report__write(scene.res, spec, err, sizeof(err)))
		fail_msg("%s", err);
	return path;
}

/* Returns whether the command succeeds; its "%s" is replaced by the path of a report. */
static bool reads(const char *command, const char *path)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd), command, path);
	return !system(cmd);
}

/* Writes path in another process, which is killed half-way or runs to its end. */
static int write_in_child(const char *path, bool is_killed)
{
	pid_t pid = fork();
	struct outfile o;
	int status;

	if (!pid) {
		if (outfile__open(&o, path))
			_exit(1);
		fputs("the new one\n", o.f);
		fflush(o.f);
		if (is_killed)
			raise(SIGKILL);
		_exit(outfile__close(&o, 0) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void expect_file(const char *path, const char *want)
{
	char *text = file__read(path, NULL);

	assert_string_equal(text, want);
	free(text);
}

/* The old file stays until the new one is complete; no other file is left. */
static void test_killed(void **)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/whole", dir);
	assert_int_equal(write_in_child(path, true), SIGKILL);
	assert_int_equal(entries(dir), 2);
	file__write(path, "the old one\n", 12);
	assert_int_equal(write_in_child(path, true), SIGKILL);
	assert_int_equal(entries(dir), 3);
	expect_file(path, "the old one\n");
	assert_int_equal(write_in_child(path, false), 0);
	assert_int_equal(entries(dir), 3);
	expect_file(path, "the new one\n");
	assert_int_equal(unlink(path), 0);
}

/* A link stays a link, and its target gets the text. /dev/stdout is such a link. */
static void test_link(void **)
{
	char path[64], target[64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/link", dir);
	snprintf(target, sizeof(target), "%s/target", dir);
	file__write(target, "the old one\n", 12);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(write_in_child(path, false), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect_file(target, "the new one\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(target), 0);
}

/* Reads the files with the programs that they are meant for. */
static void test_other_readers(void **)
{
	static const char prove[] = "prove -Q --exec cat %s >/dev/null 2>&1";
	const char *path;

	if (system("command -v prove >/dev/null && command -v python3 >/dev/null"))
		skip();
	play(NULL, 0);
	assert_true(reads(prove, write_report("ktap")));

	play(bad, 0);
	path = write_report("ktap");
	assert_false(reads(prove, path));
	unlink(path);
	path = write_report("junit");
	assert_true(reads("python3 -c 'import sys,xml.dom.minidom as m; m.parse(sys.argv[1])' %s",
			  path));
	unlink(path);
}

static void test_files(void **)
{
	static const char *const wrong[] = {
		"", "html=x", "json=", "jso", "=x", "jsonx=y",
	};
	struct stat st;
	char err[256], spec[128];
	const char *path;
	json_t *o;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(report__check(wrong[i], err, sizeof(err)),
				 -EINVAL);
		assert_non_null(strstr(err, "junit"));
	}
	assert_int_equal(report__check("json", err, sizeof(err)), 0);
	play(NULL, 0);
	path = write_report("json");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	o = json_load_file(path, 0, NULL);
	assert_non_null(o);
	json_decref(o);
	path = write_report("json");	/* overwrites the old one */
	unlink(path);

	assert_int_equal(report__write(scene.res, "json=/nowhere/x", err,
				       sizeof(err)), -ENOENT);
	assert_non_null(strstr(err, "/nowhere/x"));
	assert_true(report__write(scene.res, "text=/dev/full", err,
				  sizeof(err)) < 0);
	assert_non_null(strstr(err, "/dev/full"));
	/* A failed write leaves no partial file, or else remove_dir() fails. */
	snprintf(spec, sizeof(spec), "text=%s/sub", dir);
	assert_int_equal(mkdir(spec + 5, 0755), 0);
	assert_true(report__write(scene.res, spec, err, sizeof(err)) < 0);
	assert_int_equal(rmdir(spec + 5), 0);
}

/* The last remark appears in the text and JSON reports, and does not change a verdict. */
static void test_remark(void **)
{
	static const struct fact facts[] = {
		{ "remark", "\"races widened with seed 5\"" },
		{ "verdict", "\"PASS\"" },
	};
	char *text;
	json_t *o;

	play(NULL, 0);
	o = parse();
	assert_null(at(o, "remark"));
	json_decref(o);
	judge__remark(scene.j, "first");
	judge__remark(scene.j, "races widened with seed 5");
	o = parse();
	expect(o, facts, ARRAY_SIZE(facts));
	json_decref(o);
	text = render(report__text);
	assert_non_null(strstr(text, "races widened with seed 5\nPASS\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW_TEST(test_json, &json_cases[0]),
		ROW_TEST(test_json, &json_cases[1]),
		ROW_TEST(test_json, &json_cases[2]),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_ktap),
		cmocka_unit_test(test_junit),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_killed_command),
		cmocka_unit_test(test_any_status),
		cmocka_unit_test(test_other_readers),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_remark),
	};

	return cmocka_run_group_tests_name("report", tests, make_dir,
					   remove_dir);
}
