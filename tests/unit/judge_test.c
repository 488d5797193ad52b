// SPDX-License-Identifier: GPL-2.0-only
/* Tests what prevents PASS, and what a loss may and may not do to a verdict. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "rules_scenes.h"

static const struct judge_opts join_opts = { .semantics = SEMANTICS_JOIN };

static void everyday(struct scene *s)
{
	struct gen_task *t = gen__fork(s->g, s->g->init);

	gen__exec(s->g, t, "true");
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
}

/* Plays three joins, each by its own task; the mutations see all of them. */
static void three_joins(struct scene *s)
{
	struct gen_ns *ns;

	everyday(s);
	ns = gen__container(s->g, s->g->init);
	scene__arm(s);
	for (int i = 0; i < 3; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		gen__setns_join(s->g, t, ns);
		gen__exit(s->g, t, 0);
		gen__release(s->g, s->g->init, t);
	}
}

/* Plays three joins, without the end of the stream. */
static void begin(struct scene *s, const struct mutation *m)
{
	memset(s, 0, sizeof(*s));
	if (m)
		memcpy(s->mutations, m, sizeof(s->mutations));
	scene__start(s, &join_opts, WIRE_KNOB_ON, 0);
	gen__begin(s->g, 0);
	gen__sweep(s->g, WIRE_SWEEP_START);
	three_joins(s);
}

/* Plays the end of the stream. */
static void end(struct scene *s)
{
	gen__sweep(s->g, WIRE_SWEEP_FINAL);
	gen__end(s->g);
	s->res = judge__finish(s->j);
}

static bool has_reason(const struct scene *s, const char *text)
{
	for (size_t i = 0; i < s->res->nreasons; i++)
		if (strstr(s->res->reasons[i], text))
			return true;
	return false;
}

static void test_pass(void **state)
{
	struct scene s;

	(void)state;
	scene__play(&s, three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	assert_int_equal(s.res->verdict, VERDICT_PASS);
	assert_int_equal(s.res->nreasons, 0);
	assert_int_equal(s.res->joins, 3);
	assert_int_equal(s.res->setns, 3);
	assert_int_equal(s.res->rewrites, 12);
	assert_true(s.res->whole);
	for (int h = 0; h < WIRE_NHOOKS; h++)
		assert_true(s.res->hooks[h].attached);
	assert_true(s.res->hooks[WIRE_HOOK_COMMIT_JOIN].needed);
	assert_int_equal(s.res->hooks[WIRE_HOOK_COMMIT_JOIN].hits, 3);
	scene__free(&s);
}

/* A stock kernel has no hooks of the series, and does not need them. */
static void test_stock_needs_no_join_hooks(void **state)
{
	struct judge_opts opts = { .semantics = SEMANTICS_AUTO };
	struct scene s;

	(void)state;
	scene__play(&s, everyday, &opts, WIRE_KNOB_NONE, NULL,
		    HOOK(COMMIT_JOIN) | HOOK(PID_REWRITE));
	assert_int_equal(s.res->verdict, VERDICT_PASS);
	assert_false(s.res->hooks[WIRE_HOOK_COMMIT_JOIN].needed);
	assert_false(s.res->hooks[WIRE_HOOK_COMMIT_JOIN].attached);
	assert_int_equal(scene__rule(&s, "I41")->state, RULE_NOT_APPLICABLE);
	scene__free(&s);
}

/* The knob is on at both ends, with @writes starts and ends of writes in between. */
static void setns_while_written(struct scene *s, uint32_t writes)
{
	struct gen_task *t;
	struct gen_ns *ns;

	everyday(s);
	ns = gen__container(s->g, s->g->init);
	t = gen__candidate(s->g, s->g->init);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__capable(s->g, t, ns->user_ns, true);
	s->g->knob_writes += writes;
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, NULL);
	gen__leave(s->g, t, GEN_NEWPID, 0);
	/* A join without any doubt, besides that call. */
	gen__setns_join(s->g, gen__candidate(s->g, s->g->init), ns);
}

