// SPDX-License-Identifier: GPL-2.0-only
/* Collects the guest's files, hashes the list, and writes a cpio archive. */
#include "vmtest/image/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vmtest/image/cpio.h"
#include "vmtest/image/needs.h"
#include "vmtest/image/paths.h"
#include "vmtest/wire/tests.h"

/* An archive unused for this long is removed. */
#define KEEP_S (24 * 3600)
#define FORMAT_VERSION "1"

struct item {
	char *name;		/* in the guest */
	char *src;		/* on the host; a link's target */
	bool link;
	bool strip;
	struct stat st;
};

struct list {
	struct item *v;
	size_t n;
};

/* Our programs besides the tests; all are stripped: debug info costs boot time. */
static const struct { const char *src, *name; } products[] = {
	{ "guest/init", "/init" },
	{ "pidnstrace", "/bin/pidnstrace" },
};

/* The tests show that these work as distributions ship them. */
static const struct { const char *name, *package; } tools[] = {
	{ "setsid", "util-linux" },
	{ "nsenter", "util-linux" },
	{ "unshare", "util-linux" },
	{ "bash", "bash" },
	{ "dash", "dash" },
};

static const char *const applets[] = {
	"[", "ash", "awk", "base64", "basename", "cat", "chmod", "chown",
	"clear", "cmp", "cp", "cut", "date", "dd", "df", "dirname", "dmesg",
	"du", "echo", "env", "expr", "false", "find", "free", "grep", "head",
	"hexdump", "hostname", "id", "ifconfig", "ip", "kill", "killall",
	"less", "ln", "ls", "mkdir", "mkfifo", "mknod", "mktemp", "more",
	"mount", "mountpoint", "mv", "nice", "nohup", "od", "pgrep", "pidof",
	"ping", "pkill", "printf", "ps", "pwd", "readlink", "realpath",
	"renice", "rm", "rmdir", "route", "sed", "seq", "sh", "sleep", "sort",
	"stat", "stty", "sync", "sysctl", "tail", "tar", "tee", "test",
	"time", "timeout", "top", "touch", "tr", "true", "tty", "umount",
	"uname", "uniq", "usleep", "vi", "wc", "which", "whoami", "xargs",
	"yes",
};

static const char *const dirs[] = {
	"/dev", "/proc", "/sys", "/tmp", "/root", "/run", "/etc", "/mnt",
};

static const struct { const char *name, *text; } files[] = {
	{ "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n" },
	{ "/etc/group", "root:x:0:\n" },
};

/* A later item replaces one of the same name, so users can replace our files. */
static int list__add(struct list *l, const char *name, const char *src,
		     bool strip)
{
	struct item *it = NULL;
	struct stat st;

	if (stat(src, &st)) {
		int err = -errno;

		msg__error("%s: %s", src, strerror(-err));
		return err;
	}
	if (!S_ISREG(st.st_mode)) {
		msg__error("%s: only files can be packed", src);
		return -EINVAL;
	}
	for (size_t i = 0; i < l->n && !it; i++) {
		if (!strcmp(l->v[i].name, name))
			it = &l->v[i];
	}
	if (!it) {
		l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
		it = &l->v[l->n++];
	} else {
		free(it->name);
		free(it->src);
	}
	*it = (struct item){ xstrdup(name), xstrdup(src), false, strip, st };
	return 0;
}

static void list__add_link(struct list *l, const char *target, char *name)
{
	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n++] = (struct item){ .name = name, .src = xstrdup(target),
				      .link = true };
}

static void list__free(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].src);
	}
	free(l->v);
}

/* Adds a program as name, and the files it needs at their paths on the host. */
static int add_program(struct list *l, const char *path, const char *name,
		       bool strip)
{
	auto_strv needs = { 0 };
	int err;

	err = list__add(l, name, path, strip) ?: needs__of(path, &needs);
	for (size_t i = 0; !err && i < needs.n; i++)
		err = list__add(l, needs.v[i], needs.v[i], false);
	return err;
}

static int add_product(struct list *l, const struct paths *paths, const char *src,
		       const char *name)
{
	auto_free char *path = xasprintf("%s/%s", paths->build, src);
	int err;

	if (!access(path, R_OK))
		return add_program(l, path, name, true);
	err = -errno;
	msg__error("%s: %s; build it with \"make programs\"", path, strerror(-err));
	return err;
}

/* Two tests may have the same program. */
static bool is_packed(size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(tests[i].program, tests[n].program))
			return true;
	return false;
}

static int add_test(struct list *l, const struct paths *paths, const char *program)
{
	auto_free char *src = xasprintf("guest/%s", program);
	auto_free char *name = xasprintf("/tests/%s", program);

	return add_product(l, paths, src, name);
}

static int add_products(struct list *l, const struct paths *paths)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(products); i++)
		err = add_product(l, paths, products[i].src, products[i].name);
	for (size_t i = 0; !err && i < TESTS; i++)
		if (!is_packed(i))
			err = add_test(l, paths, tests[i].program);
	return err;
}

