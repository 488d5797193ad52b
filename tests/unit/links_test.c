// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that a trace is judged alike, whether each link has a record of its own or the
 * links of a task are gathered in one record, as the BPF programs do.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "loader/trace/links.h"
#include "rules_cases.h"

/*
 * Gathers links that come in a row, and passes the other records on. Without takes_links,
 * single makes the links single again, each with the time of the first one.
 */
struct gatherer {
	struct record_sink sink;	/* first member: cast to the gatherer */
	struct record_sink single, *judge;
	struct wire_links_pid links;	/* .n: so far */
	unsigned int gathered;		/* records of more than one link */
	uint64_t found;			/* sum of the numbers of guilty records */
};

static int hand_over(struct gatherer *g)
{
	int err = g->links.n ? record_sink__record(&g->single, &g->links.hdr) : 0;

	g->gathered += g->links.n > 1;
	g->links.n = 0;
	return err;
}

static bool fits(const struct wire_links_pid *links, const struct wire_link_pid *link)
{
	struct wire_hdr next = links->hdr;

	next.size = link->hdr.size;
	next.flags &= ~WIRE_F_LINKS;
	next.seq += links->n;
	next.ts_ns = link->hdr.ts_ns;
	return links->n && links->n < WIRE_PIDTYPES &&
	       !memcmp(&next, &link->hdr, sizeof(next)) &&
	       links->task == link->task && links->start == link->start &&
	       links->task_pid == link->task_pid;
}

static void begin(struct wire_links_pid *links, const struct wire_link_pid *link)
{
	*links = (struct wire_links_pid){
		.hdr = link->hdr,
		.task = link->task,
		.start = link->start,
		.task_pid = link->task_pid,
	};
	links->hdr.size = sizeof(*links);
	links->hdr.flags |= WIRE_F_LINKS;
}

static int gather(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct gatherer *g = (struct gatherer *)sink;
	const struct wire_link_pid *link = (const void *)rec;
	bool is_link = rec->type == WIRE_ATTACH_PID || rec->type == WIRE_DETACH_PID;
	int err = is_link && fits(&g->links, link) ? 0 : hand_over(g);

	if (err || !is_link)
		return err ? err : record_sink__record(&g->single, rec);
	if (!g->links.n)
		begin(&g->links, link);
	g->links.pid[g->links.n] = link->pid;
	g->links.pidtype[g->links.n++] = (uint8_t)link->pidtype;
	return 0;
}

static int pass_on(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct gatherer *g = (void *)((char *)sink - offsetof(struct gatherer, single));

	return record_sink__record(g->judge, rec);
}

static void note_finding(void *arg, const struct judge_finding *f)
{
	((struct gatherer *)arg)->found += f->record;
}

static void play(struct scene *s, play_fn fn, enum semantics semantics, uint32_t knob,
		 const struct mutation *mutations, struct gatherer *gatherer)
{
	const struct judge_opts opts = { .semantics = semantics };

	scene__start(s, &opts, knob, mutations, 0);
	judge__watch(s->j, note_finding, gatherer);
	gatherer->judge = s->g->sink;
	s->g->sink = &gatherer->sink;
	gen__begin(s->g, SCENE_COMMAND);
	gen__sweep(s->g, WIRE_SWEEP_START);
	fn(s);
	scene__end(s);
}

static void assert_same_text(const char *a, const char *b)
{
	if (!a != !b || (a && strcmp(a, b)))
		fail_msg("%s\nwith gathered links: %s", a, b);
}

static void assert_same(const struct judge_result *a, const struct judge_result *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->events, b->events);
	assert_int_equal(a->lost_ring, b->lost_ring);
	assert_int_equal(a->nreasons, b->nreasons);
	for (size_t i = 0; i < a->nreasons; i++)
		assert_string_equal(a->reasons[i], b->reasons[i]);
	for (size_t i = 0; i < a->nrules; i++) {
		assert_int_equal(a->rules[i].state, b->rules[i].state);
		assert_int_equal(a->rules[i].checked, b->rules[i].checked);
		assert_int_equal(a->rules[i].violations, b->rules[i].violations);
		assert_same_text(a->rules[i].text, b->rules[i].text);
	}
}

static unsigned int compare(play_fn fn, enum semantics semantics, uint32_t knob,
			    const struct mutation *mutations)
{
	struct gatherer to_single = { .sink.record = gather, .single.record = pass_on };
	struct gatherer gatherer = to_single;
	struct scene single = {}, gathered = {};

	gatherer.single.takes_links = true;
	play(&single, fn, semantics, knob, mutations, &to_single);
	play(&gathered, fn, semantics, knob, mutations, &gatherer);
	assert_same(single.res, gathered.res);
	assert_int_equal(to_single.found, gatherer.found);
	scene__free(&single);
	scene__free(&gathered);
	return gatherer.gathered;
}

static void test_guilty(void **)
{
	unsigned int gathered = 0;

	for (size_t i = 0; i < rules_guilty_count; i++) {
		const struct guilty *b = &rules_guilty[i];

		gathered += compare(b->play, b->semantics, b->knob, b->mutations);
	}
	assert_in_range(gathered, rules_guilty_count, UINT32_MAX);
}

static void test_silent(void **)
{
	for (size_t i = 0; i < rules_silent_count; i++) {
		const struct silent *b = &rules_silent[i];

		compare(b->play, b->semantics, b->knob, b->mutations);
	}
}

/* A link or a release is missing, with or without a loss that the numbers show. */
static void test_missing(void **)
{
	static const unsigned int types[] = {
		WIRE_ATTACH_PID, WIRE_DETACH_PID, WIRE_RELEASE,
	};

	for (unsigned int nth = 1; nth < 20; nth++)
		for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
			const struct mutation lose[MAX_MUTATIONS] = {
				{ EDIT_LOSE, types[i], nth, 0, 0 },
			};
			const struct mutation vanish[MAX_MUTATIONS] = {
				{ EDIT_VANISH, types[i], nth, 0, 0 },
			};

			compare(scene_three_joins, J, ON, lose);
			compare(scene_three_joins, J, ON, vanish);
			compare(scene_container, J, ON, vanish);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guilty),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