static void not_written(struct scene *s)
{
	setns_while_written(s, 0);
}

static void written_twice(struct scene *s)
{
	setns_while_written(s, 4);
}

static void test_knob_written_meanwhile(void **state)
{
	const struct judge_opts opts = { .semantics = SEMANTICS_AUTO };
	struct scene s;

	(void)state;
	scene__play(&s, not_written, &opts, WIRE_KNOB_ON, NULL, 0);
	assert_int_equal(s.res->verdict, VERDICT_FAIL);
	assert_int_equal(scene__rule(&s, "I4")->state, RULE_VIOLATED);
	scene__free(&s);
	scene__play(&s, written_twice, &opts, WIRE_KNOB_ON, NULL, 0);
	assert_int_equal(s.res->verdict, VERDICT_PASS);
	scene__free(&s);
}

static void nothing(struct scene *s)
{
	(void)s;
}

static void test_nothing_seen(void **state)
{
	struct scene s;

	(void)state;
	scene__play(&s, nothing, &join_opts, WIRE_KNOB_ON, NULL, HOOK(SWEEP));
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_true(has_reason(&s, "no kernel record was received"));
	scene__free(&s);
}

static void test_missing_hook(void **state)
{
	struct judge_opts opts = join_opts;
	struct scene s;

	(void)state;
	scene__play(&s, three_joins, &opts, WIRE_KNOB_ON, NULL,
		    HOOK(PID_REWRITE));
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(scene__rule(&s, "I41")->state, RULE_UNAVAILABLE);
	assert_int_equal(scene__rule(&s, "I17")->state, RULE_OK);
	assert_true(has_reason(&s, "tp_btf:pid_rewrite"));
	assert_true(has_reason(&s, "I41"));
	scene__free(&s);

	opts.rules = "-I41";
	scene__play(&s, three_joins, &opts, WIRE_KNOB_ON, NULL,
		    HOOK(PID_REWRITE));
	assert_int_equal(s.res->verdict, VERDICT_PASS);
	assert_false(s.res->hooks[WIRE_HOOK_PID_REWRITE].needed);
	scene__free(&s);
}

/* Without pidns_install() the target of a setns() is unknown: no false FAIL. */
/* Rules about all tasks need the sweeps; rules about windows do not. */
static void test_missing_sweep(void **state)
{
	static const char *const blind[] = { "I19", "I27", "I30", "I31", "I33",
					     "I37", "I38" };
	struct scene s;

	(void)state;
	scene__play(&s, three_joins, &join_opts, WIRE_KNOB_ON, NULL,
		    HOOK(SWEEP));
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	for (size_t i = 0; i < sizeof(blind) / sizeof(*blind); i++)
		assert_int_equal(scene__rule(&s, blind[i])->state,
				 RULE_UNAVAILABLE);
	assert_int_equal(scene__rule(&s, "I17")->state, RULE_OK);
	assert_true(has_reason(&s, "iter:task"));
	scene__free(&s);
}

/* A stock kernel may lack hooks that only rules about joins need. */
static void test_stock_needs_few_hooks(void **state)
{
	struct judge_opts opts = { .semantics = SEMANTICS_AUTO };
	struct scene s;

	(void)state;
	scene__play(&s, scene_container_mainline, &opts, WIRE_KNOB_NONE, NULL,
		    HOOK(COMMIT_JOIN) | HOOK(PID_REWRITE) |
		    HOOK(NOTIFY_PIDFD) | HOOK(WAKE_PARENT) | HOOK(TIMER_LOCK));
	assert_int_equal(s.res->nreasons, 0);
	assert_int_equal(s.res->verdict, VERDICT_PASS);
	assert_int_equal(scene__rule(&s, "I36")->state, RULE_NOT_APPLICABLE);
	assert_int_equal(scene__rule(&s, "I38")->state, RULE_OK);
	scene__free(&s);
}

