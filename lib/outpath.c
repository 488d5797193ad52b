// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the path name by name, with a descriptor of each directory, and opens the last
 * name without following a link, so that nobody can put a link there in between. The links
 * that fs.protected_symlinks refuses in sticky directories are refused in all, and the
 * files that fs.protected_regular refuses whatever its value.
 *
 * Bad at: a directory that another user owns, who may replace what is in it at any time;
 * and user namespaces, where root's own links outside of the namespace are nobody's.
 */
#include "lib/outpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/msg.h"

#define LINKS_MAX 40
#define OTHERS (S_IRWXG | S_IRWXO)

struct walk {
	const char *path;	/* as given, for messages */
	char *rest;		/* what is left of it, and of links */
	char *at;		/* the next name in rest */
	unsigned int links;
	struct outpath *to;
};

static bool is_trusted(uid_t owner)
{
	const char *user = geteuid() ? NULL : getenv("SUDO_UID");
	char *end;

	return !owner || owner == geteuid() ||
	       (user && *user && owner == strtoul(user, &end, 10) && !*end);
}

static int take_dir(struct walk *w, int fd)
{
	if (fd < 0)
		return -errno;
	if (w->to->dir >= 0)
		close(w->to->dir);
	w->to->dir = fd;
	return 0;
}

static int begin(struct walk *w, char *rest)
{
	free(w->rest);
	w->rest = w->at = rest;
	if (*rest != '/' && w->to->dir >= 0)
		return 0;
	return take_dir(w, open(*rest == '/' ? "/" : ".",
				O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Returns the next name, to be freed, or NULL: the path names a directory. */
static char *next_name(struct walk *w, bool *last)
{
	size_t n;
	char *name;

	w->at += strspn(w->at, "/");
	n = strcspn(w->at, "/");
	if (!n)
		return NULL;
	name = xasprintf("%.*s", (int)n, w->at);
	w->at += n;
	*last = !*w->at;
	return name;
}

static bool is_on_proc(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* Puts the target of a link before the rest of the path. */
static int follow(struct walk *w, int link, const struct stat *st)
{
	char target[4096];
	ssize_t n;

	if (!is_trusted(st->st_uid)) {
		msg__note("%s: is or contains a symbolic link of user %u, which is not followed",
			  w->path, st->st_uid);
		return -ELOOP;
	}
	if (w->links++ == LINKS_MAX)
		return -ELOOP;
	n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	return begin(w, xasprintf("%s%s", target, w->at));
}

/* Returns 1 at the end of the path, 0 if there are more names, or -errno. */
static int step(struct walk *w, const char *name, bool last)
{
	struct outpath *p = w->to;
	struct stat st;
	int fd, err;

	/* O_DIRECTORY mounts what an automounter has there. */
	fd = last ? -1 : openat(p->dir, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return take_dir(w, fd);
	fd = openat(p->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && last ? 1 : -errno;
	err = fstat(fd, &st) ? -errno : 0;
	if (!err && S_ISLNK(st.st_mode) && is_on_proc(fd)) {
		p->given = last;
		err = last ? 1 : take_dir(w, openat(p->dir, name, O_PATH | O_CLOEXEC));
	} else if (!err && S_ISLNK(st.st_mode)) {
		err = follow(w, fd, &st);
	} else if (!err) {
		err = last ? 1 : -ENOTDIR;
	}
	close(fd);
	return err;
}

int outpath__find(struct outpath *p, const char *path)
{
	struct walk w = { .path = path, .to = p };
	bool last = false;
	int err;

	*p = (struct outpath){ .dir = -1 };
	err = *path ? begin(&w, xstrdup(path)) : -ENOENT;
	while (!err) {
		free(p->name);
		p->name = next_name(&w, &last);
		err = p->name ? step(&w, p->name, last) : -EISDIR;
	}
	free(w.rest);
	if (err > 0)
		return 0;
	outpath__free(p);
	return err;
}

void outpath__free(struct outpath *p)
{
	if (p->dir >= 0)
		close(p->dir);
	p->dir = -1;
	free(p->name);
	p->name = NULL;
}

bool outpath__is_special(const struct outpath *p)
{
	struct stat st;

	return !fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) && !S_ISREG(st.st_mode);
}

/* Another user may have made the file, to read what is written, or to change it. */
static bool is_planted(const struct outpath *p, const struct stat *st)
{
	struct stat dir;

	return (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode)) &&
	       !is_trusted(st->st_uid) && !fstat(p->dir, &dir) &&
	       dir.st_mode & S_ISVTX && dir.st_mode & (S_IWGRP | S_IWOTH) &&
	       dir.st_uid != st->st_uid;
}

/* Empties the file, and takes it from others. */
static int prepare(const struct outpath *p, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!p->given && is_planted(p, &st))
		return -EACCES;
	if (!S_ISREG(st.st_mode))
		return 0;
	/* Some file systems have no modes, and the file may be another user's. */
	if (!p->given && st.st_mode & OTHERS && fchmod(fd, st.st_mode & S_IRWXU) &&
	    errno != EPERM)
		return -errno;
	return ftruncate(fd, 0) ? -errno : 0;
}

int outpath__open(const struct outpath *p)
{
	int fd = openat(p->dir, p->name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY |
			(p->given ? 0 : O_NOFOLLOW), S_IRUSR | S_IWUSR);
	int err = fd < 0 ? -errno : prepare(p, fd);

	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}

int outpath__open_path(const char *path)
{
	struct outpath p;
	int ret = outpath__find(&p, path);

	if (ret)
		return ret;
	ret = outpath__open(&p);
	outpath__free(&p);
	return ret;
}
