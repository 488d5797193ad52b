// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests which tasks are shown if the user selects some: the meaning of the words on the
 * command line, and the treatment of reused numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/view/nsname.h"
#include "loader/view/printer.h"
#include "test.h"
#include "tracegen.h"

static const struct word {
	const char *name;
	const char *word;
	int err;
	const char *said;
} names[] = {
	{ "number", "4026531836", 0, NULL },
	{ "as readlink has it", "pid:[4026531836]", 0, NULL },
	{ "path", "/proc/self/ns/pid", 0, NULL },
	{ "other kind", "/proc/self/ns/mnt", -EINVAL, "another kind (mnt)" },
	{ "other kind by readlink", "mnt:[4026531836]", -EINVAL, "neither" },
	{ "no namespace", "/proc/self/status", -EINVAL, "is not a namespace" },
	{ "directory", "/", -EINVAL, "is not a namespace" },
	{ "gone", "/proc/4194305/ns/pid", -ENOENT, "has the process ended?" },
	{ "no such file", "/nonexistent/x", -ENOENT, "No such file" },
	{ "word", "init", -EINVAL, "neither the number" },
	{ "nothing", "", -EINVAL, "neither the number" },
	{ "zero", "0", -EINVAL, "neither the number" },
	{ "too large", "4294967296", -EINVAL, "neither the number" },
	{ "half of it", "pid:[40265", -EINVAL, "neither" },
	{ "more than it", "pid:[4026531836]x", -EINVAL, "neither" },
	{ "negative", "-1", -EINVAL, "neither" },
};

static void test_nsname(void **state)
{
	const struct word *w = *state;
	char why[256] = "";
	uint32_t inum = 7;

	assert_int_equal(nsname__parse(w->word, &inum, why, sizeof(why)),
			 w->err);
	if (!w->err) {
		assert_true(inum > 7);
		return;
	}
	assert_int_equal(inum, 7);
	if (!strstr(why, w->said))
		fail_msg("\"%s\" is not in: %s", w->said, why);
}

static void test_nsname_is_stat(void **)
{
	char why[256];
	struct stat st;
	uint32_t inum;

	assert_int_equal(stat("/proc/self/ns/pid", &st), 0);
	assert_int_equal(nsname__parse("/proc/self/ns/pid", &inum, why,
				       sizeof(why)), 0);
	assert_int_equal(inum, st.st_ino);
}

/* Parsing does not wait for the writer of a fifo. */
static void test_nsname_fifo(void **)
{
	char dir[] = "/tmp/filter_test.XXXXXX", path[64], why[256];
	uint32_t inum;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(nsname__parse(path, &inum, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "is not a namespace"));
	unlink(path);
	rmdir(dir);
}

static const struct word pids[] = {
	{ "pid", "17", 0, NULL },
	{ "pid in a namespace", "17@4026531836", 0, NULL },
	{ "pid in a path", "17@/proc/self/ns/pid", 0, NULL },
	{ "pid zero", "0", -EINVAL, "not a pid" },
	{ "pid negative", "-3", -EINVAL, "not a pid" },
	{ "pid too large", "2147483648", -EINVAL, "not a pid" },
	{ "pid no number", "17x", -EINVAL, "not a pid" },
	{ "pid nothing", "", -EINVAL, "not a pid" },
	{ "pid only a namespace", "@4026531836", -EINVAL, "not a pid" },
	{ "pid in nothing", "17@", -EINVAL, "neither" },
	{ "pid in another kind", "17@/proc/self/ns/net", -EINVAL, "(net)" },
};

static void test_pid(void **state)
{
	const struct word *w = *state;
	struct filter f = { 0 };
	char why[256] = "";

	assert_int_equal(filter__add_pid(&f, w->word, why, sizeof(why)),
			 w->err);
	assert_int_equal(f.npids, !w->err);
	if (w->err && !strstr(why, w->said))
		fail_msg("\"%s\" is not in: %s", w->said, why);
	filter__free(&f);
}

static void test_comm(void **)
{
	struct filter f = { 0 };
	char why[256];

	assert_int_equal(filter__add_comm(&f, "", why, sizeof(why)), -EINVAL);
	assert_int_equal(filter__add_comm(&f, "s[h]", why, sizeof(why)), 0);
	filter__free(&f);
}

/* --- output --- */

struct shown {
	struct printer *printer;
	struct gen *gen;
	char *text;
	size_t len;
	FILE *file;
};

static void begin(struct shown *s, const char *pid, bool may_come)
{
	struct print_opts opts = { .may_come = may_come };
	char why[256];

	assert_int_equal(filter__add_pid(&opts.filter, pid, why, sizeof(why)),
			 0);
	filter__default_namespace(&opts.filter, 4026531836);
	s->file = open_memstream(&s->text, &s->len);
	s->printer = printer__new(s->file, &opts);
	s->gen = gen__new(printer__sink(s->printer), 256);
	gen__begin(s->gen, 0);
}

