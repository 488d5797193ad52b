// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests what the rows of --tree show of each process: its parent, and whether it lives, is
 * being killed, waits as the init of a dying namespace, or is a zombie. In most scenes the
 * processes are older than the recording, so that only sweeps show them.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/view/printer.h"
#include "test.h"
#include "tracegen.h"

#define SIGKILL_STATUS	9
#define EXIT_STATUS(n)	((n) << 8)

/* The processes of a scene. */
struct cast {
	struct gen *g;
	struct gen_ns *ns;
	struct gen_task *lazy;		/* outside; does not wait for its children */
	struct gen_task *boss;		/* the init of ns, a child of lazy */
	struct gen_task *member;	/* in ns, a child of lazy */
	struct gen_task *inner;		/* in ns, a child of boss */
};

/* Records of the past are not seen. */
static enum gen_fate past(struct gen *g, struct wire_hdr *rec)
{
	(void)g;
	(void)rec;
	return GEN_VANISH;
}

static struct gen_task *named(struct gen_task *t, const char *comm)
{
	memset(t->comm, 0, sizeof(t->comm));
	strncpy(t->comm, comm, sizeof(t->comm) - 1);
	return t;
}

static void begin(struct cast *c, struct printer *p)
{
	struct gen *g = gen__new(printer__sink(p), 64);

	*c = (struct cast){ .g = g };
	gen__begin(g, 0);
	g->filter = past;
	c->lazy = named(gen__fork(g, g->init), "lazy");
	c->ns = gen__container(g, c->lazy);
	c->boss = named(c->ns->child_reaper, "boss");
	c->lazy->children_ns = c->ns;
	c->member = named(gen__fork(g, c->lazy), "member");
	c->lazy->children_ns = &g->ns[0];
	c->inner = named(gen__fork(g, c->boss), "inner");
}

static void sweep(struct cast *c)
{
	c->g->filter = NULL;
	gen__sweep(c->g, WIRE_SWEEP_START);
}

/* A process that has begun to exit is not yet a zombie. */
static void exits(struct cast *c, struct gen_task *t, int32_t status)
{
	gen__exit(c->g, t, status);
	t->exit_state = 0;
}

static void alive(struct cast *c)
{
	sweep(c);
}

static void zombies(struct cast *c)
{
	gen__exit(c->g, c->inner, EXIT_STATUS(12));
	gen__exit(c->g, c->member, SIGKILL_STATUS);
	sweep(c);
}

static void zap(struct cast *c)
{
	exits(c, c->boss, SIGKILL_STATUS);
	gen__zap_enter(c->g, c->boss, c->ns);
}

/* The init was in zap_pid_ns_processes() when tracing began. */
static void zap_before(struct cast *c)
{
	zap(c);
	gen__exit(c->g, c->member, SIGKILL_STATUS);
	sweep(c);
}

/* The init enters it while tracing; no sweep follows. */
static void zap_seen(struct cast *c)
{
	sweep(c);
	zap(c);
	gen__exit(c->g, c->inner, SIGKILL_STATUS);
	gen__release(c->g, c->boss, c->inner);
}

static void zap_over(struct cast *c)
{
	zap_seen(c);
	gen__exit(c->g, c->member, SIGKILL_STATUS);
	gen__release(c->g, c->lazy, c->member);
	gen__zap_exit(c->g, c->boss, c->ns);
	c->boss->exit_state = 32;
}

static void zap_crowd(struct cast *c)
{
	c->lazy->children_ns = c->ns;
	for (int i = 0; i < 4; i++)
		named(gen__fork(c->g, c->lazy), "crowd");
	c->lazy->children_ns = &c->g->ns[0];
	zap(c);
	sweep(c);
}

static void killed(struct cast *c)
{
	c->inner->state |= WIRE_T_KILL_PENDING;
	c->member->state |= WIRE_T_GROUP_EXIT;
	gen__group_exit(c->g, c->member, EXIT_STATUS(3));
	sweep(c);
}

