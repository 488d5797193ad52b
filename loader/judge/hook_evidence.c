// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds attached hooks that should have been hit and were not.
 *
 * An attached hook may still miss calls that the compiler inlined. Several hooks see
 * most events, so the records of one hook often prove that another must have been
 * hit. Only certain proofs count, so that a lossless run of a correct kernel is never
 * doubted; and only processes whose birth was seen, because others may have acted
 * before the first record.
 *
 * The pairs (pairs.h) find hooks that were hit, but missed some of their events.
 *
 * Limits: no proof exists for error_report_end; for do_notify_pidfd(), which compilers
 * inline in the file of most of its calls (kernel/signal.c of 7.3), so that a good run
 * may have no hit; and for the first delayed_free_pidns(), until the memory is
 * allocated again.
 */
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "loader/capture/hooks.h"
#include "loader/judge/state.h"

static uint64_t hits(const struct judge *j, enum wire_hook hook)
{
	enum wire_type t = hooks[hook].type;

	return j->stats[t].hits > j->seen[t] ? j->stats[t].hits : j->seen[t];
}

/* --- evidence in the records --- */

/* Counts clone(CLONE_NEWPID): the child is number 1, not in current's children_ns. */
static void look_at_fork(struct judge *j, const struct model_view *v)
{
	const struct wire_pid *pid = record__pid(v->rec, 0);
	unsigned int n = record__levels(v->rec, pid);

	if (v->current && v->current->born && n > 1 &&
	    pid->upid[n - 1].nr == 1 &&
	    v->task->active_ns != v->current->children_ns)
		j->sights[SIGHT_NS_MADE]++;
}

/* Counts unshare(CLONE_NEWPID). new_children_ns is 0 when a task exits. */
static void look_at_switch(struct judge *j, const struct model_view *v)
{
	const struct wire_switch_ns *r = (const void *)v->rec;

	if (v->subject && v->subject->born && !v->window &&
	    r->new_children_ns && r->new_children_ns != r->children_ns)
		j->sights[SIGHT_NS_MADE]++;
}

/*
 * Returns whether a waiter in another pid namespace released the task. A task is also
 * released by an exiting task, itself or its parent, or, in an exec, by a thread in
 * its own namespace. Only a waiter calls wait_consider_task(), whose hook records
 * tasks in other namespaces.
 */
static bool was_waited_for(const struct model_view *v)
{
	const struct model_task *by = v->current;

	return by && !by->exiting && by->levels && by->levels != v->subject->levels;
}

/*
 * Returns whether a thread in exec released its leader, whose start time the thread
 * has by then. Any other task is not as old as the task that releases it.
 */
static bool was_replaced(const struct model_view *v)
{
	const struct wire_release *r = (const void *)v->rec;

	return r->hdr.current_task != r->task && r->hdr.current_start == r->start;
}

static void look_at_release(struct judge *j, const struct model_view *v)
{
	const struct wire_release *r = (const void *)v->rec;

	if (!v->subject || !v->subject->born)
		return;
	j->sights[SIGHT_REAPED_ABOVE] += was_waited_for(v);
	j->sights[SIGHT_THREAD_EXEC] += was_replaced(v);
	j->sights[SIGHT_INIT_GONE] += r->leader && r->nr == 1 &&
				      v->subject->levels > 1;
}

/* The model drops a task at its RELEASE record, so this task had none. */
static void look_at_detach(struct judge *j, const struct model_view *v)
{
	if (v->subject && v->subject->born)
		j->sights[SIGHT_UNLINKED] += links__count(v->rec);
}

/* CPU timers are not inherited, so they were armed after the task's birth. */
static void look_at_timers(struct judge *j, const struct model_view *v)
{
	const uint32_t both = WIRE_T_CPU_TIMERS | WIRE_T_LEADER;

	j->sights[SIGHT_CPU_TIMERS] += v->subject && v->subject->born &&
				       (v->task->state & both) == both;
}

static void look_at_sweep(struct judge *j, const struct model_view *v)
{
	const struct wire_sweep *r = (const void *)v->rec;

	/* Counts ends only: a sweep that begins has an id not yet in the model. */
	if (r->id == model__sweep(j->model)->id &&
	    r->reason <= WIRE_SWEEP_FINAL)
		j->swept[r->reason]++;
}

static void look_at_new_ns(struct judge *j, const struct model_view *v)
{
	j->sights[SIGHT_NS_REUSED] += v->ns != NULL;
}

void judge__note_evidence(struct judge *j, const struct model_view *v)
{
	static void (*const looks[WIRE_KERNEL_TYPES])(struct judge *,
						      const struct model_view *) = {
		[WIRE_SETNS_ENTER] = look_at_timers,
		[WIRE_DETACH_PID] = look_at_detach,
		[WIRE_SWITCH_NS] = look_at_switch,
		[WIRE_FORK] = look_at_fork,
		[WIRE_EXIT] = look_at_timers,
		[WIRE_RELEASE] = look_at_release,
		[WIRE_NS_NEW] = look_at_new_ns,
		[WIRE_SWEEP] = look_at_sweep,
		[WIRE_SWEEP_TASK] = look_at_timers,
	};

	if (looks[v->rec->type])
		looks[v->rec->type](j, v);
}