static void end(struct shown *s)
{
	printer__free(s->printer);
	gen__free(s->gen);
	fclose(s->file);
	free(s->text);
}

static unsigned int lines(struct shown *s)
{
	unsigned int n = 0;

	assert_int_equal(fflush(s->file), 0);
	for (size_t i = 0; i < s->len; i++)
		n += s->text[i] == '\n';
	return n;
}

/* A pid that does not exist when all threads have been visited ... */
static void test_vanished(void **)
{
	struct shown s;

	begin(&s, "4711", false);
	gen__fork(s.gen, s.gen->init);
	gen__sweep(s.gen, WIRE_SWEEP_START);
	assert_int_equal(s.gen->error, -ESRCH);
	assert_string_equal(printer__missing(s.printer), "4711");
	end(&s);
	/* ... may belong to the command. */
	begin(&s, "4711", true);
	gen__sweep(s.gen, WIRE_SWEEP_START);
	assert_int_equal(s.gen->error, 0);
	assert_string_equal(printer__missing(s.printer), "4711");
	assert_false(printer__done(s.printer));
	end(&s);
}

/* A task that was there before is shown, with its threads, by a sweep. */
static void test_swept(void **)
{
	struct gen_task *t, *thread, *child;
	struct shown s;
	char pid[16];

	begin(&s, "1", false);
	t = gen__fork(s.gen, s.gen->init);
	thread = gen__clone_thread(s.gen, t);
	snprintf(pid, sizeof(pid), "%d", t->pid);
	end(&s);

	begin(&s, pid, true);
	t = gen__fork(s.gen, s.gen->init);
	assert_int_equal(lines(&s), 1);
	thread = gen__clone_thread(s.gen, t);
	gen__sweep(s.gen, WIRE_SWEEP_START);
	assert_null(printer__missing(s.printer));
	gen__fork(s.gen, s.gen->init);
	assert_int_equal(lines(&s), 2);
	child = gen__fork(s.gen, thread);
	gen__exec(s.gen, child, "sh");
	assert_int_equal(lines(&s), 4);
	end(&s);
}

/* Printing ends when all descendants have been reaped, not before. */
static void test_done(void **)
{
	struct gen_task *t, *child, *other;
	struct shown s;

	begin(&s, "100", true);
	t = gen__fork(s.gen, s.gen->init);
	assert_int_equal(t->pid, 100);
	child = gen__fork(s.gen, t);
	gen__exit(s.gen, t, 0);
	gen__release(s.gen, s.gen->init, t);
	assert_false(printer__done(s.printer));
	gen__exit(s.gen, child, 0);
	assert_false(printer__done(s.printer));
	gen__release(s.gen, s.gen->init, child);
	assert_true(printer__done(s.printer));
	/* fork, fork, two exits, two waits */
	assert_int_equal(lines(&s), 6);
	/* Another task now has its struct pid, its number and its task_struct. */
	gen__grace_period(s.gen, s.gen->init);
	other = gen__fork(s.gen, s.gen->init);
	gen__sweep(s.gen, WIRE_SWEEP_PERIOD);
	gen__exit(s.gen, other, 0);
	assert_int_equal(lines(&s), 6);
	assert_true(printer__done(s.printer));
	end(&s);
}

/* A task is still shown after a join has changed its numbers. */
static void test_joined(void **)
{
	struct gen_task *t;
	struct gen_ns *ns;
	struct shown s;
	unsigned int before;

	begin(&s, "102", true);
	s.gen->knob = WIRE_KNOB_ON;
	ns = gen__container(s.gen, s.gen->init);
	t = gen__candidate(s.gen, s.gen->init);
	assert_int_equal(t->pid, 102);
	gen__setns_join(s.gen, t, ns);
	assert_int_not_equal(t->pid, 102);
	before = lines(&s);
	gen__exec(s.gen, t, "sh");
	gen__exit(s.gen, t, 0);
	assert_int_equal(lines(&s), before + 2);
	end(&s);
}


int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(names) + ARRAY_SIZE(pids) + 7] = {
		cmocka_unit_test(test_nsname_is_stat),
		cmocka_unit_test(test_nsname_fifo),
		cmocka_unit_test(test_comm),
		cmocka_unit_test(test_vanished),
		cmocka_unit_test(test_swept),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_joined),
	};
	size_t n = 7;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		tests[n++] = ROW_TEST(test_nsname, &names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		tests[n++] = ROW_TEST(test_pid, &pids[i]);
	return _cmocka_run_group_tests("filter", tests, n, NULL, NULL);
}
