// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the reasons of a setns() that failed: each condition by a call that it explains,
 * and each error by a call without a known reason.
 */
#include <errno.h>

#include "lib/array.h"
#include "machine.h"
#include "test.h"

#define OTHER_USER_NS	0xffff888300001000ull

/* A setns() by the caller on a namespace. */
struct entry {
	struct machine m;
	struct gen_task *caller;
	struct gen_ns *target;
};

struct refusal {
	const char *name;
	int error;
	uint32_t knob;
	void (*prepare)(struct entry *e);	/* before the call */
	void (*check)(struct entry *e);		/* before pidns_install() returns */
	const char *line;
};

static void lacks_target_cap(struct entry *e)
{
	gen__capable(e->m.gen, e->caller, e->target->user_ns, false);
}

static void lacks_own_cap(struct entry *e)
{
	gen__capable(e->m.gen, e->caller, e->target->user_ns, true);
	gen__capable(e->m.gen, e->caller, e->m.gen->ns[0].user_ns, false);
}

static void has_caps(struct entry *e)
{
	gen__capable(e->m.gen, e->caller, e->target->user_ns, true);
	gen__capable(e->m.gen, e->caller, e->m.gen->ns[0].user_ns, true);
}

/* The owner of the target is below the initial user namespace. */
static void owned_below(struct entry *e)
{
	e->target->user_ns = OTHER_USER_NS;
}

static void caller_is_init(struct entry *e)
{
	e->caller = gen__container(e->m.gen, e->m.me)->child_reaper;
}

static void target_is_own(struct entry *e)
{
	e->target = e->caller->children_ns;
}

static void target_without_init(struct entry *e)
{
	e->target->child_reaper = NULL;
}

static void caller_leads_nothing(struct entry *e)
{
	e->caller = gen__fork(e->m.gen, e->m.me);
}

static void caller_leads_group(struct entry *e)
{
	caller_leads_nothing(e);
	gen__change_pid(e->m.gen, e->caller, e->caller, WIRE_PGID,
			e->caller->thread_pid);
}

static void caller_has_thread(struct entry *e)
{
	e->caller->nr_threads = 2;
}

#define STATE(bit) \
	static void state_##bit(struct entry *e) { e->caller->state |= WIRE_T_##bit; }
STATE(CHILDREN)
STATE(TRACEES)
STATE(TRACED)
STATE(TTY)
STATE(POSIX_TIMERS)

static void session_is_shared(struct entry *e)
{
	e->caller->thread_pid->members[WIRE_SID] = 2;
}

static void init_is_dead(struct entry *e)
{
	has_caps(e);
	e->target->pid_allocated &= ~GEN_ADDING;
	gen__alloc_fails(e->m.gen, e->caller, e->target, -ENOMEM);
}

static void no_memory(struct entry *e)
{
	has_caps(e);
	gen__alloc_fails(e->m.gen, e->caller, e->target, -ENOMEM);
}

static void no_free_number(struct entry *e)
{
	has_caps(e);
	gen__alloc_fails(e->m.gen, e->caller, e->target, -EAGAIN);
}

static void init_is_dead_keep(struct entry *e)
{
	has_caps(e);
	e->target->pid_allocated &= ~GEN_ADDING;
	gen__reserve_fails(e->m.gen, e->caller, e->target, -ENOMEM);
}

static void no_memory_keep(struct entry *e)
{
	has_caps(e);
	gen__reserve_fails(e->m.gen, e->caller, e->target, -ENOMEM);
}

static void no_free_number_keep(struct entry *e)
{
	has_caps(e);
	gen__reserve_fails(e->m.gen, e->caller, e->target, -EAGAIN);
}