/* --- hooks that must have been hit --- */

enum evidence {
	ALWAYS,		/* every run */
	TOTAL,		/* a count in model_totals */
	SIGHT,		/* the count of a sight */
};

static const struct {
	enum wire_hook hook;
	enum evidence evidence;
	size_t what;		/* offset in model_totals, or enum judge_sight */
	uint64_t least;		/* smallest count that proves a hit */
	const char *because;
} must_hit[] = {
#define IN_ANY_RUN(h, text) { WIRE_HOOK_##h, ALWAYS, 0, 0, text }
#define AFTER(h, field, n, text) \
	{ WIRE_HOOK_##h, TOTAL, offsetof(struct model_totals, field), n, text }
#define AT_SIGHT(h, sight, text) \
	{ WIRE_HOOK_##h, SIGHT, SIGHT_##sight, 1, text }
	IN_ANY_RUN(FORK, "nothing was forked in the whole run"),
	IN_ANY_RUN(EXIT, "nothing exited in the whole run"),
	AFTER(ALLOC_PID, forks, 1, "tasks were forked"),
	AFTER(ATTACH_PID, forks, 1, "tasks were forked"),
	AFTER(DETACH_PID, exits, 64, "tasks exited"),
	AFTER(FREE_PID, exits, 64, "tasks exited"),
	/* These hooks fire a grace period or two after the exits. */
	AFTER(PUT_PID, exits, 4096, "tasks exited"),
	AFTER(PID_GONE, exits, 4096, "tasks exited"),
	AFTER(SETNS_ENTER, setns, 1, "setns was called"),
	AFTER(PIDNS_INSTALL, setns_pidns_ok, 1, "setns on a pid namespace returned 0"),
	AFTER(NS_CAPABLE, installs_ok, 1, "pidns_install() returned 0"),
	AFTER(CHANGE_PID, moves, 1, "tasks joined a pid namespace"),
	AFTER(FREE_PID, moves, 1, "tasks joined a pid namespace"),
	AFTER(WAKE_PARENT, moves, 1, "tasks joined a pid namespace"),
	AFTER(FLUSH_PID, moves, 1, "tasks joined a pid namespace"),
	AFTER(COMMIT_JOIN, moves, 1, "tasks joined a pid namespace"),
	AFTER(PID_REWRITE, moves, 1, "tasks joined a pid namespace"),
#define DEEPENED "tasks joined a pid namespace with their struct pids"
	AFTER(RESERVE_NR, deepenings, 1, DEEPENED),
	AFTER(DEEPEN, deepenings, 1, DEEPENED),
	AFTER(PUBLISH_NR, deepenings, 1, DEEPENED),
	AFTER(DEEPENED, deepenings, 1, DEEPENED),
	AFTER(COMMIT_DEEPEN, deepenings, 1, DEEPENED),
#undef DEEPENED
	AFTER(EXEC, commands, 1, "a command was run"),
	AT_SIGHT(RELEASE, UNLINKED, "dead tasks lost their struct pids"),
	AT_SIGHT(NS_NEW, NS_MADE, "a task made a pid namespace"),
	AT_SIGHT(NS_FREE, NS_REUSED, "the memory of a pid namespace was reused"),
	AT_SIGHT(ZAP_ENTER, INIT_GONE, "the init of a pid namespace ended"),
	AT_SIGHT(ZAP_EXIT, INIT_GONE, "the init of a pid namespace ended"),
	AT_SIGHT(WAIT_CHILD, REAPED_ABOVE, "a task was waited for from another pid namespace"),
	AT_SIGHT(TIMER_LOCK, CPU_TIMERS, "a CPU timer was armed"),
	AT_SIGHT(EXCHANGE_TIDS, THREAD_EXEC, "a thread that is not the leader called exec"),
	AT_SIGHT(TRANSFER_PID, THREAD_EXEC, "a thread that is not the leader called exec"),
#undef IN_ANY_RUN
#undef AFTER
#undef AT_SIGHT
};

static bool has_evidence(const struct judge *j, size_t i)
{
	const char *totals = (const char *)model__totals(j->model);
	uint64_t n = 0;

	if (must_hit[i].evidence == TOTAL)
		memcpy(&n, totals + must_hit[i].what, sizeof(n));
	else
		n = j->sights[must_hit[i].what];
	return n >= must_hit[i].least;
}

static void conclude_hits(struct judge *j, hook_mask needed)
{
	for (size_t i = 0; i < ARRAY_SIZE(must_hit); i++) {
		enum wire_hook h = must_hit[i].hook;

		if (!(needed & HOOK_BIT(h)) || j->hook_error[h] || hits(j, h) ||
		    !has_evidence(j, i))
			continue;
		judge__reason(j, must_hit[i].evidence == ALWAYS ?
			      "%s: %s was never hit" :
			      "%s, but %s was never hit", must_hit[i].because,
			      hooks[h].name);
	}
	if (hits(j, WIRE_HOOK_SETNS_ENTER) && !hits(j, WIRE_HOOK_SETNS_EXIT))
		judge__reason(j, "setns was entered, but %s was never hit",
			      hooks[WIRE_HOOK_SETNS_EXIT].name);
}

/* --- pairs --- */

/* Returns the hooks of the selected rules, whether this kernel has to obey them or not. */
static hook_mask asked_hooks(const struct judge *j)
{
	hook_mask asked = 0;

	for (size_t i = 0; i < j->nrules; i++)
		if (j->tallies[i].selected)
			asked |= j->rules[i]->hooks | j->rules[i]->keep_hooks;
	/* No rule needs it, but it vouches for the creation of pid namespaces. */
	if (asked & HOOK(NS_NEW))
		asked |= HOOK(SWITCH_NS);
	return asked;
}

/*
 * A hook that no applicable rule needs may be of no use on this kernel, where its
 * function is inlined everywhere; but half of its events is a defect. A known loss
 * explains a gap.
 */
static void conclude_pairs(struct judge *j, hook_mask needed)
{
	static const struct {
		enum wire_hook hook;
		const char *text;
	} rows[] = {
#define X(e, h, text) [PAIR_##e] = { WIRE_HOOK_##h, text },
		PAIRS(X)
#undef X
	};

	hook_mask asked = asked_hooks(j);

	for (int i = 0; i < PAIRS_N && !judge__any_loss(j); i++) {
		struct pair_gap gap = pairs__gap(j->pairs, i);
		enum wire_hook h = rows[i].hook;

		if (!gap.count || !judge__can_rest_on(j, h))
			continue;
		if (!(needed & HOOK_BIT(h)) &&
		    !(gap.whole && (asked & HOOK_BIT(h))))
			continue;
		judge__reason(j, "%s missed calls: %s (%llu times, first at record %llu)",
			      hooks[h].name, rows[i].text,
			      (unsigned long long)gap.count,
			      (unsigned long long)gap.first);
		j->broken_pairs = true;
	}
}

/* Writes the ids of the run's rules that need a hook, " I19 I27". Returns the length. */
static size_t who_needs(const struct judge *j, enum wire_hook h, char *ids,
			size_t len)
{
	size_t n = 0;

	ids[0] = '\0';
	for (size_t i = 0; i < j->nrules && n < len - 8; i++) {
		enum rule_state state = j->result.rules[i].state;

		if (state != RULE_DESELECTED && state != RULE_NOT_APPLICABLE &&
		    (judge__hooks_of(j, j->rules[i]) & HOOK_BIT(h)))
			n += snprintf(ids + n, len - n, " %s", j->rules[i]->id);
	}
	return n;
}

/*
 * Checks the sweeps, which the loader makes before, after and, if the run is long
 * enough, during the run.
 */
static void conclude_sweeps(struct judge *j, hook_mask needed)
{
	bool first = j->swept[WIRE_SWEEP_START];
	bool last = j->swept[WIRE_SWEEP_FINAL];
	char ids[256];

	if (!(needed & HOOK(SWEEP)) || j->hook_error[WIRE_HOOK_SWEEP] ||
	    !j->result.whole || (first && last))
		return;
	who_needs(j, WIRE_HOOK_SWEEP, ids, sizeof(ids));
	if (!first && !last && !j->swept[WIRE_SWEEP_PERIOD])
		judge__reason(j, "no sweep over all threads was made (--sweep 0): needed by%s",
			      ids);
	else
		judge__reason(j, "no complete sweep over all threads was made %s the run: needed by%s",
			      first ? "after" : "before", ids);
}

static void name_hook(struct judge *j, int h)
{
	char ids[256];

	if (!who_needs(j, h, ids, sizeof(ids)))
		return;
	if (!j->hook_error[h])
		judge__reason(j, "hook %s may miss events without counting them: needed by%s",
			      hooks[h].name, ids);
	else
		judge__reason(j, "hook %s is not attached (%s): needed by%s",
			      hooks[h].name, j->hook_error[h] < 0 ?
			      strerror(-j->hook_error[h]) : "not in the trace",
			      ids);
}

void judge__conclude_hooks(struct judge *j, hook_mask needed)
{
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		j->result.hooks[h] = (struct judge_hook){
			.name = hooks[h].name,
			.attached = !j->hook_error[h],
			.error = j->hook_error[h],
			.needed = needed & HOOK_BIT(h),
			.hits = hits(j, h),
		};
		if (!judge__can_rest_on(j, h) && j->nhooks)
			name_hook(j, h);
	}
	if (!j->nhooks)
		judge__reason(j, "the trace does not say which hooks were attached");
	conclude_hits(j, needed);
	conclude_pairs(j, needed);
	conclude_sweeps(j, needed);
}
