// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the links in /proc/PID/fd of all processes, and /proc/PID/mountinfo of one process
 * of each mount namespace.
 *
 * A lookup of /proc/PID while the process exits may leave a dentry that keeps the struct
 * pid, and with it the very namespace. So each number is looked up once more at the next
 * scan, which drops such a dentry.
 *
 * Bad at: threads with a file table or a mount namespace of their own.
 */
#include "loader/capture/ns_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/memory.h"
#include "loader/lib/table.h"

#define LEVELS_MAX 33

struct ns_files {
	uint32_t ns;
	int32_t *pids;		/* the processes of the last scan */
	size_t npids;
	struct table mounts;	/* a set of mount namespaces, by inum */
};

/* A scan, and the process that is looked at. */
struct scan {
	struct ns_files *files;
	ns_file_fn *fn;
	void *arg;
	struct ns_suspects *suspects;
	int32_t pid;
	int dir;		/* /proc/PID */
};

struct ns_files *ns_files__new(uint32_t ns)
{
	struct ns_files *f = xcalloc(1, sizeof(*f));

	f->ns = ns;
	return f;
}

void ns_files__free(struct ns_files *f)
{
	if (!f)
		return;
	table__clear(&f->mounts);
	free(f->pids);
	free(f);
}

static bool read_link(int dir, const char *name, char *text, size_t len)
{
	ssize_t got = readlinkat(dir, name, text, len - 1);

	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* Returns the inum in a link such as "pid:[4026531836]", or 0. */
static uint32_t inum_of(const char *link, const char *type)
{
	size_t n = strlen(type);
	unsigned int inum;

	if (strncmp(link, type, n) || sscanf(link + n, ":[%u]", &inum) != 1)
		return 0;
	return inum;
}

/* Returns true if the namespace of an nsfs file is below @ns. Closes @fd. */
static bool is_below(int fd, uint32_t ns)
{
	for (int i = 0; fd >= 0 && i < LEVELS_MAX; i++) {
		int parent = ioctl(fd, NS_GET_PARENT);
		struct stat st;

		close(fd);
		fd = parent;
		if (fd >= 0 && !fstat(fd, &st) && st.st_ino == ns) {
			close(fd);
			return true;
		}
	}
	if (fd >= 0)
		close(fd);
	return false;
}

/* Returns true if the link dir/name to namespace @inum holds the wanted namespace. */
static bool holds(const struct scan *s, uint32_t inum, int dir, const char *name)
{
	if (!inum)
		return false;
	return inum == s->files->ns ||
	       is_below(openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK), s->files->ns);
}

