// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the steps of each test case. The message of a failed check has the step's
 * guest and arguments, and the text that was checked.
 */
#include "vmtest_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

/* If step.before exits with this status, the test is skipped. */
#define SKIP_STATUS 77

/* Runs a command in the root directory; NULL: none. Returns the wait status. */
static int in_shell(const char *command)
{
	return command ? shell("cd %s && %s", command) : 0;
}

static void prepare(const struct step *s)
{
	int status;

	in_shell("rm -f pid");
	set_env(s->guest);
	status = in_shell(s->before);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIP_STATUS)
		skip();
	if (status)
		fail_msg("failed: %s", s->before);
}

/* Splits @words as a shell does; variables are expanded, commands are not run. */
static wordexp_t split(const char *words)
{
	wordexp_t w;

	if (wordexp(words ? words : "", &w, WRDE_NOCMD | WRDE_UNDEF))
		fail_msg("not words: %s", words);
	return w;
}

/* Sets or removes the environment variables in @env, "NAME=VALUE ...". */
static void change_env(const char *env, bool set)
{
	wordexp_t w = split(env);

	for (size_t i = 0; i < w.we_wordc; i++) {
		char *value = strchr(w.we_wordv[i], '=');

		*value++ = '\0';
		if (set)
			setenv(w.we_wordv[i], value, 1);
		else
			unsetenv(w.we_wordv[i]);
	}
	wordfree(&w);
}

/* Repeats step.during until it succeeds, for at most 10 s. */
static void run_during(const char *command, pid_t runner)
{
	char *pid = xasprintf("%d", runner);

	setenv("RUNNER", pid, 1);
	free(pid);
	for (int i = 0; in_shell(command); i++) {
		if (i == 100)
			fail_msg("failed: %s", command);
		usleep(100000);
	}
}

static void run_step(struct ended *e, const struct step *s)
{
	wordexp_t w = split(s->args);
	double began = now_s();
	pid_t pid = start("run", (const char *const *)w.we_wordv);

	run_during(s->during, pid);
	finish("run", pid, e);
	e->seconds = now_s() - began;
	wordfree(&w);
}

/*
 * Checks the end of the runner, and that no process is left: the children of a killed
 * runner have become children of this process.
 */
static void expect_end(const struct ended *e, const struct step *s)
{
	for (int i = 0; i < 100 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		usleep(50000);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	expect_exit(e, s->exit);
	assert_true(!s->at_most_s || e->seconds < s->at_most_s);
}

/* @where is "FILE?PATH". Returns the value at PATH in the JSON file, as text, or NULL. */
static char *value_in(const char *where)
{
	char *name = xasprintf("%s/%s", getenv("OUT"), where);
	char *path = strchr(name, '?'), *key, *text;
	json_t *file, *v;

	*path++ = '\0';
	v = file = json_load_file(name, 0, NULL);
	while ((key = strsep(&path, "/")))
		v = isdigit(*key) ? json_array_get(v, (size_t)atoi(key)) :
				    json_object_get(v, key);
	text = v ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
	json_decref(file);
	free(name);
	return text;
}

/*
 * Returns the text that a check examines: an output, a value in a JSON file, or a file.
 * Returns NULL if the text does not exist.
 */
static char *text_of(const char *file, const struct ended *e)
{
	const char *out = getenv("OUT");
	char *path, *text;

	if (!strcmp(file, "stdout") || !strcmp(file, "stderr"))
		return xstrdup(strcmp(file, "stdout") ? e->err : e->out);
	if (strchr(file, '?'))
		return value_in(file);
	path = xasprintf("%s/%s", out, file);
	if (read_file(path, &text, NULL))
		text = exists(out, file) ? xstrdup("") : NULL;
	free(path);
	return text;
}

static bool holds(const struct check *c, const char *text)
{
	if (!text)
		return c->kind == CHECK_ABSENT;
	switch (c->kind) {
	case CHECK_ABSENT:
		return false;
	case CHECK_HAS:
		return strstr(text, c->text);
	case CHECK_LACKS:
		return !strcasestr(text, c->text);
	case CHECK_IS:
		return !strcmp(text, c->text);
	case CHECK_ENDS:
		return strlen(text) >= strlen(c->text) &&
		       !strcmp(text + strlen(text) - strlen(c->text), c->text);
	default:
		return true;
	}
}

static void examine(const struct step *s, const struct ended *e)
{
	static const char *const words[] = {
		[CHECK_HAS] = "must have", [CHECK_LACKS] = "must not have",
		[CHECK_IS] = "must be", [CHECK_ENDS] = "must end with",
		[CHECK_THERE] = "must exist", [CHECK_ABSENT] = "must not exist",
	};

	for (const struct check *c = s->checks; c->kind; c++) {
		char *text = text_of(c->file, e);

		if (!holds(c, text))
			fail_msg("%s %s: %s %s \"%s\", but is: %s", s->guest,
				 s->args ? s->args : "", c->file, words[c->kind],
				 c->text, text ? text : "absent");
		free(text);
	}
}

void cases__play(void **state)
{
	const struct test_case *c = *state;
	char *out = fresh_out();

	setenv("ROOT", root, 1);
	setenv("OUT", out, 1);
	free(out);
	in_shell("rm -f booted");
	for (const struct step *s = c->steps; s->guest; s++) {
		struct ended e = { 0 };
		int failed;

		prepare(s);
		change_env(s->env, true);
		if (s->args)
			run_step(&e, s);
		failed = in_shell(s->after);
		change_env(s->env, false);
		if (s->args)
			expect_end(&e, s);
		if (failed)
			fail_msg("failed: %s", s->after);
		examine(s, &e);
		free_ended(&e);
	}
}

/* Makes a mount namespace for the tests, so that their mounts end with them. */
static void unshare_mounts(void)
{
	bool own = !unshare(CLONE_NEWNS) &&
		   !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);

	setenv("MOUNT", own ? "mount" : "false", 1);
}

int cases__run_with(int (*setup)(void **state), const char *group,
		    const struct test_case *cases, size_t ncases,
		    const struct CMUnitTest *others, size_t nothers)
{
	struct CMUnitTest *tests = xcalloc(ncases + nothers, sizeof(*tests));
	int failed;

	for (size_t i = 0; i < ncases; i++)
		tests[i] = (struct CMUnitTest){ cases[i].name, cases__play, NULL, NULL,
						(void *)&cases[i] };
	for (size_t i = 0; i < nothers; i++)
		tests[ncases + i] = others[i];
	unshare_mounts();
	/* This process inherits the children of a runner that is killed. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	failed = _cmocka_run_group_tests(group, tests, ncases + nothers, setup,
					 harness__teardown);
	free(tests);
	return failed;
}

int cases__run(const char *group, const struct test_case *cases, size_t ncases,
	       const struct CMUnitTest *others, size_t nothers)
{
	return cases__run_with(harness__setup, group, cases, ncases, others, nothers);
}
