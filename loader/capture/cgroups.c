// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the paths of cgroups by their ids. An id that is not known yet leads to a walk
 * over all directories of the hierarchy, which needs no privileges, as looking up an id
 * would (open_by_handle_at()).
 *
 * Bad at: a cgroup that is removed before its first record is read.
 */
#include "loader/capture/cgroups.h"

#include <fts.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "loader/lib/table.h"

struct cgroup {
	char *path;
	bool used;	/* cgroups__path() was called for it */
};

struct cgroups {
	struct table by_id;
	const char *mount;	/* NULL: none */
};

const char *cgroups__mount(void)
{
	/* The second is that of systemd's hybrid mode, beside version 1. */
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++)
		if (!statfs(mounts[i], &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
			return mounts[i];
	return NULL;
}

struct cgroups *cgroups__new(void)
{
	struct cgroups *c = xcalloc(1, sizeof(*c));

	c->mount = cgroups__mount();
	return c;
}

void cgroups__free(struct cgroups *c)
{
	struct cgroup *g;
	size_t pos = 0;

	if (!c)
		return;
	while ((g = table__next(&c->by_id, &pos))) {
		free(g->path);
		free(g);
	}
	table__clear(&c->by_id);
	free(c);
}

static struct cgroup *add(struct cgroups *c, uint64_t id, const char *path)
{
	struct cgroup *g = table__find(&c->by_id, id);

	if (g)
		return g;
	g = xcalloc(1, sizeof(*g));
	g->path = xstrdup(path);
	table__add(&c->by_id, id, g);
	return g;
}

static void walk(struct cgroups *c)
{
	char *roots[] = { (char *)c->mount, NULL };
	size_t skip = strlen(c->mount);
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	const FTSENT *e;

	while (fts && (e = fts_read(fts)))
		if (e->fts_info == FTS_D)
			add(c, e->fts_statp->st_ino,
			    e->fts_level ? e->fts_path + skip : "/");
	if (fts)
		fts_close(fts);
}

const char *cgroups__path(struct cgroups *c, uint64_t id, bool *first)
{
	struct cgroup *g = table__find(&c->by_id, id);

	if (!g && c->mount)
		walk(c);
	g = add(c, id, "");
	*first = !g->used;
	g->used = true;
	return g->path;
}
