// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests what `pidnstrace wait-for' names as the holders of a namespace, by sweeps over
 * generated tasks, by files, and by the comparison of two sets; and that the scan of /proc
 * finds an open file of this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "loader/capture/ns_files.h"
#include "loader/capture/proc_state.h"
#include "loader/view/holders.h"
#include "hostile.h"
#include "test.h"
#include "tracegen.h"

#define FIRST_NS	4026531836
#define SIGKILL_STATUS	9

/* A sink that hands the records to a watch of the namespace "ns". */
struct scene {
	struct record_sink sink;	/* first member: cast to the scene */
	struct gen *g;
	struct watch *watch;
	struct holder_set set;
	struct gen_ns *ns;
	struct gen_task *lazy, *boss, *member;
	unsigned int sweeps;		/* that were complete */
};

static int take(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct scene *s = (struct scene *)sink;

	if (s->watch && rec->type < WIRE_META)
		s->sweeps += watch__record(s->watch, rec, &s->set);
	return 0;
}

static struct gen_task *named(struct gen_task *t, const char *comm)
{
	memset(t->comm, 0, sizeof(t->comm));
	strncpy(t->comm, comm, sizeof(t->comm) - 1);
	return t;
}

/* lazy[100] is outside and has a child member[103,2]; boss[102,1] is the init. */
static void begin(struct scene *s)
{
	*s = (struct scene){ .sink.record = take };
	s->g = gen__new(&s->sink, 64);
	gen__begin(s->g, 0);
	s->lazy = named(gen__fork(s->g, s->g->init), "lazy");
	s->ns = gen__container(s->g, s->lazy);
	s->boss = named(s->ns->child_reaper, "boss");
	s->lazy->children_ns = s->ns;
	s->member = named(gen__fork(s->g, s->lazy), "member");
	s->lazy->children_ns = &s->g->ns[0];
	/* The container's maker has a namespace for its children that no init needs. */
	s->boss->parent->children_ns = &s->g->ns[0];
	s->watch = watch__new(s->ns->inum, FIRST_NS);
}

static void end(struct scene *s)
{
	holder_set__clear(&s->set);
	watch__free(s->watch);
	gen__free(s->g);
}

static void sweep(struct scene *s)
{
	holder_set__clear(&s->set);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	holder_set__sort(&s->set);
}

static void zap(struct scene *s)
{
	gen__exit(s->g, s->boss, SIGKILL_STATUS);
	s->boss->exit_state = 0;
	gen__zap_enter(s->g, s->boss, s->ns);
}

static void alive(struct scene *s)
{
	(void)s;
}

static void zap_zombie(struct scene *s)
{
	zap(s);
	gen__exit(s->g, s->member, SIGKILL_STATUS);
}

static void zap_alone(struct scene *s)
{
	gen__exit(s->g, s->member, 0);
	gen__release(s->g, s->lazy, s->member);
	zap(s);
}

static void killed(struct scene *s)
{
	s->member->state |= WIRE_T_KILL_PENDING;
}

static void init_is_zombie(struct scene *s)
{
	zap_alone(s);
	s->boss->exit_state = 32;
}

static void nested(struct scene *s)
{
	struct gen_ns *inner = gen__container(s->g, s->boss);

	named(inner->child_reaper, "deep");
	inner->child_reaper->parent->children_ns = s->ns;
}

static void children(struct scene *s)
{
	s->lazy->children_ns = s->ns;
}

static void empty(struct scene *s)
{
	init_is_zombie(s);
	gen__release(s->g, s->lazy, s->boss);
}

static const struct row {
	const char *name;
	void (*play)(struct scene *s);
	size_t n;			/* holders */
	enum holder_kind kind;
	const char *what, *why, *help;	/* texts of a holder; NULL: has none */
} rows[] = {
	{ "the init lives", alive, 2, HOLDER_INIT, "boss[102,1]", NULL,
	  "boss[102,1] ends, which ends all that are in the namespace" },
	{ "a process lives", alive, 2, HOLDER_PROCESS, "member[103,2]", NULL, NULL },
	{ "the init waits for a zombie", zap_zombie, 2, HOLDER_INIT,
	  "boss[102,1], killed by SIGKILL",
	  "waits in zap_pid_ns_processes() for member[103,2]", NULL },
	{ "a zombie whose parent is outside", zap_zombie, 2, HOLDER_ZOMBIE,
	  "member[103,2], killed by SIGKILL",
	  "its parent lazy[100], outside, and has not waited for it",
	  "lazy[100] waits for member[103,2], or ends" },
	{ "the init waits for nobody that is seen", zap_alone, 1, HOLDER_INIT,
	  "boss[102,1], killed by SIGKILL",
	  "waits in zap_pid_ns_processes(), for a process group or a session that has a number here and members elsewhere",
	  NULL },
	{ "a process is killed", killed, 2, HOLDER_PROCESS,
	  "member[103,2], being killed by SIGKILL", NULL, NULL },
	{ "the init is a zombie", init_is_zombie, 1, HOLDER_ZOMBIE,
	  "boss[102,1], killed by SIGKILL",
	  "its parent lazy[101], outside, and has not waited for it",
	  "lazy[101] waits for boss[102,1], or ends" },
	{ "a namespace is below", nested, 4, HOLDER_PROCESS,
	  "deep[105,4,1], in pid:[4026531838], which is below it", NULL, NULL },
	{ "children will be in it", children, 3, HOLDER_CHILDREN, "of lazy[100], the next one",
	  NULL, "lazy[100] ends" },
	{ "nothing is left", empty, 0, 0, NULL, NULL, NULL },
};