static void leader_first(struct cast *c)
{
	gen__clone_thread(c->g, c->inner);
	gen__exit(c->g, c->inner, 0);
	sweep(c);
}

static enum gen_fate traced(struct gen *g, struct wire_hdr *rec)
{
	struct wire_sweep_task *r = (void *)rec;
	const struct cast *c = g->arg;

	if (rec->type == WIRE_SWEEP_TASK && r->task.task == c->inner->address) {
		r->task.state |= WIRE_T_TRACED;
		r->parent.tgid = c->lazy->tgid;
	}
	return GEN_EMIT;
}

static void zombie_traced(struct cast *c)
{
	gen__exit(c->g, c->inner, 0);
	c->g->arg = c;
	c->g->filter = traced;
	gen__sweep(c->g, WIRE_SWEEP_START);
}

static void traced_by_parent(struct cast *c)
{
	c->inner->state |= WIRE_T_TRACED;
	zombies(c);
}

/* The task is in release_task(), so it has no row. */
static void released(struct cast *c)
{
	gen__exit(c->g, c->inner, 0);
	c->inner->exit_state = 16;	/* EXIT_DEAD */
	sweep(c);
}

/* A parent that is gone is still that of a process that ended before. */
static void generations(struct cast *c)
{
	sweep(c);
	gen__exit(c->g, c->member, 0);
	gen__release(c->g, c->lazy, c->member);
	gen__exit(c->g, c->lazy, 0);
	gen__release(c->g, c->g->init, c->lazy);
}

static void joined(struct cast *c)
{
	struct gen_task *t;

	c->g->knob = WIRE_KNOB_ON;
	sweep(c);
	t = named(gen__candidate(c->g, c->lazy), "guest");
	gen__setns_join(c->g, t, c->ns);
	gen__exec(c->g, t, "guest");
}

static void children_elsewhere(struct cast *c)
{
	c->lazy->children_ns = c->ns;
	sweep(c);
}

static void loses_parent(struct cast *c)
{
	struct gen_task *child = named(gen__fork(c->g, c->inner), "child");

	gen__exec(c->g, child, "child");
	gen__exit(c->g, c->inner, 0);
}

static void orphan(struct cast *c)
{
	sweep(c);
	loses_parent(c);
}

static enum gen_fate not_orphan(struct gen *g, struct wire_hdr *rec)
{
	(void)g;
	return rec->type == WIRE_ORPHAN ? GEN_LOSE : GEN_EMIT;
}

/* Without ORPHAN, no record shows the new parent until the next sweep. */
static void orphan_unseen(struct cast *c)
{
	sweep(c);
	c->g->filter = not_orphan;
	loses_parent(c);
}

static void orphan_swept(struct cast *c)
{
	orphan(c);
	gen__sweep(c->g, WIRE_SWEEP_FINAL);
}

static void orphan_dead(struct cast *c)
{
	sweep(c);
	gen__exit(c->g, c->inner, 0);
	gen__release(c->g, c->boss, c->inner);
}

static enum gen_fate in_cgroup(struct gen *g, struct wire_hdr *rec)
{
	const struct cast *c = g->arg;

	if (rec->type == WIRE_SWEEP_TASK) {
		struct wire_sweep_task *r = (void *)rec;

		r->cgroup = r->task.task == c->inner->address ? 7 : 1;
	}
	return GEN_EMIT;
}

/* The runtime's id is in the path of the cgroup. */
static void contained(struct cast *c)
{
	struct wire_meta_cgroup cgroup = {
		.hdr = { .type = WIRE_META_CGROUP, .size = sizeof(cgroup) }, .id = 7,
		.path = "/machine.slice/machine-web.scope",
	};

	record_sink__record(c->g->sink, &cgroup.hdr);
	c->g->arg = c;
	c->g->filter = in_cgroup;
	gen__sweep(c->g, WIRE_SWEEP_START);
}