static const struct refusal refusals[] = {
#define STOCK WIRE_KNOB_NONE
#define JOIN WIRE_KNOB_ON
#define KEEP WIRE_KNOB_KEEP
	{ "no capability over the target", EPERM, STOCK, NULL, lacks_target_cap,
	  "EPERM, no CAP_SYS_ADMIN in the user namespace of pid:[4026531837]" },
	{ "no capability over the own user namespace", EPERM, STOCK, owned_below,
	  lacks_own_cap, "EPERM, no CAP_SYS_ADMIN in its own user namespace" },
	{ "another reason for EPERM", EPERM, STOCK, NULL, has_caps,
	  "EPERM (Operation not permitted)" },
	{ "not below", EINVAL, STOCK, NULL, has_caps,
	  "EINVAL, pid:[4026531837] is not below pid:[4026531836], where it lives" },
	{ "not below, knob off", EINVAL, WIRE_KNOB_OFF, NULL, has_caps,
	  "EINVAL, pid:[4026531837] is not below pid:[4026531836], where it lives" },
	{ "init", EINVAL, JOIN, caller_is_init, has_caps,
	  "EINVAL, it is the init of pid:[4026531838]" },
	{ "no child", EPERM, JOIN, target_is_own, has_caps,
	  "EPERM, pid:[4026531836] is not a child of pid:[4026531836], where it lives" },
	{ "no init", EINVAL, JOIN, target_without_init, has_caps,
	  "EINVAL, pid:[4026531837] has no init" },
	{ "another reason for EINVAL", EINVAL, JOIN, NULL, has_caps,
	  "EINVAL (Invalid argument)" },
	{ "no leader", EPERM, JOIN, caller_leads_nothing, has_caps,
	  "EPERM, it does not lead its process group" },
	{ "no session leader", EPERM, JOIN, caller_leads_group, has_caps,
	  "EPERM, it does not lead its session" },
	{ "a leader", EPERM, JOIN, NULL, has_caps, "EPERM (Operation not permitted)" },
	{ "threads", EUSERS, JOIN, caller_has_thread, has_caps, "EUSERS, it has 2 threads" },
	{ "children", EBUSY, JOIN, state_CHILDREN, has_caps, "EBUSY, it has children" },
	{ "tracees", EBUSY, JOIN, state_TRACEES, has_caps, "EBUSY, it traces a process" },
	{ "traced", EBUSY, JOIN, state_TRACED, has_caps, "EBUSY, it is traced" },
	{ "session", EBUSY, JOIN, session_is_shared, has_caps, "EBUSY, it shares its session" },
	{ "terminal", EBUSY, JOIN, state_TTY, has_caps, "EBUSY, it has a controlling terminal" },
	{ "timers", EBUSY, JOIN, state_POSIX_TIMERS, has_caps,
	  "EBUSY, it has timers from timer_create()" },
	{ "busy otherwise", EBUSY, JOIN, NULL, has_caps, "EBUSY (Device or resource busy)" },
	{ "dead init", ENOMEM, JOIN, NULL, init_is_dead,
	  "ENOMEM, the init of pid:[4026531837] is dead" },
	{ "no memory", ENOMEM, JOIN, NULL, no_memory, "ENOMEM (Cannot allocate memory)" },
	{ "no number", EAGAIN, JOIN, NULL, no_free_number,
	  "EAGAIN, no number is free in pid:[4026531837] or above it" },
	{ "init, keep", EINVAL, KEEP, caller_is_init, has_caps,
	  "EINVAL, it is the init of pid:[4026531838]" },
	{ "no child, keep", EPERM, KEEP, target_is_own, has_caps,
	  "EPERM, pid:[4026531836] is not a child of pid:[4026531836], where it lives" },
	{ "no init, keep", EINVAL, KEEP, target_without_init, has_caps,
	  "EINVAL, pid:[4026531837] has no init" },
	{ "no leader, which keep does not ask for", EPERM, KEEP, caller_leads_nothing, has_caps,
	  "EPERM (Operation not permitted)" },
	{ "no room", EOVERFLOW, KEEP, NULL, has_caps,
	  "EOVERFLOW, its struct pid has no room for a number at level 1" },
	{ "no room, another reason", EOVERFLOW, JOIN, NULL, has_caps,
	  "EOVERFLOW (Value too large for defined data type)" },
	{ "threads, keep", EUSERS, KEEP, caller_has_thread, has_caps, "EUSERS, it has 2 threads" },
	{ "children, keep", EBUSY, KEEP, state_CHILDREN, has_caps, "EBUSY, it has children" },
	{ "tracees, keep", EBUSY, KEEP, state_TRACEES, has_caps, "EBUSY, it traces a process" },
	{ "terminal, which keep leaves", EBUSY, KEEP, state_TTY, has_caps,
	  "EBUSY (Device or resource busy)" },
	{ "dead init, keep", ENOMEM, KEEP, NULL, init_is_dead_keep,
	  "ENOMEM, the init of pid:[4026531837] is dead" },
	{ "no memory, keep", ENOMEM, KEEP, NULL, no_memory_keep,
	  "ENOMEM (Cannot allocate memory)" },
	{ "no number, keep", EAGAIN, KEEP, NULL, no_free_number_keep,
	  "EAGAIN, no number is free in pid:[4026531837]" },
	{ "no number without a record", EAGAIN, JOIN, NULL, has_caps,
	  "EAGAIN (Resource temporarily unavailable)" },
};