static void same(const char *have, const char *want)
{
	if (want)
		assert_non_null(have);
	else
		assert_null(have);
	if (want)
		assert_string_equal(have, want);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct scene s;
	size_t i = 0;

	begin(&s);
	row->play(&s);
	sweep(&s);
	assert_int_equal(s.sweeps, 1);
	assert_int_equal(s.set.n, row->n);
	while (i < s.set.n && (s.set.at[i].kind != row->kind ||
			       strcmp(s.set.at[i].what, row->what)))
		i++;
	if (row->what && i == s.set.n)
		fail_msg("no \"%s\"; the first is \"%s\"", row->what, s.set.at[0].what);
	if (row->what) {
		same(s.set.at[i].why, row->why);
		same(s.set.at[i].help, row->help);
	}
	end(&s);
}

/* --- sets --- */

static void put_what(const struct holder *h, void *arg)
{
	char *text = arg;

	strcat(strcat(strcat(strcat(text, holder__word(h)), " "), h->what), "; ");
}

static void add(struct holder_set *s, enum ns_file_kind kind, uint32_t ns, int fd,
		const char *path)
{
	struct ns_file file = { .kind = kind, .ns = ns, .pid = 7, .fd = fd, .path = path };

	strcpy(file.comm, "a\033b");
	holder_set__add_file(s, 17, &file);
}

/* The same holders are recognised, in whatever order; hostile bytes are escaped. */
static void test_sets(void **)
{
	struct holder_set old = { 0 }, new = { 0 };
	char text[1024] = "";

	add(&old, NS_FILE_FD, 17, 3, NULL);
	add(&old, NS_FILE_MOUNT, 17, 0, "/x\n");
	holder_set__sort(&old);
	add(&new, NS_FILE_PROC, 17, 0, "/p");
	add(&new, NS_FILE_MOUNT, 17, 0, "/x\n");
	add(&new, NS_FILE_FD, 18, 3, NULL);
	add(&new, NS_FILE_CHILDREN, 18, 0, NULL);
	holder_set__sort(&new);
	holder_set__others(&new, &old, put_what, text);
	assert_string_equal(text, "children of a\\x1bb[7], the next one, in pid:[18], which is below it; file fd 3 of a\\x1bb[7], in pid:[18], which is below it; mount of proc, on /p, as a\\x1bb[7] sees it; ");
	text[0] = '\0';
	holder_set__others(&old, &new, put_what, text);
	assert_string_equal(text, "file fd 3 of a\\x1bb[7]; ");
	holder_set__clear(&new);
	holder_set__copy(&new, &old);
	text[0] = '\0';
	holder_set__others(&old, &new, put_what, text);
	assert_string_equal(text, "");
	assert_string_equal(new.at[1].what, "on /x\\x0a, as a\\x1bb[7] sees it");
	holder_set__clear(&old);
	holder_set__clear(&new);
}

/* Adds a mount that another process sees; its path and the process have the same name. */
static void add_named(struct holder_set *s, const struct hostile *r)
{
	struct ns_file file = { .kind = NS_FILE_MOUNT, .ns = 17, .pid = 7, .path = r->bytes };

	strncpy(file.comm, r->bytes, sizeof(file.comm) - 1);
	holder_set__add_file(s, 17, &file);
}

/* A name that looks like a part of the line is in quotes. */
static void test_hostile(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		const char *name = hostile__name(&hostile[i]);
		char *what = xasprintf("on %s, as %s[7] sees it", name, name);
		char *help = xasprintf("umount in the mount namespace of %s[7]", name);
		struct holder_set set = { 0 };

		add_named(&set, &hostile[i]);
		assert_string_equal(set.at[0].what, what);
		assert_string_equal(set.at[0].help, help);
		holder_set__clear(&set);
		free(what);
		free(help);
	}
}

/* --- /proc --- */

struct found {
	int fd;
	unsigned int n;
};

static void find_own(const struct ns_file *file, void *arg)
{
	struct found *found = arg;

	found->n += file->kind == NS_FILE_FD && file->pid == getpid() &&
		    file->fd == found->fd && !strcmp(file->comm, "holders_test");
}

static void test_scan(void **)
{
	struct ns_suspects suspects;
	struct ns_files *files;
	struct found found;
	struct stat st;

	found.fd = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(found.fd, &st), 0);
	files = ns_files__new((uint32_t)st.st_ino);
	found.n = 0;
	assert_int_equal(ns_files__scan(files, find_own, &found, &suspects), 0);
	assert_int_equal(found.n, 1);
	close(found.fd);
	/* a file of another kind of namespace */
	assert_int_equal(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), found.fd);
	found.n = 0;
	assert_int_equal(ns_files__scan(files, find_own, &found, &suspects), 0);
	assert_int_equal(found.n, 0);
	close(found.fd);
	ns_files__free(files);
}

/* The kernel does not show of which namespace a process was that is gone. */
static void test_dead_pidfd(void **)
{
	struct ns_files *files = ns_files__new(1);
	struct ns_suspects after;
	struct found found = { 0 };
	pid_t pid = fork();
	int fd;

	if (!pid)
		_exit(0);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(fd >= 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(ns_files__scan(files, find_own, &found, &after), 0);
	assert_true(after.pidfds > 0);
	close(fd);
	ns_files__free(files);
}

static void test_proc_state(void **)
{
	char text[128];

	proc_state__describe(getpid(), text, sizeof(text));
	assert_string_equal(text, "runs");
	proc_state__describe(0, text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(rows) + 5] = {
		cmocka_unit_test(test_dead_pidfd),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_proc_state),
	};
	size_t n = 5;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[n++] = ROW_TEST(test_row, &rows[i]);
	return _cmocka_run_group_tests("holders", tests, n, NULL, NULL);
}
