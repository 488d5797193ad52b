// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests where the outputs of pidnstrace are written, and who may read them, with links
 * and files that another user has put in the way. Only root can play another user.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/outpath.h"
#include "loader/judge/live_report.h"
#include "loader/lib/outfile.h"
#include "loader/trace/trace.h"
#include "files.h"
#include "test.h"

#define OTHER 65534		/* nobody */
#define OLD "the old text"

static char root[] = "/tmp/pidnstrace-output-XXXXXX";

/* --- the outputs --- */

/* trace -o */
static int write_text(const char *path)
{
	int fd = outpath__open_path(path);

	if (fd < 0)
		return fd;
	assert_int_equal(write(fd, "new", 3), 3);
	close(fd);
	return 0;
}

/* --report, export -o, report -o */
static int write_report(const char *path)
{
	struct outfile o;
	int err = outfile__open(&o, path);

	if (err)
		return err;
	fputs("new", o.f);
	return outfile__close(&o, 0);
}

/* record -o, verify -o */
static int write_trace(const char *path)
{
	struct trace_info info = { .seed = 1 };
	struct trace_writer *w;
	int err = trace_writer__open(&w, path, &info);

	return err ? err : trace_writer__close(w);
}

/* --live */
static int write_live(const char *path)
{
	struct live_report a;
	int err = live_report__open(&a, path, NULL, NULL);

	if (err)
		return err;
	assert_int_equal(write(a.fd, "new", 3), 3);
	live_report__close(&a);
	return 0;
}

static const struct output {
	const char *name;
	int (*write)(const char *path);
	bool renames;		/* makes a new file and renames it */
} outputs[] = {
	{ "text", write_text, false }, { "report", write_report, true },
	{ "trace", write_trace, false }, { "live", write_live, false },
};

/* --- what is in the way --- */

static const struct thing {
	const char *name;	/* below the directory */
	const char *target;	/* a link's; NULL: a file with OLD, or a directory */
	uid_t owner;
	mode_t mode;
} things[] = {
	{ "plain", NULL, 0, S_IFDIR | 0755 },
	{ "sticky", NULL, 0, S_IFDIR | 01777 },
	{ "open", NULL, 0, S_IFDIR | 0777 },
	{ "open/theirs", NULL, OTHER, 0666 },
	{ "plain/mine", NULL, 0, 0644 },
	{ "plain/theirs", NULL, OTHER, 0666 },
	{ "sticky/mine", NULL, 0, 0644 },
	{ "sticky/theirs", NULL, OTHER, 0666 },
	{ "secret", NULL, 0, 0640 },
	{ "plain/my-link", "../secret", 0, 0 },
	{ "plain/their-link", "../secret", OTHER, 0 },
	{ "sticky/their-link", "../secret", OTHER, 0 },
	{ "sticky/their-trap", "../made", OTHER, 0 },
	{ "plain/my-link-to-theirs", "their-link", 0, 0 },
	{ "plain/my-dir", "../sticky", 0, 0 },
	{ "sticky/their-dir", "../plain", OTHER, 0 },
	{ "plain/loop", "loop", 0, 0 },
	{ "plain/sudo-link", "../secret", 1000, 0 },
};

static char *path_of(const char *name)
{
	static char paths[4][128];
	static unsigned int n;
	char *path = paths[n++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", root, name);
	return path;
}

static void make(const struct thing *t)
{
	char *path = path_of(t->name);

	if (t->target)
		assert_int_equal(symlink(t->target, path), 0);
	else if (S_ISDIR(t->mode))
		assert_int_equal(mkdir(path, 0700), 0);
	else
		file__write(path, OLD, strlen(OLD));
	if (!geteuid())
		assert_int_equal(lchown(path, t->owner, -1), 0);
	if (!t->target)
		assert_int_equal(chmod(path, t->mode & 07777), 0);
}

static int make_things(void)
{
	strcpy(root + strlen(root) - 6, "XXXXXX");
	if (!mkdtemp(root) || chmod(root, 0755))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(things); i++)
		make(&things[i]);
	return 0;
}