static void report(const struct scan *s, struct ns_file *file)
{
	int fd = openat(s->dir, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	if (fd >= 0) {
		got = read(fd, file->comm, sizeof(file->comm) - 1);
		close(fd);
	}
	if (got > 0 && file->comm[got - 1] == '\n')
		got--;
	file->comm[got > 0 ? got : 0] = '\0';
	file->pid = s->pid;
	s->fn(file, s->arg);
}

/* --- open files --- */

/* Returns true if fdinfo says that the process of a pidfd has been reaped. */
static bool pidfd_is_dead(const struct scan *s, const char *fd)
{
	char *path = xasprintf("/proc/%d/fdinfo/%s", s->pid, fd), line[128];
	FILE *in = fopen(path, "re");
	bool dead = false;

	free(path);
	if (!in)
		return false;
	while (fgets(line, sizeof(line), in))
		dead |= !strcmp(line, "Pid:\t-1\n");
	fclose(in);
	return dead;
}

static void look_at_fd(const struct scan *s, int dir, const char *name)
{
	struct ns_file file = { .kind = NS_FILE_FD, .fd = atoi(name) };
	char link[64];

	if (!read_link(dir, name, link, sizeof(link)))
		return;
	file.ns = inum_of(link, "pid");
	if (holds(s, file.ns, dir, name))
		report(s, &file);
	/* The latter is the name in pidfs, since 6.9. */
	if ((!strcmp(link, "anon_inode:[pidfd]") || !strncmp(link, "pidfd:[", 7)) &&
	    pidfd_is_dead(s, name) && !s->suspects->pidfds++)
		s->suspects->pidfd_pid = s->pid;
}

static void look_at_fds(const struct scan *s)
{
	int fd = openat(s->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (!dir && (errno == EACCES || errno == EPERM))
		s->suspects->hidden++;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			look_at_fd(s, fd, e->d_name);
	closedir(dir);
}

/* Children of the wanted namespace itself are left to the sweeps. */
static void look_at_children(const struct scan *s)
{
	struct ns_file file = { .kind = NS_FILE_CHILDREN };
	char own[64], link[64];

	if (!read_link(s->dir, "ns/pid", own, sizeof(own)) ||
	    !read_link(s->dir, "ns/pid_for_children", link, sizeof(link)) ||
	    !strcmp(own, link))
		return;
	file.ns = inum_of(link, "pid");
	if (file.ns != s->files->ns &&
	    holds(s, file.ns, s->dir, "ns/pid_for_children"))
		report(s, &file);
}

/* --- mounts --- */

/* Replaces \040 and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned int c;

		if (*text == '\\' && sscanf(text + 1, "%3o", &c) == 1) {
			*to++ = (char)c;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* Returns the inum of the pid namespace whose processes a mount of proc shows, or 0. */
static uint32_t inum_of_proc(int root)
{
	char link[64];

	return read_link(root, "1/ns/pid", link, sizeof(link)) ?
	       inum_of(link, "pid") : 0;
}

/*
 * Opens a mount point of the process, unless that needs more than the kernel's caches:
 * somebody's FUSE server may never answer.
 */
static int open_mount(const struct scan *s, const char *at, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_CACHED,
	};
	int root = openat(s->dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (root < 0)
		return -1;
	while (*at == '/')
		at++;
	fd = (int)syscall(SYS_openat2, root, *at ? at : ".", &how, sizeof(how));
	close(root);
	return fd;
}

static void look_at_proc(const struct scan *s, const char *at)
{
	struct ns_file file = { .kind = NS_FILE_PROC, .path = at };
	int root = open_mount(s, at, O_PATH | O_DIRECTORY);

	if (root < 0)
		return;
	file.ns = inum_of_proc(root);
	if (file.ns && file.ns == s->files->ns)
		report(s, &file);
	else if (!file.ns && faccessat(root, "1", F_OK, 0) &&
		 !faccessat(root, "uptime", F_OK, 0) && !s->suspects->procs++)
		s->suspects->proc_pid = s->pid;
	close(root);
}

static void look_at_nsfs(const struct scan *s, uint32_t inum, const char *at)
{
	struct ns_file file = { .kind = NS_FILE_MOUNT, .ns = inum, .path = at };

	if (inum && (inum == s->files->ns ||
		     is_below(open_mount(s, at, O_RDONLY | O_NONBLOCK), s->files->ns)))
		report(s, &file);
}

/* @root: the directory of the file system that is mounted; @at: the mount point */
static void look_at_mount(const struct scan *s, const char *type, const char *root,
			  char *at)
{
	unescape(at);
	if (!strcmp(type, "nsfs"))
		look_at_nsfs(s, inum_of(root, "pid"), at);
	else if (!strcmp(type, "proc") && !strcmp(root, "/"))
		look_at_proc(s, at);
}

/* Returns true if the mount namespace of the process was seen in this scan. */
static bool mounts_were_seen(const struct scan *s)
{
	char link[64];
	uint32_t inum;

	if (!read_link(s->dir, "ns/mnt", link, sizeof(link)))
		return true;
	inum = inum_of(link, "mnt");
	if (table__find(&s->files->mounts, inum))
		return true;
	table__add(&s->files->mounts, inum, s->files);
	return false;
}

static void look_at_mounts(const struct scan *s)
{
	char *line = NULL, *root, *at, *type;
	size_t size = 0;
	int fd;
	FILE *in;

	if (mounts_were_seen(s))
		return;
	fd = openat(s->dir, "mountinfo", O_RDONLY | O_CLOEXEC);
	in = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!in)
		return;
	while (getline(&line, &size, in) > 0) {
		const char *dash = strstr(line, " - ");

		root = at = type = NULL;
		if (dash && sscanf(line, "%*s %*s %*s %ms %ms", &root, &at) == 2 &&
		    sscanf(dash, " - %ms", &type) == 1)
			look_at_mount(s, type, root, at);
		free(root);
		free(at);
		free(type);
	}
	free(line);
	fclose(in);
}

/* --- processes --- */

static void look_at_process(struct scan *s, int proc, const char *name)
{
	s->pid = atoi(name);
	s->dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return;
	look_at_fds(s);
	look_at_children(s);
	look_at_mounts(s);
	close(s->dir);
}

/* Drops dentries of processes that exited while they were looked at. */
static void look_up_again(struct ns_files *f)
{
	char path[32];

	for (size_t i = 0; i < f->npids; i++) {
		snprintf(path, sizeof(path), "/proc/%d", f->pids[i]);
		access(path, F_OK);
	}
	f->npids = 0;
}

int ns_files__scan(struct ns_files *f, ns_file_fn *fn, void *arg,
		   struct ns_suspects *suspects)
{
	struct scan s = { .files = f, .fn = fn, .arg = arg, .suspects = suspects };
	const struct dirent *e;
	DIR *proc = opendir("/proc");

	*suspects = (struct ns_suspects){ 0 };
	if (!proc)
		return -errno;
	look_up_again(f);
	table__clear(&f->mounts);
	while ((e = readdir(proc))) {
		if (!atoi(e->d_name))
			continue;
		look_at_process(&s, dirfd(proc), e->d_name);
		f->pids = xrealloc(f->pids, (f->npids + 1) * sizeof(*f->pids));
		f->pids[f->npids++] = s.pid;
	}
	closedir(proc);
	return 0;
}
