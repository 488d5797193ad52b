// SPDX-License-Identifier: GPL-2.0-only
/* String vectors, numbers, files and hashes for all files of the runner. */
#include "vmtest/lib/util.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void strv__take(struct strv *s, char *arg)
{
	/* Doubles the size each time, as a console may have a million lines. */
	if (!(s->n & (s->n + 1)))
		s->v = xrealloc(s->v, 2 * (s->n + 1) * sizeof(*s->v));
	s->v[s->n++] = arg;
	s->v[s->n] = NULL;
}

void strv__add(struct strv *s, const char *arg)
{
	strv__take(s, xstrdup(arg));
}

void strv__addf(struct strv *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv__take(s, xvasprintf(fmt, ap));
	va_end(ap);
}

void strv__pair(struct strv *s, const char *option, const char *fmt, ...)
{
	va_list ap;

	strv__add(s, option);
	va_start(ap, fmt);
	strv__take(s, xvasprintf(fmt, ap));
	va_end(ap);
}

bool strv__has(const struct strv *s, const char *arg)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->v[i], arg))
			return true;
	}
	return false;
}

void strv__free(struct strv *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	memset(s, 0, sizeof(*s));
}

char *shell_quote(const char *arg)
{
	static const char plain[] = "%+,-./:=@_";
	size_t quotes = 0, i;
	bool bare = *arg;
	char *out, *p;

	for (i = 0; arg[i]; i++) {
		quotes += arg[i] == '\'';
		bare &= isalnum((unsigned char)arg[i]) || strchr(plain, arg[i]);
	}
	if (bare)
		return xstrdup(arg);
	p = out = xcalloc(1, i + 3 * quotes + 3);
	*p++ = '\'';
	for (i = 0; arg[i]; i++) {
		if (arg[i] == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = arg[i];
	}
	*p = '\'';
	return out;
}

char *strv__join(const struct strv *s, const char *sep)
{
	char *out = xstrdup("");

	for (size_t i = 0; i < s->n; i++) {
		char *longer = xasprintf("%s%s%s", out, i ? sep : "", s->v[i]);

		free(out);
		out = longer;
	}
	return out;
}

char *strv__quote(const struct strv *s)
{
	auto_strv words = { 0 };

	for (size_t i = 0; i < s->n; i++)
		strv__take(&words, shell_quote(s->v[i]));
	return strv__join(&words, " ");
}

double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	unsigned long long val;
	char *end;

	/* strtoull() would take a sign and leading space. */
	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	val = strtoull(s, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno || val < min || val > max)
		return -ERANGE;
	*out = val;
	return 0;
}

int write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int mkdir_p(const char *path)
{
	auto_free char *copy = xstrdup(path);
	int err = 0;

	for (char *p = copy + 1; !err && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			err = -errno;
		*p = '/';
	}
	if (!err && mkdir(copy, 0777) && errno != EEXIST)
		err = -errno;
	return err;
}

int read_file(const char *path, char **out, size_t *len)
{
	size_t cap = 4096, used = 0;
	char *buf;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	buf = xcalloc(1, cap);
	for (;;) {
		ssize_t n = read(fd, buf + used, cap - used - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		used += (size_t)n;
		if (used + 1 == cap)
			buf = xrealloc(buf, cap *= 2);
	}
	close(fd);
	if (err) {
		free(buf);
		return err;
	}
	buf[used] = '\0';
	*out = buf;
	if (len)
		*len = used;
	return 0;
}

int each_line(const char *path, line_fn *fn, void *ctx)
{
	char *text, *rest, *line;
	int nr = 0, err = read_file(path, &text, NULL);

	if (err) {
		msg__error("%s: %s", path, strerror(-err));
		return err;
	}
	for (rest = text; !err && (line = strsep(&rest, "\n"));) {
		nr++;
		line = strip(line);
		if (*line && *line != '#')
			err = fn(ctx, path, nr, line);
	}
	free(text);
	return err;
}

bool split_row(char *line, char *field[], size_t n)
{
	static const char bar[] = " | ";

	for (; n > 1; n--) {
		char *end = strstr(line, bar);

		if (!end)
			return false;
		*end = '\0';
		*field++ = line;
		line = end + strlen(bar);
	}
	*field = line;
	return true;
}

int write_file_atomic(const char *path, const void *buf, size_t len)
{
	auto_free char *tmp = xasprintf("%s.%d.tmp", path, (int)getpid());
	int fd, err;

	/* An earlier process with this pid may have died, or another user planted a link. */
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	err = write_all(fd, buf, len);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
	return err;
}

int dirlock__take(const char *path)
{
	struct stat a, b;
	int fd;

	for (;;) {
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			int err = errno;

			close(fd);
			return -err;
		}
		/* The last holder may have removed or renamed the directory. */
		if (!fstat(fd, &a) && !stat(path, &b) &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return fd;
		close(fd);
	}
}

char *file_state(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		memset(&st, 0, sizeof(st));
	return xasprintf("%s %llu %llu %lld %lld.%09ld %lld.%09ld", path,
			 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
			 (long long)st.st_size, (long long)st.st_mtim.tv_sec,
			 st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec,
			 st.st_ctim.tv_nsec);
}

uint64_t hash_bytes(uint64_t h, const void *buf, size_t len)
{
	const unsigned char *p = buf;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

char *strip(char *s)
{
	static const char blanks[] = " \t\r";
	char *end;

	s += strspn(s, blanks);
	end = s + strlen(s);
	while (end > s && strchr(blanks, end[-1]))
		*--end = '\0';
	return s;
}

uint64_t hash_str(uint64_t h, const char *s)
{
	/* Hashes the NUL, too, so that "a","bc" differs from "ab","c". */
	return hash_bytes(h, s, strlen(s) + 1);
}

int hash_file(const char *path, uint64_t *out)
{
	struct stat st;
	void *p;
	int fd, err = 0;

	*out = HASH_INIT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		err = -errno;
	} else if (st.st_size) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED) {
			err = -errno;
		} else {
			*out = hash_bytes(HASH_INIT, p, (size_t)st.st_size);
			munmap(p, (size_t)st.st_size);
		}
	}
	close(fd);
	return err;
}
