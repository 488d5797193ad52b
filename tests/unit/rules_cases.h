/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares, for each clause of each rule, a trace that only this clause can find wrong
 * and, for each condition of a rule, a trace that the rule must accept.
 */
#ifndef TESTS_UNIT_RULES_CASES_H
#define TESTS_UNIT_RULES_CASES_H

#include "rules_scenes.h"

/* A trace that violates a rule, with the words of one of its clauses. */
struct guilty {
	const char *rule;
	const char *how;
	const char *says;		/* words of the clause */
	play_fn play;
	enum semantics semantics;
	uint32_t knob;
	struct mutation mutations[MAX_MUTATIONS];
};

#define ANY_NUMBER (-1)

/* A trace that a rule must accept, whatever other rules report. */
struct silent {
	const char *rule;
	const char *where;
	play_fn play;
	enum semantics semantics;
	uint32_t knob;
	int checked;			/* times the rule was checked, or ANY_NUMBER */
	struct mutation mutations[MAX_MUTATIONS];
};

extern const struct guilty rules_guilty[];
extern const struct silent rules_silent[];
extern const size_t rules_guilty_count, rules_silent_count;

/* --- short names, for the tables --- */

#define J SEMANTICS_JOIN
#define AUTO SEMANTICS_AUTO
#define SEED SEMANTICS_SEED
#define ON WIRE_KNOB_ON
#define OFF WIRE_KNOB_OFF
#define NONE WIRE_KNOB_NONE

#define OF_SETNS_ENTER		wire_setns_enter
#define OF_SETNS_EXIT		wire_setns_exit
#define OF_PIDNS_INSTALL	wire_pidns_install
#define OF_NS_CAPABLE		wire_ns_capable
#define OF_ALLOC_PID		wire_alloc_pid
#define OF_FREE_PID		wire_free_pid
#define OF_PUT_PID		wire_put_pid
#define OF_ATTACH_PID		wire_link_pid
#define OF_DETACH_PID		wire_link_pid
#define OF_CHANGE_PID		wire_change_pid
#define OF_EXCHANGE_TIDS	wire_two_tasks
#define OF_TRANSFER_PID		wire_two_tasks
#define OF_SWITCH_NS		wire_switch_ns
#define OF_COMMIT_JOIN		wire_commit_join
#define OF_PID_REWRITE		wire_pid_rewrite
#define OF_FLUSH_PID		wire_flush_pid
#define OF_FORK			wire_fork
#define OF_EXEC			wire_life
#define OF_EXIT			wire_life
#define OF_RELEASE		wire_life
#define OF_ERROR_REPORT		wire_error_report
#define OF_PID_GONE		wire_pid_gone
#define OF_NS_NEW		wire_pidns
#define OF_NS_FREE		wire_pidns
#define OF_ZAP_EXIT		wire_pidns
#define OF_WAKE_PARENT		wire_wake_parent
#define OF_WAIT_CHILD		wire_wait_child
#define OF_NOTIFY_PIDFD		wire_notify_pidfd
#define OF_TIMER_LOCK		wire_timer_lock
#define OF_SWEEP		wire_sweep
#define OF_SWEEP_TASK		wire_sweep_task

/* A field of the nth record of a type (0: of each), or of image i after it. */
#define SET32(type, nth, field, v) \
	{ EDIT_SET32, WIRE_##type, nth, AT(OF_##type, field), v }
#define SET64(type, nth, field, v) \
	{ EDIT_SET64, WIRE_##type, nth, AT(OF_##type, field), v }
#define IMG32(type, nth, i, field, v) \
	{ EDIT_SET32, WIRE_##type, nth, IMAGE(OF_##type, i, field), v }
#define IMG64(type, nth, i, field, v) \
	{ EDIT_SET64, WIRE_##type, nth, IMAGE(OF_##type, i, field), v }
#define VANISH(type, nth) { EDIT_VANISH, WIRE_##type, nth, 0, 0 }
#define LOSE(type, nth) { EDIT_LOSE, WIRE_##type, nth, 0, 0 }

/* hdr.flags of records with n images; the lock is held or not. */
#define FLAGS(type, nth, n, f) \
	SET32(type, nth, hdr.npids, \
	      (n) | ((n) ? GEN_LEVELS : 0) << 8 | (uint32_t)(f) << 16)
#define HELD (WIRE_F_TASKLIST_KNOWN | WIRE_F_TASKLIST_WRITE)

#endif /* TESTS_UNIT_RULES_CASES_H */