static void test_missing_install_hook(void **state)
{
	struct scene s;

	(void)state;
	scene__play(&s, three_joins, &join_opts, WIRE_KNOB_ON, NULL,
		    HOOK(PIDNS_INSTALL));
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(scene__violated(&s), 0);
	scene__free(&s);
}

static void test_cut_short(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL);
	s.res = judge__finish(s.j);
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_false(s.res->whole);
	assert_true(has_reason(&s, "cut short"));
	scene__free(&s);
}

static void test_wrong_number_of_records(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL);
	s.g->records++;
	gen__end(s.g);
	s.res = judge__finish(s.j);
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	scene__free(&s);
}

/* --- loss --- */

/*
 * Loses each record of a correct run in turn: never FAIL, never PASS, and the loss
 * is counted.
 */
static void lose_each(play_fn play)
{
	for (unsigned int type = 0; type < WIRE_KERNEL_TYPES; type++) {
		for (unsigned int nth = 1; nth < 40; nth++) {
			const struct mutation m[MAX_MUTATIONS] = {
				{ EDIT_LOSE, type, nth, 0, 0 },
			};
			struct scene s;
			bool hit;

			scene__play(&s, play, &join_opts, WIRE_KNOB_ON, m, 0);
			hit = s.g->lost[type];
			for (size_t i = 0; i < s.res->nrules; i++)
				if (s.res->rules[i].violations)
					fail_msg("lost %s %u: %s",
						 record__name(type), nth,
						 s.res->rules[i].text);
			assert_int_equal(s.res->verdict, hit ?
					 VERDICT_INCONCLUSIVE : VERDICT_PASS);
			assert_int_equal(s.res->lost_ring, hit);
			scene__free(&s);
			if (!hit)
				break;
		}
	}
}

static void test_no_false_fail(void **state)
{
	static const play_fn plays[] = {
		three_joins, scene_container, scene_inum_again,
		scene_zombie_outside, scene_outlived, scene_timers,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(plays) / sizeof(*plays); i++)
		lose_each(plays[i]);
}

/* Loses all records of a type, without counters that report it. */
static void test_no_false_fail_massive(void **state)
{
	(void)state;
	for (unsigned int type = 0; type < WIRE_KERNEL_TYPES; type++) {
		const struct mutation m[MAX_MUTATIONS] = {
			{ EDIT_LOSE, type, 0, 0, 0 },
		};
		struct scene s;

		begin(&s, m);
		s.res = judge__finish(s.j);	/* without statistics */
		assert_int_equal(scene__violated(&s), 0);
		assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
		scene__free(&s);
	}
}

/* The violation of a window without losses is certain. */
static void test_certain_with_loss(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_LOSE, WIRE_NS_CAPABLE, 1, 0, 0 },
		{ EDIT_VANISH, WIRE_FLUSH_PID, 3, 0, 0 },
	};
	struct scene s;

	(void)state;
	scene__play(&s, three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(&s, "I29")->state, RULE_VIOLATED);
	assert_int_equal(scene__rule(&s, "I29")->violations, 1);
	assert_int_equal(scene__rule(&s, "I11")->violations, 0);
	assert_int_equal(scene__rule(&s, "I11")->unsure, 1);
	assert_int_equal(s.res->tainted, 1);
	assert_int_equal(s.res->verdict, VERDICT_FAIL);
	scene__free(&s);
}

/* A single record can prove a violation, whatever else is lost. */
static void test_record_convicts(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_LOSE, WIRE_CHANGE_PID, 0, 0, 0 },
		{ EDIT_SET32, WIRE_SETNS_EXIT, 2, AT(wire_setns_exit, task.pid), 64 },
	};
	struct scene s;

	(void)state;
	scene__play(&s, three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(&s, "I19")->state, RULE_VIOLATED);
	assert_int_equal(scene__violated(&s), 1);
	assert_int_equal(s.res->verdict, VERDICT_FAIL);
	scene__free(&s);
}

