// SPDX-License-Identifier: GPL-2.0-only
/* The kernels to run: targets, a tree, or an image, by the options and the environment. */
#include "vmtest/cmd/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/suggest.h"

#define DEFAULT_TARGET "join-6.12"
#define TREE_TARGET "tree"

int choice__list(const struct targets *ts)
{
	for (size_t i = 0; i < ts->n; i++)
		printf("%-18s %-9s %-34s %s\n", ts->t[i].name, ts->t[i].kind,
		       ts->t[i].what, ts->t[i].mode);
	return fflush(stdout) ? -errno : 0;
}

/* A user's kernel without a target, before its version and mode are known. */
static const struct target user_kernel = {
	.name = "kernel", .kind = "image", .what = "-", .mode = "mainline",
};

int choice__take_kernel(struct options *o)
{
	const char *file = getenv("BZIMAGE"), *tree = getenv("KERNEL_SRC");

	if (o->kernel || !file || !*file)
		return 0;
	if (tree && *tree) {
		msg__error("BZIMAGE and KERNEL_SRC name two kernels: unset one of them");
		return -EINVAL;
	}
	o->kernel = xstrdup(file);
	return 0;
}

static void no_target(const struct targets *ts, const char *name)
{
	auto_free char *all = targets__names(ts), *rest = NULL, *text = NULL;
	struct suggest s = { .word = name };
	size_t size = strlen(all) + 160;

	for (size_t i = 0; i < ts->n; i++)
		suggest__offer(&s, ts->t[i].name);
	rest = xasprintf("the targets are: %s", all);
	text = xcalloc(1, size);
	msg__error("no target %s%s", name, suggest__text(&s, rest, text, size));
}

/* Returns the user's kernel tree, or NULL. */
static const char *kernel_src(void)
{
	const char *dir = getenv("KERNEL_SRC");

	return dir && *dir ? dir : NULL;
}

/* The series for a tree, the best first: keep contains join. */
static const char *const series[] = { "keep", "join" };

/* Tests a tree without a target as it is, and with the best series that applies. */
static void pick_for_tree(struct vmtest *t)
{
	const char *dir = kernel_src();
	const struct target *target;

	strv__add(&t->opt.targets, TREE_TARGET);
	if (strcmp(target__mode_of_tree(dir), "mainline"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(series); i++) {
		target = targets__series_for(&t->targets, series[i], dir);
		if (target && image__applies(&t->paths, target->name)) {
			strv__add(&t->opt.targets, target->name);
			return;
		}
	}
}

/* Refuses KERNEL_SRC for a target that is a distribution's package. */
static int check_source(const struct target *target)
{
	if (!kernel_src() || !target__is_package(target))
		return 0;
	msg__error("KERNEL_SRC does not apply to %s, which is Debian's own kernel; use --target " TREE_TARGET " for your tree",
		  target->name);
	return -EINVAL;
}

int choice__take_targets(struct vmtest *t)
{
	struct strv *names = &t->opt.targets;

	if (!names->n && t->opt.kernel) {
		t->jobs = xcalloc(1, sizeof(*t->jobs));
		t->jobs[t->n++] = (struct job){ .target = user_kernel,
						.by_image = true };
		return 0;
	}
	if (!names->n && kernel_src())
		pick_for_tree(t);
	else if (!names->n)
		strv__add(names, DEFAULT_TARGET);
	t->jobs = xcalloc(names->n, sizeof(*t->jobs));
	for (size_t i = 0; i < names->n; i++) {
		const struct target *found =
			targets__find(&t->targets, names->v[i]);

		if (!found) {
			no_target(&t->targets, names->v[i]);
			return -ENOENT;
		}
		for (size_t k = 0; k < t->n; k++) {
			if (!strcmp(t->jobs[k].target.name, names->v[i])) {
				msg__error("target %s is given twice; use --runs to run it several times",
					  names->v[i]);
				return -EINVAL;
			}
		}
		if (check_source(found))
			return -EINVAL;
		t->jobs[t->n].target = *found;
		if (!strcmp(found->name, TREE_TARGET) && kernel_src())
			t->jobs[t->n].target.mode =
				(char *)target__mode_of_tree(kernel_src());
		t->n++;
	}
	return 0;
}
