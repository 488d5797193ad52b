// SPDX-License-Identifier: GPL-2.0-only
/* Reads the targets. Columns: name kind what fragments mode; # starts a comment. */
#include "vmtest/image/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmtest/lib/util.h"

enum { COL_NAME, COL_KIND, COL_WHAT, COL_FRAGMENTS, COL_MODE, COL_NR };

static const char *const modes[] = { "mainline", "join", "keep", "seed" };

static bool mode_known(const char *mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (!strcmp(mode, modes[i]))
			return true;
	}
	return false;
}

/* Returns 0 or -EINVAL, with a message. */
static int take_line(void *ctx, const char *path, int nr, char *line)
{
	char *col[COL_NR + 1] = { NULL }, *save;
	struct targets *ts = ctx;
	struct target *t;
	size_t n = 0;

	line[strcspn(line, "#")] = '\0';
	for (char *w = strtok_r(line, " \t", &save); w && n <= COL_NR;
	     w = strtok_r(NULL, " \t", &save))
		col[n++] = w;
	if (n != COL_NR) {
		msg__error("%s:%d: expected %d columns: name kind what fragments mode",
			  path, nr, COL_NR);
		return -EINVAL;
	}
	if (!mode_known(col[COL_MODE])) {
		msg__error("%s:%d: mode %s is not one of mainline, join, seed",
			  path, nr, col[COL_MODE]);
		return -EINVAL;
	}
	ts->t = xrealloc(ts->t, (ts->n + 1) * sizeof(*ts->t));
	t = &ts->t[ts->n++];
	t->name = xstrdup(col[COL_NAME]);
	t->kind = xstrdup(col[COL_KIND]);
	t->what = xstrdup(col[COL_WHAT]);
	t->mode = xstrdup(col[COL_MODE]);
	return 0;
}

int targets__read(struct targets *ts, const char *path)
{
	int err;

	memset(ts, 0, sizeof(*ts));
	err = each_line(path, take_line, ts);
	if (err == -ENOENT)
		msg__note("is VMTEST_TOP the source tree?");
	if (err)
		targets__free(ts);
	return err;
}

void targets__free(struct targets *ts)
{
	for (size_t i = 0; i < ts->n; i++) {
		free(ts->t[i].name);
		free(ts->t[i].kind);
		free(ts->t[i].what);
		free(ts->t[i].mode);
	}
	free(ts->t);
	memset(ts, 0, sizeof(*ts));
}

const struct target *targets__find(const struct targets *ts, const char *name)
{
	for (size_t i = 0; i < ts->n; i++) {
		if (!strcmp(ts->t[i].name, name))
			return &ts->t[i];
	}
	return NULL;
}

bool target__is_package(const struct target *t)
{
	return !strcmp(t->kind, "package");
}

/* Returns a version as one number, 6012 for 6.12; 0: none. */
static unsigned int line_of(unsigned int version, unsigned int patchlevel)
{
	return version * 1000 + patchlevel;
}

/* VERSION and PATCHLEVEL are the first lines of the kernel's Makefile. */
static unsigned int line_of_tree(const char *dir)
{
	auto_free char *path = xasprintf("%s/Makefile", dir), *text = NULL;
	unsigned int version = 0, patchlevel = 0;
	char *at;

	if (read_file(path, &text, NULL))
		return 0;
	at = strstr(text, "VERSION = ");
	if (at)
		sscanf(at, "VERSION = %u PATCHLEVEL = %u", &version, &patchlevel);
	return line_of(version, patchlevel);
}

/* The name has a version and nothing else: "join-6.12", not "join-6.12-gcov". */
static unsigned int line_of_series(const struct target *t, const char *mode)
{
	size_t n = strlen(mode);
	unsigned int version, patchlevel;
	int end = 0;

	if (strcmp(t->mode, mode) || strncmp(t->name, mode, n) ||
	    sscanf(t->name + n, "-%u.%u%n", &version, &patchlevel, &end) != 2 ||
	    t->name[n + end])
		return 0;
	return line_of(version, patchlevel);
}

const struct target *targets__series_for(const struct targets *ts,
					 const char *mode, const char *dir)
{
	unsigned int tree = line_of_tree(dir), best = 0;
	const struct target *found = NULL;

	for (size_t i = 0; i < ts->n; i++) {
		unsigned int line = line_of_series(&ts->t[i], mode);
		bool fits = line <= tree;

		if (!line)
			continue;
		if (found && (fits ? best <= tree && line < best :
				     line > best))
			continue;
		found = &ts->t[i];
		best = line;
	}
	return found;
}

const char *target__mode_of_tree(const char *dir)
{
	static const char *const files[] = {
		"kernel/pid_namespace.c", "kernel/pid.c", "kernel/nsproxy.c",
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		auto_free char *path = xasprintf("%s/%s", dir, files[i]), *text = NULL;

		if (!read_file(path, &text, NULL) && strstr(text, "\"setns_pid_join\""))
			return strstr(text, "pid_deepen(") ? "keep" : "join";
	}
	return "mainline";
}

char *targets__names(const struct targets *ts)
{
	auto_strv names = { 0 };

	for (size_t i = 0; i < ts->n; i++)
		strv__add(&names, ts->t[i].name);
	return strv__join(&names, ", ");
}