static void with_stats(struct scene *s, unsigned int type, uint64_t map,
		       uint64_t missed)
{
	struct wire_meta_stats st = {
		.hdr = { .type = WIRE_META_STATS, .size = sizeof(st) },
		.type = type, .hits = 3, .tried = 3,
		.lost_map = map, .missed = missed,
	};

	gen__end(s->g);
	record_sink__record(judge__sink(s->j), &st.hdr);
	s->res = judge__finish(s->j);
}

/* After any loss, a count over the whole run proves no violation. */
static void test_ledger_with_loss(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_LOSE, WIRE_SWITCH_NS, 1, 0, 0 },
		{ EDIT_SET32, WIRE_NS_FREE, 1, AT(wire_pidns, pid_allocated), 0 },
		{ EDIT_VANISH, WIRE_FREE_PID, 1, 0, 0 },
	};
	struct scene s;

	(void)state;
	scene__play(&s, scene_container, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(&s, "I27")->violations, 0);
	assert_true(scene__rule(&s, "I27")->unsure >= 1);
	scene__free(&s);
}

/* --- the text of a violation --- */

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		n++;
	return n;
}

/*
 * A record with one fault has one text: that of the first rule, which names the
 * others.
 */
static void test_one_story(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_VANISH, WIRE_CHANGE_PID, 2, 0, 0 },
		{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pids[WIRE_TGID]), 64 },
	};
	const struct judge_rule *first, *second;
	struct scene s;

	(void)state;
	scene__play(&s, scene_join, &join_opts, WIRE_KNOB_ON, m, 0);
	first = scene__rule(&s, "I14");
	second = scene__rule(&s, "I17");
	assert_non_null(strstr(first->text, "breaks   I17: pids[TGID] is "));
	assert_int_equal(count(first->text, "last records before it"), 1);
	assert_non_null(strstr(second->text, "record   the same as for I14"));
	assert_int_equal(count(second->text, "last records before it"), 0);
	assert_non_null(strstr(second->text, second->rule->statement));
	assert_int_equal(first->violations, 1);
	assert_int_equal(second->violations, 1);
	scene__free(&s);
}

/* The text of a possible loss does not replace that of a certain violation. */
static void test_own_story_after_loss(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_LOSE, WIRE_CHANGE_PID, 2, 0, 0 },
		{ EDIT_SET32, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pid), 64 },
	};
	const struct judge_rule *r;
	struct scene s;

	(void)state;
	scene__play(&s, scene_join, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(&s, "I14")->violations, 0);
	assert_true(scene__rule(&s, "I14")->unsure);
	r = scene__rule(&s, "I19");
	assert_int_equal(r->violations, 1);
	assert_int_equal(count(r->text, "last records before it"), 1);
	scene__free(&s);
}

/* A leftover reference is reported with all that is known about it. */
static void test_left_over(void **state)
{
	const struct judge_rule *r;
	struct scene s;

	(void)state;
	scene__play(&s, scene_reference_left, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(&s, "I38");
	assert_int_equal(r->violations, 1);
	assert_non_null(strstr(r->text, "number 2 in pid:[4026531837]"));
	assert_non_null(strstr(r->text, "alloc_pid() record "));
	scene__free(&s);
	scene__play(&s, scene_namespace_left, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(&s, "I38");
	assert_int_equal(r->violations, 1);
	assert_non_null(strstr(r->text, "pid:[4026531837], level 1"));
	scene__free(&s);
}

/* If any BPF program did not run, a violation based on several records does not count. */
static void test_missed(void **state)
{
	static const unsigned int types[] = { WIRE_FLUSH_PID, WIRE_EXEC };
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_VANISH, WIRE_FLUSH_PID, 2, 0, 0 },
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		begin(&s, m);
		with_stats(&s, types[i], 0, 1);
		assert_int_equal(s.res->missed, 1);
		assert_int_equal(scene__rule(&s, "I29")->violations, 0);
		assert_int_equal(scene__rule(&s, "I29")->unsure, 1);
		assert_true(has_reason(&s, "did not run 1 times"));
		assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
		scene__free(&s);
	}
}