static void remove_things(void)
{
	char cmd[64];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", root);
	assert_int_equal(system(cmd), 0);
}

/* --- the cases --- */

static const struct row {
	const char *name, *path;
	int err;		/* from outputs that write the file itself */
	const char *written;	/* the file that gets the text; NULL: path */
	mode_t umask, mode;	/* mode: of this file afterwards */
	bool needs_other, renamed;	/* renamed: a rename replaces it, err or not */
	const char *sudo_uid;
} rows[] = {
	{ "new", "plain/new", 0, NULL, 022, 0600, false, false, NULL },
	{ "new, umask", "plain/new", 0, NULL, 0277, 0400, false, false, NULL },
	{ "new, no umask", "sticky/new", 0, NULL, 0, 0600, false, false, NULL },
	{ "replaced", "plain/mine", 0, NULL, 022, 0600, false, false, NULL },
	{ "own link", "plain/my-link", 0, "secret", 022, 0600, false, false, NULL },
	{ "own directory link", "plain/my-dir/new", 0, "sticky/new", 022, 0600, false,
	  false, NULL },
	{ "a loop", "plain/loop", -ELOOP, NULL, 022, 0, false, false, NULL },
	{ "a directory", "plain", -EISDIR, NULL, 022, 0, false, false, NULL },
	{ "a slash", "plain/", -EISDIR, NULL, 022, 0, false, false, NULL },
	{ "nowhere", "nonesuch/new", -ENOENT, NULL, 022, 0, false, false, NULL },
	{ "below a file", "secret/new", -ENOTDIR, NULL, 022, 0, false, false, NULL },
	{ "their link", "plain/their-link", -ELOOP, NULL, 022, 0, true, false, NULL },
	{ "their link, sticky", "sticky/their-link", -ELOOP, NULL, 022, 0, true, false, NULL },
	{ "their link to nothing", "sticky/their-trap", -ELOOP, NULL, 022, 0, true, false,
	  NULL },
	{ "link to their link", "plain/my-link-to-theirs", -ELOOP, NULL, 022, 0, true, false,
	  NULL },
	{ "their directory link", "sticky/their-dir/new", -ELOOP, NULL, 022, 0, true, false,
	  NULL },
	{ "their file", "plain/theirs", 0, NULL, 022, 0600, true, false, NULL },
	{ "their file, not sticky", "open/theirs", 0, NULL, 022, 0600, true, false, NULL },
	{ "their file, sticky", "sticky/theirs", -EACCES, NULL, 022, 0600, true, true, NULL },
	{ "link of the user of sudo", "plain/sudo-link", 0, "secret", 022, 0600, true, false,
	  "1000" },
	{ "link of no user of sudo", "plain/sudo-link", -ELOOP, NULL, 022, 0, true, false,
	  "1001" },
	{ "an odd user of sudo", "plain/sudo-link", -ELOOP, NULL, 022, 0, true, false, "1000x" },
};

static void check_unchanged(const struct output *o, const struct row *r)
{
	static const char *const names[] = {
		"secret", "plain/mine", "plain/theirs", "sticky/mine", "sticky/theirs",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *text;

		if (!strcmp(names[i], r->path) || (r->written && !strcmp(names[i], r->written)))
			continue;
		text = file__read(path_of(names[i]), NULL);
		if (strcmp(text, OLD))
			fail_msg("%s, %s: changed %s", o->name, r->name, names[i]);
		free(text);
	}
	assert_int_equal(access(path_of("made"), F_OK), -1);
}

static void check_written(const struct output *o, const struct row *r)
{
	const char *path = path_of(r->written ? r->written : r->path);
	struct stat st;
	char *text;

	assert_int_equal(lstat(path, &st), 0);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 07777) != r->mode)
		fail_msg("%s, %s: mode %o, not %o", o->name, r->name, st.st_mode, r->mode);
	text = file__read(path, NULL);
	assert_string_not_equal(text, OLD);
	free(text);
	if (r->written && !strcmp(r->path, "plain/my-link"))
		assert_true(!lstat(path_of(r->path), &st) && S_ISLNK(st.st_mode));
}

