// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sorts and compares sets of holders, and words those that are files. holders_watch.c
 * finds the others in sweeps.
 */
#include "loader/view/holders.h"

#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/memory.h"
#include "loader/capture/ns_files.h"
#include "loader/view/holders_parts.h"

const char *holder__word(const struct holder *h)
{
	static const char *const words[] = {
#define X(e, word) [HOLDER_##e] = word,
		HOLDER_KINDS(X)
#undef X
	};

	return words[h->kind];
}

static void holder__clear(struct holder *h)
{
	free(h->what);
	free(h->why);
	free(h->help);
}

void holder_set__clear(struct holder_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		holder__clear(&s->at[i]);
	free(s->at);
	*s = (struct holder_set){ 0 };
}

struct holder *holder_set__add(struct holder_set *s, enum holder_kind kind, int32_t pid)
{
	s->at = xrealloc(s->at, (s->n + 1) * sizeof(*s->at));
	s->at[s->n] = (struct holder){ .kind = kind, .pid = pid };
	return &s->at[s->n++];
}

static char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void holder_set__copy(struct holder_set *to, const struct holder_set *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct holder *h = &from->at[i];
		struct holder *copy = holder_set__add(to, h->kind, h->pid);

		copy->what = copy_of(h->what);
		copy->why = copy_of(h->why);
		copy->help = copy_of(h->help);
	}
}

static int compare(const void *left, const void *right)
{
	const struct holder *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->what, b->what);
}

void holder_set__sort(struct holder_set *s)
{
	if (s->n)
		qsort(s->at, s->n, sizeof(*s->at), compare);
}

void holder_set__others(const struct holder_set *s, const struct holder_set *other,
			holder_fn *fn, void *arg)
{
	for (size_t i = 0, j = 0; i < s->n; i++) {
		while (j < other->n && compare(&other->at[j], &s->at[i]) < 0)
			j++;
		if (j == other->n || compare(&other->at[j], &s->at[i]))
			fn(&s->at[i], arg);
	}
}

/* --- files --- */

/* Returns the name of a process or a file as it is printed within a line, to be freed. */
static char *name_text(const char *name)
{
	size_t len = strlen(name);
	char *text = xmalloc(ESCAPED_SIZE(len));

	escape__name(text, name, len);
	return text;
}

/* Words a file of the namespace, or of one below it, which "below" names. */
static void describe_file(struct holder *h, const struct ns_file *f, const char *who,
			  const char *below)
{
	char *path = name_text(f->path ? f->path : "");

	switch (f->kind) {
	case NS_FILE_FD:
		h->what = xasprintf("fd %d of %s%s", f->fd, who, below);
		h->help = xasprintf("%s closes fd %d, or ends", who, f->fd);
		break;
	case NS_FILE_MOUNT:
		h->what = xasprintf("on %s, as %s sees it%s", path, who, below);
		h->help = xasprintf("umount in the mount namespace of %s", who);
		break;
	case NS_FILE_PROC:
		h->what = xasprintf("of proc, on %s, as %s sees it", path, who);
		h->help = xasprintf("umount in the mount namespace of %s", who);
		break;
	case NS_FILE_CHILDREN:
		h->what = xasprintf("of %s, the next one%s", who, below);
		h->help = xasprintf("%s ends", who);
		break;
	}
	free(path);
}

void holder_set__add_file(struct holder_set *s, uint32_t ns, const struct ns_file *f)
{
	static const enum holder_kind kinds[] = {
		[NS_FILE_FD] = HOLDER_FILE, [NS_FILE_MOUNT] = HOLDER_MOUNT,
		[NS_FILE_PROC] = HOLDER_MOUNT, [NS_FILE_CHILDREN] = HOLDER_CHILDREN,
	};
	char *comm = name_text(f->comm), *who = xasprintf("%s[%d]", comm, f->pid);
	char below[64] = "";

	if (f->ns != ns)
		snprintf(below, sizeof(below), ", in pid:[%u], which is below it", f->ns);
	describe_file(holder_set__add(s, kinds[f->kind], f->pid), f, who, below);
	free(comm);
	free(who);
}