static int add_busybox(struct list *l)
{
	auto_free char *path = needs__which("busybox");
	auto_strv needs = { 0 };
	int err;

	if (!path) {
		msg__error("busybox is not in PATH; \"./deps.sh --how busybox\" names the package");
		return -ENOENT;
	}
	err = needs__of(path, &needs);
	if (!err && needs.n) {
		msg__error("%s is not static; \"./deps.sh --how busybox\" names the package that is",
			  path);
		err = -EINVAL;
	}
	if (!err)
		err = list__add(l, "/bin/busybox", path, false);
	for (size_t i = 0; !err && i < ARRAY_SIZE(applets); i++)
		list__add_link(l, "busybox", xasprintf("/bin/%s", applets[i]));
	return err;
}

static int add_tools(struct list *l)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(tools); i++) {
		auto_free char *path = needs__which(tools[i].name);
		auto_free char *name = xasprintf("/usr/bin/%s", tools[i].name);

		if (path) {
			err = add_program(l, path, name, false);
		} else {
			msg__error("%s is not in PATH: install %s",
				  tools[i].name, tools[i].package);
			err = -ENOENT;
		}
	}
	return err;
}

static int add_modules(struct list *l, const char *dir)
{
	struct dirent **names;
	int n, err = 0;

	n = scandir(dir, &names, NULL, alphasort);
	if (n < 0) {
		err = -errno;
		msg__error("%s: %s", dir, strerror(-err));
		return err;
	}
	for (int i = 0; i < n; i++) {
		const char *base = names[i]->d_name;
		const char *dot = strrchr(base, '.');

		if (!err && ((dot && !strcmp(dot, ".ko")) ||
			     !strcmp(base, "order"))) {
			auto_free char *src = xasprintf("%s/%s", dir, base);
			auto_free char *name = xasprintf("/modules/%s", base);

			err = list__add(l, name, src, false);
		}
		free(names[i]);
	}
	free(names);
	return err;
}

/* The x bit is not enough: file systems without modes set it for all files. */
static bool is_program(const char *path)
{
	char head[4] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof(head));

	if (fd >= 0)
		close(fd);
	return !access(path, X_OK) &&
	       ((n == 4 && !memcmp(head, "\177ELF", 4)) ||
		(n >= 2 && !memcmp(head, "#!", 2)));
}

/* Adds FILE or FILE:PATH; if arg itself is a file, its colons belong to FILE. */
static int add_extra(struct list *l, const char *arg)
{
	auto_free char *file = xstrdup(arg), *abs = NULL;
	char *colon, *name;
	int err;

	colon = access(file, F_OK) ? strrchr(file, ':') : NULL;
	if (colon)
		*colon++ = '\0';
	abs = realpath(file, NULL);
	if (!abs) {
		err = -errno;
		msg__error("--add %s: %s: %s", arg, file, strerror(-err));
	} else if (colon && *colon != '/') {
		msg__error("--add %s: the path in the guest must begin with /",
			  arg);
		err = -EINVAL;
	} else {
		/* Without PATH: FILE if absolute, else the resolved path. */
		name = colon ? colon : *file == '/' ? file : abs;
		err = is_program(abs) ? add_program(l, abs, name, false) :
					list__add(l, name, abs, false);
	}
	return err;
}

static int add_command(struct list *l, struct strv *cmd)
{
	char *path = needs__which(cmd->v[0]);
	int err;

	if (!path) {
		msg__error("%s: no such program%s", cmd->v[0],
			  strchr(cmd->v[0], '/') ? "" : " in PATH");
		return -ENOENT;
	}
	err = add_program(l, path, path, false);
	/* The cache leads the loader to libraries outside its default paths. */
	if (!err && !access("/etc/ld.so.cache", R_OK))
		err = list__add(l, "/etc/ld.so.cache", "/etc/ld.so.cache",
				false);
	free(cmd->v[0]);
	cmd->v[0] = path;
	return err;
}

