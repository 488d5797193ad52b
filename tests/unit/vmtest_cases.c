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
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <wordexp.h>

#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

static void in_shell(const char *command)
{
	if (command && shell("cd %s && %s", command))
		fail_msg("failed: %s", command);
}

/* Splits @words as a shell does; variables are expanded, commands are not run. */
static wordexp_t split(const char *words)
{
	wordexp_t w;

	if (wordexp(words ? words : "", &w, WRDE_NOCMD | WRDE_UNDEF))
		fail_msg("not words: %s", words);
	return w;
}

/* Sets the environment variables in @env, "NAME=VALUE ...", or removes them. */
static void variables(const char *env, bool set)
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

static void run_step(struct ended *e, const struct step *s)
{
	wordexp_t w = split(s->args);
	double began;

	in_shell(s->before);
	set_env(s->guest);
	variables(s->env, true);
	began = now_s();
	finish("run", start("run", (const char *const *)w.we_wordv), e);
	e->seconds = now_s() - began;
	variables(s->env, false);
	in_shell(s->after);
	wordfree(&w);
}

/* Returns the value at PATH in the JSON file FILE, @where "FILE?PATH", or NULL. */
static char *value_in(const char *out, const char *where)
{
	char *name = xasprintf("%s/%s", out, where), *path = strchr(name, '?'), *key;
	json_t *file, *v;
	char *text;

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
static char *text_of(const char *file, const char *out, const struct ended *e)
{
	char *path, *text;

	if (!strcmp(file, "stdout") || !strcmp(file, "stderr"))
		return xstrdup(strcmp(file, "stdout") ? e->err : e->out);
	if (strchr(file, '?'))
		return value_in(out, file);
	path = xasprintf("%s/%s", out, file);
	if (read_file(path, &text, NULL))
		text = exists(out, file) ? xstrdup("") : NULL;
	free(path);
	return text;
}

static bool holds(const struct check *c, const char *text)
{
	if (c->kind == CHECK_ABSENT || !text)
		return c->kind == CHECK_ABSENT && !text;
	switch (c->kind) {
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

static void play(void **state)
{
	static const char *const words[] = {
		[CHECK_HAS] = "must have", [CHECK_LACKS] = "must not have",
		[CHECK_IS] = "must be", [CHECK_ENDS] = "must end with",
		[CHECK_THERE] = "must exist", [CHECK_ABSENT] = "must not exist",
	};
	const struct test_case *c = *state;
	char *out = fresh_out();

	setenv("ROOT", root, 1);
	setenv("OUT", out, 1);
	for (const struct step *s = c->steps; s->guest; s++) {
		struct ended e;

		run_step(&e, s);
		expect_exit(&e, s->exit);
		for (const struct check *k = s->checks; k->kind; k++) {
			char *text = text_of(k->file, out, &e);

			if (!holds(k, text))
				fail_msg("%s %s: %s %s \"%s\", but is: %s", s->guest,
					 s->args, k->file, words[k->kind], k->text,
					 text ? text : "absent");
			free(text);
		}
		assert_true(!s->at_most_s || e.seconds < s->at_most_s);
		free_ended(&e);
	}
	free(out);
}

int cases__run(const char *group, const struct test_case *cases, size_t ncases,
	       const struct CMUnitTest *others, size_t nothers)
{
	struct CMUnitTest *tests = xcalloc(ncases + nothers, sizeof(*tests));
	int failed;

	for (size_t i = 0; i < ncases; i++)
		tests[i] = (struct CMUnitTest){ cases[i].name, play, NULL, NULL,
						(void *)&cases[i] };
	for (size_t i = 0; i < nothers; i++)
		tests[ncases + i] = others[i];
	/* A runner that is killed leaves its children to this process. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	failed = _cmocka_run_group_tests(group, tests, ncases + nothers, harness__setup,
					 harness__teardown);
	free(tests);
	return failed;
}