static void renamed(struct cast *c)
{
	sweep(c);
	named(c->boss, "chief");
	gen__sweep(c->g, WIRE_SWEEP_FINAL);
}

/* A scope of systemd's, with the id of a container. */
#define SCOPE(digit) "/docker-" HEX(digit) HEX(digit) HEX(digit) HEX(digit) ".scope"
#define HEX(digit) #digit "123456789abcdef"

static void moved(struct cast *c)
{
	sweep(c);
	gen__cgroup(c->g, 77, SCOPE(7));
	gen__cgroup_move(c->g, c->lazy, c->inner, 77);
}

/* A single thread moves, which is not the leader. */
static void thread_moved(struct cast *c)
{
	struct gen_task *thread;

	moved(c);
	thread = gen__clone_thread(c->g, c->inner);
	gen__cgroup(c->g, 88, SCOPE(8));
	gen__cgroup_move(c->g, c->lazy, thread, 88);
}

static const struct row {
	const char *name;
	void (*play)(struct cast *c);
	const char *row;	/* part of the text; "!": the process has no row */
	const char *comm, *json;	/* part of this process's object */
} rows[] = {
	{ "the parent is inside", alive, "inner            child of boss[102]\n",
	  "inner", "\"parent_pid\":102,\"parent\":\"boss\"" },
	{ "the parent is outside", alive, "boss             child of lazy[101], outside\n",
	  "boss", "\"parent_ns\":4026531836" },
	{ "alive", alive, "member           child of lazy[100], outside\n",
	  "member", "\"state\":\"alive\"}" },
	{ "a zombie, by exit", zombies,
	  "child of boss[102]  zombie, exit(12), not waited for yet\n",
	  "inner", "\"state\":\"zombie\",\"end\":\"exited\",\"code\":12,\"signal\":0" },
	{ "a zombie, by signal", zombies,
	  "child of lazy[100], outside  zombie, killed by SIGKILL, not waited for yet\n",
	  "member", "\"code\":0,\"signal\":9" },
	{ "an init waits since before", zap_before,
	  "killed by SIGKILL, waits in zap_pid_ns_processes() for member[103], inner[104]\n",
	  "boss", "\"state\":\"zapping\",\"waits_for\":[{\"comm\":\"member\",\"pid\":103}," },
	{ "an init begins to wait", zap_seen,
	  "killed by SIGKILL, waits in zap_pid_ns_processes() for member[103]\n",
	  "boss", "\"waits_for\":[{\"comm\":\"member\",\"pid\":103}],\"code\":0,\"signal\":9" },
	{ "an init has waited", zap_over, "outside  zombie, killed by SIGKILL, not waited",
	  "boss", "\"state\":\"zombie\"" },
	{ "an init waits for many", zap_crowd,
	  "for member[103], inner[104], crowd[105], crowd[106] and 2 more\n",
	  "boss", "{\"comm\":\"crowd\",\"pid\":108}]" },
	{ "killed, not yet running", killed, "boss[102]  being killed by SIGKILL\n",
	  "inner", "\"state\":\"dying\",\"code\":0,\"signal\":9" },
	{ "exiting", killed, "outside  exiting: exit(3)\n",
	  "member", "\"state\":\"dying\",\"code\":3,\"signal\":0" },
	{ "the leader exits first", leader_first,
	  "boss[102]  +1 thread, leader has exited\n", "inner", "\"state\":\"alive\"}" },
	{ "a zombie is traced", zombie_traced, "child of boss[102]  traced by lazy[100]  zombie",
	  "inner", "\"tracer_pid\":100,\"tracer\":\"lazy\"" },
	{ "a zombie is traced by its parent", traced_by_parent,
	  "inner            child of boss[102]  zombie", "inner",
	  "\"parent_ns\":4026531837,\"cgroup\":null,\"container\":null,\"state\"" },
	{ "released", released, "!", "inner", NULL },
	{ "reaped before its parent", generations,
	  "member           child of lazy[100], outside  exit(0), waited for by lazy[100]\n",
	  "member", "\"parent_pid\":100,\"parent\":\"lazy\"" },
	{ "joined", joined, "guest            child of lazy[100], outside  joined\n", "guest",
	  "\"parent_pid\":100" },
	{ "children elsewhere", children_elsewhere,
	  "child of init[1]  children will be in pid:[4026531837]\n",
	  "lazy", "\"children_ns\":4026531837" },
	{ "an orphan", orphan, "child            child of boss[102]\n", "child",
	  "\"parent\":\"boss\"" },
	{ "an orphan, unseen", orphan_unseen, "child\n", "child",
	  "\"joined\":false,\"cgroup\":null,\"container\":null,\"state\"" },
	{ "an orphan, after a sweep", orphan_swept, "child            child of boss[102]\n",
	  "child", "\"parent\":\"boss\"" },
	{ "reaped", orphan_dead,
	  "inner            child of boss[102]  exit(0), waited for by boss[102]\n",
	  "inner", "\"state\":\"reaped\"" },
	{ "in a container", contained, "inner            child of boss[102]  in container web\n",
	  "inner", "\"cgroup\":\"/machine.slice/machine-web.scope\",\"container\":\"web\"" },
	{ "in none", contained, "boss             child of lazy[101], outside\n",
	  "boss", "\"cgroup\":null,\"container\":null" },
	{ "renamed", renamed, "chief            child of lazy[101]", "chief", "\"alive\"" },
	{ "moved to a cgroup", moved, "child of boss[102]  in container 712345678",
	  "inner", "\"cgroup\":\"/docker-7" },
	{ "a thread of it moved elsewhere", thread_moved,
	  "child of boss[102]  +1 thread  in container 712345678", "inner",
	  "\"cgroup\":\"/docker-7" },
	{ "a renamed parent", renamed, "inner            child of chief[102]\n",
	  "inner", "\"parent\":\"chief\"" },
};