static void test_refusal(void **state)
{
	const struct refusal *r = *state;
	struct entry e;
	struct gen *g;

	machine__begin(&e.m);
	g = e.m.gen;
	e.target = gen__container(g, g->init);
	e.caller = gen__candidate(g, e.m.me);
	g->knob = r->knob;
	if (r->prepare)
		r->prepare(&e);
	gen__enter(g, e.caller, e.target, GEN_NEWPID);
	r->check(&e);
	gen__installed(g, e.caller, e.target, -r->error);
	gen__leave(g, e.caller, GEN_NEWPID, -r->error);
	machine__end(&e.m, r->line);
}

/* A later namespace refused: the pid namespace did not. */
static void test_late(void **)
{
	struct machine m;
	struct gen_ns *ns;

	machine__begin(&m);
	ns = gen__container(m.gen, m.gen->init);
	gen__enter(m.gen, m.me, ns, GEN_NEWPID | GEN_NEWNET);
	gen__installed(m.gen, m.me, ns, 0);
	gen__leave(m.gen, m.me, GEN_NEWPID | GEN_NEWNET, -EINVAL);
	machine__end(&m, "EINVAL (Invalid argument)");
}

/* --- before pidns_install() --- */

static const struct early {
	const char *name;
	int error;
	uint32_t kind;	/* the file's */
	uint32_t type;	/* the namespace's */
	uint32_t flags;	/* the call's */
	const char *line;
} early[] = {
	{ "another kind of namespace", EINVAL, WIRE_FD_NSFS, GEN_NEWNET, GEN_NEWPID,
	  "EINVAL, the file is a net namespace" },
	{ "the kind asked for", EINVAL, WIRE_FD_NSFS, GEN_NEWPID, GEN_NEWPID,
	  "EINVAL (Invalid argument)" },
	{ "any kind", EINVAL, WIRE_FD_NSFS, GEN_NEWNET, 0, "EINVAL (Invalid argument)" },
	{ "a pidfd without flags", EINVAL, WIRE_FD_PIDFD, 0, 0,
	  "EINVAL, a pidfd needs flags" },
	{ "a pidfd with flags", EINVAL, WIRE_FD_PIDFD, 0, GEN_NEWPID,
	  "EINVAL (Invalid argument)" },
	{ "a pidfd of another user", EPERM, WIRE_FD_PIDFD, 0, GEN_NEWPID,
	  "EPERM, no right to trace process 7" },
	{ "a pidfd, with another namespace", EPERM, WIRE_FD_PIDFD, 0,
	  GEN_NEWPID | GEN_NEWNET, "EPERM (Operation not permitted)" },
};

static enum gen_fate change_entry(struct gen *g, struct wire_hdr *rec)
{
	const struct early *e = g->arg;
	struct wire_setns_enter *r = (void *)rec;

	if (rec->type != WIRE_SETNS_ENTER)
		return GEN_EMIT;
	r->fd_kind = e->kind;
	r->fd_ns_type = e->type;
	r->flags = e->flags;
	r->fd_pid = 7;
	return GEN_EMIT;
}

static void test_early(void **state)
{
	const struct early *e = *state;
	struct machine m;

	machine__begin(&m);
	m.gen->filter = change_entry;
	m.gen->arg = *state;
	gen__enter_other(m.gen, m.me);
	gen__leave(m.gen, m.me, e->flags, -e->error);
	machine__end(&m, e->line);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(refusals) + ARRAY_SIZE(early) + 1] = {
		cmocka_unit_test(test_late),
	};
	size_t n = 1;

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		tests[n++] = ROW_TEST(test_refusal, &refusals[i]);
	for (size_t i = 0; i < ARRAY_SIZE(early); i++)
		tests[n++] = ROW_TEST(test_early, &early[i]);
	return _cmocka_run_group_tests("refusal", tests, n, NULL, NULL);
}