static int by_name(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Inode and times identify the contents, as no program can set ctime. */
static uint64_t item__hash(const struct item *it, uint64_t h)
{
	h = hash_str(h, it->name);
	h = hash_str(h, it->src);
	if (it->link)
		return h;
	h = hash_bytes(h, &it->st.st_dev, sizeof(it->st.st_dev));
	h = hash_bytes(h, &it->st.st_ino, sizeof(it->st.st_ino));
	h = hash_bytes(h, &it->st.st_size, sizeof(it->st.st_size));
	h = hash_bytes(h, &it->st.st_mtim, sizeof(it->st.st_mtim));
	return hash_bytes(h, &it->st.st_ctim, sizeof(it->st.st_ctim));
}

static uint64_t list__hash(const struct list *l)
{
	uint64_t h = hash_str(HASH_INIT, FORMAT_VERSION);

	for (size_t i = 0; i < l->n; i++)
		h = item__hash(&l->v[i], h);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		h = hash_str(hash_str(h, files[i].name), files[i].text);
	return h;
}

/* Copies src to dst without debug info. Returns 0 or -errno. */
static int strip_to(const char *src, const char *dst)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execlp("strip", "strip", "-o", dst, src, (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		return -errno;
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ENOEXEC;
}

static int write_item(struct cpio *c, const struct item *it, const char *dir)
{
	auto_free char *tmp = NULL;
	int err;

	if (it->link)
		return cpio__link(c, it->name, it->src);
	if (!it->strip)
		return cpio__file(c, it->name, it->src);
	tmp = xasprintf("%s/strip.%d", dir, (int)getpid());
	/* Without binutils the file is packed unstripped, and boots slower. */
	err = cpio__file(c, it->name, strip_to(it->src, tmp) ? it->src : tmp);
	unlink(tmp);
	return err;
}

/* Writes the parent directories of name that are not parents of last. */
static int write_parents(struct cpio *c, const char *name, const char *last)
{
	char dir[PATH_MAX];
	int err = 0;

	for (const char *p = strchr(name + 1, '/'); !err && p;
	     p = strchr(p + 1, '/')) {
		size_t len = (size_t)(p - name);

		if (len >= sizeof(dir))
			return -ENAMETOOLONG;
		if (!strncmp(name, last, len + 1))
			continue;
		memcpy(dir, name, len);
		dir[len] = '\0';
		err = cpio__dir(c, dir, 0755);
	}
	return err;
}

static int write_archive(FILE *out, const struct list *l, const char *dir)
{
	struct cpio *c = cpio__new(out);
	const char *last = "";
	int err = 0, end;

	for (size_t i = 0; !err && i < ARRAY_SIZE(dirs); i++)
		err = cpio__dir(c, dirs[i], strcmp(dirs[i], "/tmp") ? 0755 :
								      01777);
	/* Gives init a console before the first mount. */
	if (!err)
		err = cpio__node(c, "/dev/console", S_IFCHR | 0600, 5, 1);
	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++)
		err = cpio__data(c, files[i].name, 0644, files[i].text,
				 strlen(files[i].text));
	for (size_t i = 0; !err && i < l->n; i++) {
		err = write_parents(c, l->v[i].name, last) ?:
		      write_item(c, &l->v[i], dir);
		last = l->v[i].name;
	}
	end = cpio__finish(c);
	return err ?: end;
}

/* Writes a temporary file and renames it: the archive is complete or absent. */
static int make_archive(const struct list *l, const char *dir,
			const char *path)
{
	auto_free char *tmp = xasprintf("%s.%d.tmp", path, (int)getpid());
	FILE *out = fopen(tmp, "we");
	int err = out ? 0 : -errno;

	if (out) {
		err = write_archive(out, l, dir);
		if (fclose(out) && !err)
			err = -errno;
	}
	if (!err && rename(tmp, path))
		err = -errno;
	if (err) {
		unlink(tmp);
		msg__error("%s: %s", path, strerror(-err));
	}
	return err;
}

static void remove_old(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	struct stat st;

	while (d && (de = readdir(d))) {
		if (!fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(st.st_mode) && st.st_mtime + KEEP_S < time(NULL))
			unlinkat(dirfd(d), de->d_name, 0);
	}
	if (d)
		closedir(d);
}

static int collect(struct list *l, const struct paths *paths, struct pack *p)
{
	int err;

	err = add_busybox(l) ?: add_tools(l) ?: add_products(l, paths);
	if (!err && p->modules)
		err = add_modules(l, p->modules);
	if (!err && p->cmd->n)
		err = add_command(l, p->cmd);
	for (size_t i = 0; !err && i < p->add->n; i++)
		err = add_extra(l, p->add->v[i]);
	return err;
}

int pack__check(const struct paths *paths, struct pack *p)
{
	struct pack without = { .add = p->add, .cmd = p->cmd };
	struct list l = { 0 };
	int err = collect(&l, paths, &without);

	list__free(&l);
	return err;
}

char *pack__initramfs(const struct paths *paths, struct pack *p)
{
	auto_free char *dir = xasprintf("%s/vmtest/initramfs", paths->build);
	struct list l = { 0 };
	char *path = NULL;
	int err;

	err = mkdir_p(dir);
	if (err)
		msg__error("%s: %s", dir, strerror(-err));
	else
		err = collect(&l, paths, p);
	if (!err) {
		qsort(l.v, l.n, sizeof(*l.v), by_name);
		path = xasprintf("%s/%016llx.cpio", dir,
				 (unsigned long long)list__hash(&l));
		/* Marks the archive as used, so that remove_old() keeps it. */
		if (utimensat(AT_FDCWD, path, NULL, 0)) {
			remove_old(dir);
			err = make_archive(&l, dir, path);
		}
	}
	if (err) {
		free(path);
		path = NULL;
	}
	list__free(&l);
	return path;
}