/* A violation proved by a single record counts all the same. */
static void test_missed_and_certain(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_SET32, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pid), 64 },
	};
	struct scene s;

	(void)state;
	begin(&s, m);
	with_stats(&s, WIRE_EXEC, 0, 1);
	assert_int_equal(scene__rule(&s, "I19")->violations, 1);
	assert_int_equal(scene__rule(&s, "I19")->unsure, 0);
	assert_non_null(strstr(scene__rule(&s, "I19")->text,
			       "certain  records were lost, but none that this rests on"));
	assert_int_equal(s.res->verdict, VERDICT_FAIL);
	scene__free(&s);
}

static void test_map_full(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL);
	with_stats(&s, WIRE_SETNS_ENTER, 2, 0);
	assert_int_equal(s.res->lost_map, 2);
	assert_true(has_reason(&s, "map was full"));
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	scene__free(&s);
}

static void test_fact_not_told(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_SET32, WIRE_SETNS_EXIT, 0, AT(wire_setns_exit, found_known), 0 },
	};
	struct judge_opts opts = join_opts;
	struct scene s;

	(void)state;
	scene__play(&s, three_joins, &opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(&s, "I22")->state, RULE_UNAVAILABLE);
	assert_true(has_reason(&s, "I22"));
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	scene__free(&s);
	opts.rules = "-I22";
	scene__play(&s, three_joins, &opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(s.res->verdict, VERDICT_PASS);
	scene__free(&s);
}

static void test_note(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL);
	judge__note(s.j, "the disk was %s", "full");
	judge__command(s.j, 3, 0);
	end(&s);
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(s.res->reasons[0], "the disk was full");
	assert_true(s.res->has_command);
	assert_int_equal(s.res->exit, 3);
	scene__free(&s);
}

/* --- damaged traces --- */

/* Adds a record of the loader between the last one and the end. */
static void judge_with(struct scene *s, unsigned int type, uint32_t a,
		       uint32_t b, uint64_t lost)
{
	union {
		struct wire_hdr hdr;
		struct wire_meta_hook hook;
		struct wire_meta_stats stats;
		struct wire_meta_end end;
	} r = { .hdr = { .type = (uint16_t)type } };

	begin(s, NULL);
	r.hdr.size = (uint16_t)record__body_size(type);
	if (type == WIRE_META_HOOK) {
		r.hook.hook = a;
		r.hook.error = (int32_t)b;
	} else if (type == WIRE_META_STATS) {
		r.stats.type = a;
		r.stats.lost_ring = lost;
	} else {
		r.end.records = s->g->records;
	}
	assert_int_equal(record_sink__record(judge__sink(s->j), &r.hdr), 0);
	gen__end(s->g);
	s->res = judge__finish(s->j);
}

static void test_loader_records_twice(void **state)
{
	static const struct {
		unsigned int type;
		uint32_t a, b;
		uint64_t lost;
	} cases[] = {
		/*
		 * The second record must not revoke the loss that the first one
		 * admits.
		 */
		{ WIRE_META_STATS, WIRE_FORK, 0, 7 },
		{ WIRE_META_STATS, WIRE_FORK, 0, 0 },
		{ WIRE_META_HOOK, WIRE_HOOK_FORK, 0, 0 },
		{ WIRE_META_END, 0, 0, 0 },
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		judge_with(&s, cases[i].type, cases[i].a, cases[i].b,
			   cases[i].lost);
		assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
		assert_true(has_reason(&s, "are duplicated or out of place"));
		scene__free(&s);
	}
}