static void play(const struct output *o, const struct row *r)
{
	bool replaces = r->renamed && o->renames;
	mode_t old;
	int err;

	assert_int_equal(make_things(), 0);
	if (r->sudo_uid)
		setenv("SUDO_UID", r->sudo_uid, 1);
	old = umask(r->umask);
	err = o->write(path_of(r->path));
	umask(old);
	unsetenv("SUDO_UID");
	if (err != (replaces ? 0 : r->err))
		fail_msg("%s, %s: %d (%s)", o->name, r->name, err, strerror(-err));
	check_unchanged(o, r);
	if (!err)
		check_written(o, r);
	remove_things();
}

/* The state is an output. */
static void test_output(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!rows[i].needs_other || !geteuid())
			play(*state, &rows[i]);
	if (geteuid())
		skip();		/* the rows with another user */
}

/* An open file is written as it is, in its own mode. */
static void test_given(void **)
{
	static const char *const names[] = {
		"/proc/self/fd/%d", "/dev/fd/%d", "/proc/thread-self/fd/%d",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names) * ARRAY_SIZE(outputs); i++) {
		int fd = memfd_create("given", MFD_CLOEXEC);
		char path[64];
		struct stat st;

		assert_int_equal(fchmod(fd, 0666), 0);
		assert_int_equal(write(fd, OLD, strlen(OLD)), strlen(OLD));
		snprintf(path, sizeof(path), names[i % ARRAY_SIZE(names)], fd);
		assert_int_equal(outputs[i / ARRAY_SIZE(names)].write(path), 0);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0666);
		assert_int_not_equal(st.st_size, strlen(OLD));
		close(fd);
	}
}

/* A device stays what it is, and so does a pipe behind /dev/stdout. */
static void test_special(void **)
{
	struct stat before, after;
	int out[2], kept = dup(STDOUT_FILENO);
	char text[8] = "";

	assert_int_equal(stat("/dev/null", &before), 0);
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
		assert_int_equal(outputs[i].write("/dev/null"), 0);
	assert_int_equal(stat("/dev/null", &after), 0);
	assert_int_equal(before.st_mode, after.st_mode);
	assert_int_equal(pipe(out), 0);
	dup2(out[1], STDOUT_FILENO);
	assert_int_equal(write_text("/dev/stdout"), 0);
	assert_int_equal(write_report("/dev/stdout"), 0);
	dup2(kept, STDOUT_FILENO);
	assert_int_equal(read(out[0], text, 6), 6);
	assert_string_equal(text, "newnew");
	close(out[0]);
	close(out[1]);
	close(kept);
}

/* An ordinary user may follow root's links, and writes into a directory of his own. */
static int as_other(void)
{
	struct row links = { "root's link", "sticky/root-link", 0, "sticky/new", 022, 0600, 0, 0, NULL };
	struct row others = { "a link of uid 1000", "plain/sudo-link", -ELOOP, NULL, 022, 0, 0, 0, NULL };

	if (setgid(OTHER) || setuid(OTHER))
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		if (outputs[i].write(path_of(links.path)) ||
		    outputs[i].write(path_of(others.path)) != -ELOOP)
			return 2;
		unlink(path_of(links.written));
	}
	return 0;
}

static void test_user(void **)
{
	int status;
	pid_t pid;

	if (geteuid())
		skip();
	assert_int_equal(make_things(), 0);
	assert_int_equal(symlink("new", path_of("sticky/root-link")), 0);
	pid = fork();
	if (!pid)
		_exit(as_other());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	remove_things();
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(outputs) + 3];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
		tests[n++] = ROW_TEST(test_output, &outputs[i]);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_given);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_special);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_user);
	return _cmocka_run_group_tests("output", tests, n, NULL, NULL);
}