static char *tree(const struct row *row, enum print_format format)
{
	struct print_opts opts = { .views = PRINT_TREE, .format = format };
	struct printer *p;
	char *text = NULL;
	struct cast c;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	p = printer__new(f, &opts);
	begin(&c, p);
	row->play(&c);
	gen__end(c.g);
	assert_int_equal(printer__finish(p), 0);
	printer__free(p);
	gen__free(c.g);
	fclose(f);
	return text;
}

static void test_text(void **state)
{
	const struct row *row = *state;
	char *text = tree(row, PRINT_TEXT);

	if (*row->row == '!')
		assert_null(strstr(text, row->comm));
	else if (!strstr(text, row->row))
		fail_msg("\"%s\" is not in:\n%s", row->row, text);
	free(text);
}

/* Returns the object of the process with this name, as text. */
static char *object(char *lines, const char *comm)
{
	char *save = NULL, *found = NULL;

	for (char *l = strtok_r(lines, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		json_t *ns = json_loads(l, 0, NULL), *o;
		size_t i;

		assert_non_null(ns);
		json_array_foreach(json_object_get(ns, "processes"), i, o)
			if (!found && !strcmp(json_string_value(json_object_get(o, "comm")), comm))
				found = json_dumps(o, JSON_COMPACT);
		json_decref(ns);
	}
	return found;
}

static void test_json(void **state)
{
	const struct row *row = *state;
	char *text = tree(row, PRINT_JSON), *o = object(text, row->comm);

	if (row->json)
		assert_non_null(o);
	else
		assert_null(o);
	if (o && !strstr(o, row->json))
		fail_msg("\"%s\" is not in: %s", row->json, o);
	free(o);
	free(text);
}

int main(void)
{
	static struct CMUnitTest tests[2 * ARRAY_SIZE(rows)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		tests[n++] = ROW_TEST(test_text, &rows[i]);
		tests[n++] = ROW_TEST(test_json, &rows[i]);
	}
	return _cmocka_run_group_tests("census", tests, n, NULL, NULL);
}