static void test_records_behind_the_end(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL);
	/* The number of records is right, but one of them comes after the end. */
	s.g->records++;
	gen__end(s.g);
	s.g->records--;
	gen__exec(s.g, s.g->init, "late");
	s.res = judge__finish(s.j);
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_true(has_reason(&s, "follow the end of the trace"));
	scene__free(&s);
}

/* The missing statistics might have reported losses. */
static void test_statistics_missing(void **state)
{
	const struct wire_meta_stats stats = {
		.hdr = { .type = WIRE_META_STATS, .size = sizeof(stats) },
		.type = WIRE_FORK, .hits = 1,
	};
	struct wire_meta_end end = {
		.hdr = { .type = WIRE_META_END, .size = sizeof(end) },
	};
	struct scene s;

	(void)state;
	begin(&s, NULL);
	end.records = s.g->records;
	record_sink__record(judge__sink(s.j), &stats.hdr);
	record_sink__record(judge__sink(s.j), &end.hdr);
	s.res = judge__finish(s.j);
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_true(has_reason(&s, "lacks the statistics of"));
	scene__free(&s);
}

static void test_odd_hook_error(void **state)
{
	static const int32_t errors[] = { INT32_MIN, -5000, 1, 5, INT32_MAX };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		judge_with(&s, WIRE_META_HOOK, WIRE_HOOK_FORK,
			   (uint32_t)errors[i], 0);
		assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
		assert_false(s.res->hooks[WIRE_HOOK_FORK].attached);
		assert_true(s.res->hooks[WIRE_HOOK_FORK].error > -4096);
		assert_true(s.res->hooks[WIRE_HOOK_FORK].error < 0);
		scene__free(&s);
	}
}

static void test_impossible_cpu(void **state)
{
	const struct wire_flush_pid rec = {
		.hdr = {
			.type = WIRE_FLUSH_PID, .size = sizeof(rec),
			.cpu = 1u << 20,
		},
	};
	struct scene s;

	(void)state;
	begin(&s, NULL);
	record_sink__record(judge__sink(s.j), &rec.hdr);
	s.g->records++;
	end(&s);
	assert_int_equal(s.res->verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(s.res->nreasons, 1);
	assert_true(has_reason(&s, "name an impossible CPU"));
	scene__free(&s);
}

static void test_exit_status(void **state)
{
	(void)state;
	assert_int_equal(verdict__exit_status(VERDICT_PASS), 0);
	assert_int_equal(verdict__exit_status(VERDICT_FAIL), 1);
	assert_int_equal(verdict__exit_status(VERDICT_INCONCLUSIVE), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_stock_needs_no_join_hooks),
		cmocka_unit_test(test_knob_written_meanwhile),
		cmocka_unit_test(test_nothing_seen),
		cmocka_unit_test(test_missing_hook),
		cmocka_unit_test(test_missing_sweep),
		cmocka_unit_test(test_stock_needs_few_hooks),
		cmocka_unit_test(test_missing_install_hook),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_wrong_number_of_records),
		cmocka_unit_test(test_no_false_fail),
		cmocka_unit_test(test_no_false_fail_massive),
		cmocka_unit_test(test_certain_with_loss),
		cmocka_unit_test(test_record_convicts),
		cmocka_unit_test(test_ledger_with_loss),
		cmocka_unit_test(test_one_story),
		cmocka_unit_test(test_own_story_after_loss),
		cmocka_unit_test(test_left_over),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_missed_and_certain),
		cmocka_unit_test(test_map_full),
		cmocka_unit_test(test_fact_not_told),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_loader_records_twice),
		cmocka_unit_test(test_records_behind_the_end),
		cmocka_unit_test(test_statistics_missing),
		cmocka_unit_test(test_odd_hook_error),
		cmocka_unit_test(test_impossible_cpu),
		cmocka_unit_test(test_exit_status),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
