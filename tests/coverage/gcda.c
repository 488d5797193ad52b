// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes the .gcda files that a run recorded, finds the .gcno of each, and runs gcov
 * on the pair.
 */
#include "gcda.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/bytes.h"
#include "vmtest/lib/util.h"

/* Common header of both files: type, version of gcov, and stamp of the compilation. */
struct head {
	char magic[4], version[4], stamp[4];
};

static bool same_compile(const char *gcda, size_t len, const char *gcno,
			 size_t gcno_len)
{
	return len >= sizeof(struct head) && gcno_len >= sizeof(struct head) &&
	       !memcmp(gcda + 4, gcno + 4, sizeof(struct head) - 4);
}

/*
 * @path is in the build directory, whose own path is unknown here. Finds the notes
 * below @notes whose path is a suffix of @path and which are from the same compilation.
 * Returns the start of that suffix, or NULL.
 */
static const char *find_notes(const char *notes, const char *path,
			      const char *gcda, size_t len, char **text,
			      size_t *text_len)
{
	for (const char *at = path; at; at = strchr(at, '/')) {
		char *gcno;
		int err;

		at += *at == '/';
		gcno = xasprintf("%s/%.*s.gcno", notes,
				 (int)(strlen(at) - strlen(".gcda")), at);
		err = read_file(gcno, text, text_len);
		free(gcno);
		if (err)
			continue;
		if (same_compile(gcda, len, *text, *text_len))
			return at;
		free(*text);
	}
	return NULL;
}

static int put_file(const char *dir, const char *name, const char *suffix,
		    const char *data, size_t len)
{
	char *path = xasprintf("%s/%.*s%s", dir,
			       (int)(strlen(name) - strlen(".gcda")), name,
			       suffix);
	char *copy = xstrdup(path);
	int err = mkdir_p(dirname(copy));

	if (!err)
		err = write_file_atomic(path, data, len);
	if (err)
		msg_error("%s: %s", path, strerror(-err));
	free(copy);
	free(path);
	return err;
}

/* Returns gcov's output about one file; the caller frees it. */
static char *run_gcov(const char *dir, const char *name, size_t *len)
{
	int pipefd[2], status = -1;
	char *text = NULL;
	ssize_t n = 0;
	pid_t pid;

	*len = 0;
	if (pipe(pipefd))
		return NULL;
	pid = fork();
	if (!pid) {
		dup2(pipefd[1], STDOUT_FILENO);
		close(pipefd[0]);
		if (!chdir(dir))
			execlp("gcov", "gcov", "--json-format", "--stdout",
			       name, (char *)NULL);
		msg_error("gcov: %s", strerror(errno));
		_exit(127);
	}
	close(pipefd[1]);
	do {
		text = xrealloc(text, *len + 65536);
		n = read(pipefd[0], text + *len, 65536);
		*len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	close(pipefd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		msg_error("gcov --json-format %s/%s: it failed", dir, name);
		free(text);
		return NULL;
	}
	return text;
}

static int add_gcov(struct counts *c, const char *tmp, const char *name)
{
	size_t len;
	char *json = run_gcov(tmp, name, &len);
	int err = json ? counts__add(c, name, json, len) : -EIO;

	free(json);
	return err;
}

/* Adds one line of the file "counts": a path, a space, the bytes as a string. */
static int add_line(struct counts *c, char *line, const char *notes,
		    const char *tmp, const char *where)
{
	char *data = strchr(line, ' '), *dot, *gcno;
	size_t len, gcno_len;
	const char *name;
	int err;

	if (data)
		*data++ = '\0';
	dot = strrchr(line, '.');
	len = data ? strlen(data) : 0;
	if (!dot || strcmp(dot, ".gcda") || !bytes__decode(data, &len)) {
		msg_error("%s: no line of counts: %.40s", where, line);
		return -EINVAL;
	}
	name = find_notes(notes, line, data, len, &gcno, &gcno_len);
	if (!name)
		return 0;
	err = put_file(tmp, name, ".gcda", data, len);
	if (!err)
		err = put_file(tmp, name, ".gcno", gcno, gcno_len);
	free(gcno);
	return err ? err : add_gcov(c, tmp, name);
}

int gcda__add(struct counts *c, const char *run, const char *notes,
	      const char *tmp)
{
	char *path = xasprintf("%s/counts", run), *text, *rest, *line;
	int err = read_file(path, &text, NULL);

	if (err) {
		msg_error("%s: %s; was the kernel built to count its lines, and did the run end in order?",
			  path, strerror(-err));
		free(path);
		return err;
	}
	for (rest = text; !err && (line = strsep(&rest, "\n"));) {
		if (*line)
			err = add_line(c, line, notes, tmp, path);
	}
	free(text);
	free(path);
	return err;
}
