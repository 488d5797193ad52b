// SPDX-License-Identifier: GPL-2.0-only
/* Finds, makes, publishes and removes the directories of saved guests. */
#include "vmtest/vm/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "vmtest/vm/digest.h"

#define DIR_NAME "snapshots"
#define MAKING ".new"
#define INPUTS "inputs"
#define DIGESTS "digests"
#define KEEP_S (24 * 3600)
#define KEEP_BYTES (4ULL << 30)
/* Free space required beside the memory, for the state and for other files. */
#define SPARE_MIB 64
#define MIB (1024ULL * 1024)

/* All files that the directory of a saved guest may have: first those with a digest. */
static const char *const names[] = {
	"ram", "state", "console", "result", INPUTS, DIGESTS,
};
#define DIGESTED 4

static void empty(const char *dir)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *path = xasprintf("%s/%s", dir, names[i]);

		unlink(path);
	}
}

static void remove_dir(const char *dir)
{
	empty(dir);
	rmdir(dir);
}

static void point_at(struct snapshot *s, const char *dir)
{
	free(s->ram);
	free(s->state);
	s->ram = xasprintf("%s/ram", dir);
	s->state = xasprintf("%s/state", dir);
}

/* Returns "ram 0123456789abcdef", or "ram -" for a file that cannot be read. */
static char *digest_line(const char *dir, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", dir, name);
	uint64_t digest;

	if (digest__file(path, &digest))
		return xasprintf("%s -", name);
	return xasprintf("%s %016llx", name, (unsigned long long)digest);
}

static int write_digests(struct snapshot *s)
{
	auto_strv lines = { 0 };
	auto_free char *text = NULL;

	for (size_t i = 0; i < DIGESTED; i++)
		strv__take(&lines, digest_line(s->making, names[i]));
	text = strv__join(&lines, "\n");
	return snapshot__put(s, DIGESTS, text, strlen(text));
}

/*
 * Returns true if all files are as they were saved. Memory that changed on the disk would
 * crash a good kernel, in each run.
 */
static bool undamaged(const struct snapshot *s)
{
	auto_free char *path = xasprintf("%s/" DIGESTS, s->dir), *text = NULL;
	char *rest, *line;

	/* A saved guest of an earlier vmtest has no digests, and is made anew. */
	if (read_file(path, &text, NULL))
		return false;
	rest = text;
	for (size_t i = 0; i < DIGESTED; i++) {
		auto_free char *now = digest_line(s->dir, names[i]);

		line = strsep(&rest, "\n");
		if (line && !strcmp(line, now))
			continue;
		msg__note("the saved guest in %s is damaged (%s): it is removed, and a guest boots",
			 s->dir, names[i]);
		return false;
	}
	return true;
}

static bool complete(const struct snapshot *s, uint64_t mib)
{
	auto_free char *path = xasprintf("%s/" INPUTS, s->dir), *text = NULL;
	struct stat ram, state;
	bool ok;

	ok = !stat(s->ram, &ram) && !stat(s->state, &state) &&
	     (uint64_t)ram.st_size == mib * MIB && state.st_size > 0 &&
	     !read_file(path, &text, NULL) && !strcmp(text, s->inputs) &&
	     undamaged(s);
	/* Marks the snapshot as used: prune() removes the oldest first. */
	if (ok)
		utimensat(AT_FDCWD, path, NULL, 0);
	return ok;
}

static bool has_room(const char *dir, uint64_t mib)
{
	struct statvfs fs;

	if (statvfs(dir, &fs))
		return false;
	if ((uint64_t)fs.f_bavail * fs.f_frsize >= (mib + SPARE_MIB) * MIB)
		return true;
	msg__note("%s: less than %llu MiB free; guests are not saved, and each boots",
		 dir, (unsigned long long)(mib + SPARE_MIB));
	return false;
}

/* Returns false if another runner holds the lock, or after an error. */
static bool begin(struct snapshot *s)
{
	s->making = xasprintf("%s" MAKING, s->dir);
	s->lock = dirlock__take(s->making);
	if (s->lock < 0) {
		free(s->making);
		s->making = NULL;
		return false;
	}
	/* A killed runner may have left files. */
	empty(s->making);
	point_at(s, s->making);
	return true;
}

