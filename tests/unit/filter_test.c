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
	{ "pids, one of them no number", "17,x", -EINVAL, "x: not a pid" },
	{ "pids, none after a comma", "17,", -EINVAL, ": not a pid" },
	{ "pids, none before a comma", ",17", -EINVAL, ": not a pid" },
	{ "a comma in a path", "17@/nonexistent,x/y", -ENOENT, "/nonexistent,x/y: No such" },
	{ "a bad path in a list", "17@/nonexistent,18", -ENOENT, "17@/nonexistent: /none" },
};

static void test_pid(void **state)
{
	const struct word *w = *state;
	struct filter f = { 0 };
	char why[256] = "";

	assert_int_equal(filter__add_pid(&f, w->word, why, sizeof(why)),
			 w->err);
	if (!w->err)
		assert_int_equal(f.npids, 1);
	if (w->err && !strstr(why, w->said))
		fail_msg("\"%s\" is not in: %s", w->said, why);
	filter__free(&f);
}

static void test_pids(void **)
{
	struct filter f = { 0 };
	char why[256] = "";

	assert_int_equal(filter__add_pid(&f, "17,18@4026531836,19@/proc/self/ns/pid,20", why,
					 sizeof(why)), 0);
	assert_int_equal(f.npids, 4);
	assert_int_equal(f.pids[0].nr, 17);
	assert_string_equal(f.pids[0].text, "17");
	assert_int_equal(f.pids[1].nr, 18);
	assert_int_equal(f.pids[1].ns, 4026531836);
	assert_string_equal(f.pids[2].text, "19@/proc/self/ns/pid");
	assert_int_equal(f.pids[3].nr, 20);
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

/* The output of the last machine, which begin() replaces. */
static struct printer *printer;
static struct gen *gen;
static char *text;
static size_t len;
static FILE *file;

static int end(void **)
{
	if (!file)
		return 0;
	printer__free(printer);
	gen__free(gen);
	fclose(file);
	free(text);
	return 0;
}

static void begin_with(struct print_opts *opts)
{
	end(NULL);
	filter__default_namespace(&opts->filter, 4026531836);
	file = open_memstream(&text, &len);
	printer = printer__new(file, opts);
	gen = gen__new(printer__sink(printer), 256);
	gen__begin(gen, 0);
}

static void begin(const char *pid, bool may_come)
{
	struct print_opts opts = { .may_come = may_come };
	char why[256];

	assert_int_equal(filter__add_pid(&opts.filter, pid, why, sizeof(why)),
			 0);
	begin_with(&opts);
}

static void begin_in(const char *ns, bool may_come)
{
	struct print_opts opts = { .may_come = may_come };
	char why[256];

	assert_int_equal(filter__add_namespace(&opts.filter, ns, why, sizeof(why)), 0);
	begin_with(&opts);
}

static unsigned int lines(void)
{
	unsigned int n = 0;

	assert_int_equal(fflush(file), 0);
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static enum gen_fate vanish(struct gen *, struct wire_hdr *)
{
	return GEN_VANISH;
}

/* A pid that does not exist when all threads have been visited ... */
static void test_vanished(void **)
{
	begin("4711", false);
	gen__fork(gen, gen->init);
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_int_equal(gen->error, -ESRCH);
	assert_string_equal(printer__missing(printer), "4711");
	/* ... may belong to the command. */
	begin("4711", true);
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_int_equal(gen->error, 0);
	assert_string_equal(printer__missing(printer), "4711");
	assert_false(printer__done(printer));
}

/* A task that was there before is shown, with its threads, by a sweep. */
static void test_swept(void **)
{
	struct gen_task *t, *thread, *child;
	char pid[16];

	begin("1", false);
	t = gen__fork(gen, gen->init);
	thread = gen__clone_thread(gen, t);
	snprintf(pid, sizeof(pid), "%d", t->pid);

	begin(pid, true);
	t = gen__fork(gen, gen->init);
	assert_int_equal(lines(), 1);
	thread = gen__clone_thread(gen, t);
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_null(printer__missing(printer));
	gen__fork(gen, gen->init);
	assert_int_equal(lines(), 2);
	child = gen__fork(gen, thread);
	gen__exec(gen, child, "sh");
	assert_int_equal(lines(), 4);
}

/* A namespace without processes is reported like a pid that does not exist ... */
static void test_empty_namespace(void **)
{
	begin_in("4026531837", false);
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_int_equal(gen->error, -ESRCH);
	assert_string_equal(printer__missing_namespace(printer), "4026531837");
	/* ... may be made by the command ... */
	begin_in("pid:[4026531837]", true);
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_int_equal(gen->error, 0);
	assert_string_equal(printer__missing_namespace(printer), "pid:[4026531837]");
	gen__container(gen, gen->init);
	assert_null(printer__missing_namespace(printer));
	/* ... and is not empty with a process, or with one whose children will be in it. */
	begin_in("4026531837", false);
	gen__container(gen, gen->init);
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_int_equal(gen->error, 0);
	begin_in("4026531837", false);
	gen->init->children_ns = gen__ns(gen, NULL, &gen->ns[0]);
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_int_equal(gen->error, 0);
}

/* The number of a thread picks the whole process, the threads before it included. */
static void test_thread(void **)
{
	struct gen_task *t, *threads[3];

	begin("102", true);
	t = gen__fork(gen, gen->init);
	for (int i = 0; i < 3; i++)
		threads[i] = gen__clone_thread(gen, t);
	assert_int_equal(threads[1]->pid, 102);
	assert_null(printer__missing(printer));
	/* the clone of 102, and that of 103 by the leader, which is picked by now */
	assert_int_equal(lines(), 2);
	gen__fork(gen, threads[0]);
	gen__fork(gen, threads[2]);
	gen__fork(gen, gen->init);
	assert_int_equal(lines(), 4);
}

static void test_thread_swept(void **)
{
	struct gen_task *t, *thread;

	begin("101", false);
	gen->filter = vanish;
	t = gen__fork(gen, gen->init);
	thread = gen__clone_thread(gen, t);
	gen->filter = NULL;
	gen__sweep(gen, WIRE_SWEEP_START);
	assert_int_equal(gen->error, 0);
	gen__fork(gen, t);
	gen__fork(gen, thread);
	assert_int_equal(lines(), 2);
}

/* Printing ends when all descendants have been reaped, not before. */
static void test_done(void **)
{
	struct gen_task *t, *child, *other;

	begin("100", true);
	t = gen__fork(gen, gen->init);
	assert_int_equal(t->pid, 100);
	child = gen__fork(gen, t);
	gen__exit(gen, t, 0);
	gen__release(gen, gen->init, t);
	assert_false(printer__done(printer));
	gen__exit(gen, child, 0);
	assert_false(printer__done(printer));
	gen__release(gen, gen->init, child);
	assert_true(printer__done(printer));
	/* fork, fork, two exits, an orphan, two waits */
	assert_int_equal(lines(), 7);
	/* Another task now has its struct pid, its number and its task_struct. */
	gen__grace_period(gen, gen->init);
	other = gen__fork(gen, gen->init);
	gen__sweep(gen, WIRE_SWEEP_PERIOD);
	gen__exit(gen, other, 0);
	assert_int_equal(lines(), 7);
	assert_true(printer__done(printer));
}

/* A task is still shown after a join has changed its numbers. */
static void test_joined(void **)
{
	struct gen_task *t;
	struct gen_ns *ns;
	unsigned int before;

	begin("102", true);
	gen->knob = WIRE_KNOB_ON;
	ns = gen__container(gen, gen->init);
	t = gen__candidate(gen, gen->init);
	assert_int_equal(t->pid, 102);
	gen__setns_join(gen, t, ns);
	assert_int_not_equal(t->pid, 102);
	before = lines();
	gen__exec(gen, t, "sh");
	gen__exit(gen, t, 0);
	assert_int_equal(lines(), before + 2);
}

static const struct wire_call_failed fork_fails = {
	.call = 57, .ret = -ENOMEM,
};

static const char *last_line(void)
{
	size_t i = len - 1;

	while (i && text[i - 1] != '\n')
		i--;
	return text + i;
}

/* With -Z only failed calls are printed, of those that fit the other filters. */
static void test_failed(void **)
{
	struct print_opts opts = { .filter = { .failed_only = true } };
	struct gen_task *t, *other;
	struct gen_ns *ns;

	begin_with(&opts);
	ns = gen__container(gen, gen->init);
	t = gen__fork(gen, gen->init);
	gen__setns_mainline(gen, t, ns);
	gen__fork(gen, t);
	gen__enter_other(gen, t);	/* never returns */
	assert_int_equal(lines(), 0);
	gen__fails(gen, t, WIRE_CLONE_FAILED, &fork_fails);
	assert_int_equal(lines(), 1);
	other = gen__fork(gen, gen->init);
	gen__setns_refused(gen, other, ns, -EPERM);
	assert_int_equal(lines(), 2);
	printer__finish(printer);
	assert_int_equal(lines(), 2);
}

/* A failed call is its caller's, and names the namespace for children. */
static void test_failed_fits(void **)
{
	struct gen_task *t, *other;

	begin("100", true);
	t = gen__fork(gen, gen->init);
	other = gen__fork(gen, gen->init);
	gen__fails(gen, other, WIRE_CLONE_FAILED, &fork_fails);
	assert_int_equal(lines(), 1);
	gen__fails(gen, t, WIRE_CLONE_FAILED, &fork_fails);
	assert_int_equal(lines(), 2);
	assert_non_null(strstr(last_line(), "init[100] fork = -1 ENOMEM"));
}

/* The first record of a caller shows who it is. */
static void test_failed_first(void **)
{
	struct print_opts opts = {};
	char why[64];

	assert_int_equal(filter__add_comm(&opts.filter, "init", why, sizeof(why)), 0);
	begin_with(&opts);
	gen__fails(gen, gen->init, WIRE_CLONE_FAILED, &fork_fails);
	assert_int_equal(lines(), 1);
}

static void test_failed_in(void **)
{
	struct print_opts opts = {};
	struct gen_task *t;
	struct gen_ns *ns;
	char why[64];

	assert_int_equal(filter__add_namespace(&opts.filter, "4026531837", why,
					       sizeof(why)), 0);
	begin_with(&opts);
	t = gen__fork(gen, gen->init);
	gen__fails(gen, t, WIRE_CLONE_FAILED, &fork_fails);
	assert_int_equal(lines(), 0);
	ns = gen__ns(gen, t, t->children_ns);
	gen__switch_ns(gen, t, ns);
	assert_int_equal(lines(), 1);	/* the new namespace */
	gen__fails(gen, t, WIRE_CLONE_FAILED, &fork_fails);
	assert_int_equal(lines(), 2);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(names) + ARRAY_SIZE(pids) + 15] = {
		cmocka_unit_test(test_pids),
		cmocka_unit_test(test_empty_namespace),
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_thread_swept),
		cmocka_unit_test(test_nsname_is_stat),
		cmocka_unit_test(test_nsname_fifo),
		cmocka_unit_test(test_comm),
		cmocka_unit_test(test_vanished),
		cmocka_unit_test(test_swept),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_failed_fits),
		cmocka_unit_test(test_failed_first),
		cmocka_unit_test(test_failed_in),
	};
	size_t n = 15;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		tests[n++] = ROW_TEST(test_nsname, &names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		tests[n++] = ROW_TEST(test_pid, &pids[i]);
	return _cmocka_run_group_tests("filter", tests, n, NULL, end);
}