enum snapshot_use snapshot__open(struct snapshot *s, const char *cache,
				 const char *inputs, uint64_t mib)
{
	auto_free char *top = xasprintf("%s/" DIR_NAME, cache);
	enum snapshot_use use = SNAPSHOT_NONE;

	memset(s, 0, sizeof(*s));
	s->lock = -1;
	s->inputs = xstrdup(inputs);
	s->dir = xasprintf("%s/%016llx", top,
			   (unsigned long long)hash_str(HASH_INIT, inputs));
	point_at(s, s->dir);
	if (complete(s, mib))
		use = SNAPSHOT_USE;
	else if (!mkdir_p(top) && has_room(top, mib) && begin(s))
		use = SNAPSHOT_MAKE;
	if (use == SNAPSHOT_NONE)
		snapshot__close(s);
	return use;
}

int snapshot__put(const struct snapshot *s, const char *name, const char *buf,
		  size_t len)
{
	auto_free char *path = xasprintf("%s/%s", s->making, name);

	return write_file_atomic(path, buf, len);
}

int snapshot__get(const struct snapshot *s, const char *name, char **out,
		  size_t *len)
{
	auto_free char *path = xasprintf("%s/%s", s->dir, name);

	return read_file(path, out, len);
}

struct saved {
	char *path;
	time_t used;
	uint64_t bytes;
};

static int newest_first(const void *a, const void *b)
{
	const struct saved *x = a, *y = b;

	return (x->used < y->used) - (x->used > y->used);
}

static bool read_saved(const char *top, const char *name, struct saved *out)
{
	struct stat used, ram;
	auto_free char *inputs = xasprintf("%s/%s/" INPUTS, top, name);
	auto_free char *path = xasprintf("%s/%s/ram", top, name);
	bool ok = *name != '.' && !strchr(name, '.') &&
		  !stat(inputs, &used) && !stat(path, &ram);

	if (ok)
		*out = (struct saved){ xasprintf("%s/%s", top, name),
				       used.st_mtime,
				       (uint64_t)ram.st_blocks * 512 };
	return ok;
}

/* Removes old snapshots beside dir, and the oldest ones beyond KEEP_BYTES. */
static void prune(const char *dir)
{
	const char *slash = strrchr(dir, '/');
	auto_free char *top = xasprintf("%.*s", (int)(slash - dir), dir);
	DIR *d = opendir(top);
	struct saved *v = NULL;
	struct dirent *de;
	uint64_t total = 0;
	size_t n = 0;

	while (d && (de = readdir(d))) {
		v = xrealloc(v, (n + 1) * sizeof(*v));
		n += read_saved(top, de->d_name, &v[n]);
	}
	if (d)
		closedir(d);
	qsort(v, n, sizeof(*v), newest_first);
	for (size_t i = 0; i < n; i++) {
		total += v[i].bytes;
		if (i && (total > KEEP_BYTES || v[i].used + KEEP_S < time(NULL)))
			remove_dir(v[i].path);
		free(v[i].path);
	}
	free(v);
}

int snapshot__publish(struct snapshot *s)
{
	int err = write_digests(s) ?:
		  snapshot__put(s, INPUTS, s->inputs, strlen(s->inputs));

	/* An incomplete snapshot would make rename() fail. */
	remove_dir(s->dir);
	if (!err && rename(s->making, s->dir))
		err = -errno;
	if (err) {
		snapshot__drop(s);
		return err;
	}
	free(s->making);
	s->making = NULL;
	point_at(s, s->dir);
	close(s->lock);
	s->lock = -1;
	prune(s->dir);
	return 0;
}

void snapshot__remove(const char *dir)
{
	remove_dir(dir);
}

void snapshot__drop(struct snapshot *s)
{
	if (s->dir && !s->making)
		remove_dir(s->dir);
	snapshot__close(s);
}

void snapshot__close(struct snapshot *s)
{
	if (!s->dir)
		return;
	if (s->making)
		remove_dir(s->making);
	if (s->lock >= 0)
		close(s->lock);
	free(s->making);
	free(s->dir);
	free(s->inputs);
	free(s->ram);
	free(s->state);
	memset(s, 0, sizeof(*s));
	s->lock = -1;
}
