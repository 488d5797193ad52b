/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stress: what its parts share.
 *
 * One process (stress.c) forks two to four workers; each runs its own
 * sequence of operations, drawn from the table in stress_ops.c, but for those
 * that are dealt to it (stress_deal.h). An operation
 * forks a crew of tasks (stress_crew.h) that do the dangerous things
 * (stress_self.h) in trees of namespaces (stress_tree.h), while the worker
 * itself plays the neighbour, the parent or the enemy.
 */
#ifndef GUEST_STRESS_H
#define GUEST_STRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stress_count.h"
#include "stress_deal.h"
#include "stress_rng.h"
#include "stress_tree.h"
#include "stress_word.h"

/* What setns(CLONE_NEWPID) is expected to do. */
enum stress_mode {
	MODE_MAINLINE,	/* it moves the children to come */
	MODE_JOIN,	/* it moves the caller */
	MODE_SEED,	/* the same, in the broken way of 2012 */
	MODE__NR
};

#define STRESS_MAX_WORKERS	4
#define CREW_MAX		8

/* How far a crew member got: the worker waits for these. */
enum slot_phase {
	SLOT_BORN,
	SLOT_READY,	/* stands at the gate */
	SLOT_DONE,	/* has done its part, waits for GATE_LEAVE or goes */
};

/* What the worker tells its crew. */
enum gate {
	GATE_SHUT,
	GATE_OPEN,
	GATE_LEAVE,
	GATE_NEVER,	/* never told: who waits for it waits for SIGKILL */
};

/*
 * What a crew member leaves behind, dead or alive. Only the member writes it.
 * @called is counted before a setns, @back after it, see stress_count.h.
 */
struct slot {
	_Atomic uint32_t phase;
	_Atomic uint32_t called;
	_Atomic uint64_t back;		/* see slot__came_back() */
	_Atomic int32_t number;		/* in the worker's namespace */
	_Atomic uint32_t bad;		/* @text says what the member found */
	_Atomic uint32_t word[2];	/* between the member and its children */
	int32_t rc;			/* result of its (last) setns */
	int32_t aux[2];			/* what else the operation wants to know */
	bool pid_zero;			/* getpid() was 0 after the move */
	bool skipped;
	char text[COUNT_TEXT];
};

/*
 * All that is to be said of one more setns that came back, in one store: a
 * SIGKILL finds it done or not done. 20 bits each for those that succeeded,
 * failed, and moved the caller.
 */
#define SLOT_BITS	20

static inline void slot__came_back(struct slot *s, bool ok, bool moved)
{
	atomic_fetch_add(&s->back, (uint64_t)ok | (uint64_t)!ok << SLOT_BITS |
				   (uint64_t)moved << 2 * SLOT_BITS);
}

static inline uint32_t slot__field(struct slot *s, int nr)
{
	return atomic_load(&s->back) >> nr * SLOT_BITS &
	       ((1u << SLOT_BITS) - 1);
}

static inline uint32_t slot__ok(struct slot *s)
{
	return slot__field(s, 0);
}

static inline uint32_t slot__err(struct slot *s)
{
	return slot__field(s, 1);
}

static inline uint32_t slot__moved(struct slot *s)
{
	return slot__field(s, 2);
}

/* Calls that were about to be made, and of which no more is known. */
static inline uint32_t slot__lost(struct slot *s)
{
	return atomic_load(&s->called) - slot__ok(s) - slot__err(s);
}

struct worker_area {
	_Atomic uint32_t done;		/* operations finished */
	_Atomic uint32_t op;		/* the one it is in: index into the table */
	_Atomic uint32_t gate;		/* enum gate */
	_Atomic uint32_t over;		/* ended in order */
	pid_t pid;
	struct slot slot[CREW_MAX];
	struct node own[TREE_MAX];	/* its standing tree */
	struct node brief[TREE_MAX];	/* the one an operation makes */
};

struct shared {
	struct counts counts;
	struct op_stats stats[COUNT_MAX_OPS];
	struct worker_area worker[STRESS_MAX_WORKERS];
	struct node common[TREE_MAX];
	struct deal deal;
	enum stress_mode mode;
	uint32_t only;			/* mask of ops, by index */
	uint64_t seed;
	int levels;			/* numbers that stress itself has */
};

/* Mapped MAP_SHARED before the first fork. */
extern struct shared *shared;

/* setns() on a pid namespace moves the caller. */
static inline bool stress__moves(void)
{
	return shared->mode != MODE_MAINLINE;
}

/* One worker: its private side. */
struct worker {
	int id;
	struct worker_area *area;
	const struct tree *common;	/* stands as long as stress runs */
	struct tree own;		/* regrown now and then */
	int own_ns;			/* fd of the namespace stress is in */
};

/* Runs @nr operations, those dealt to it and others; never returns. */
void worker__run(int id, unsigned int nr, const struct tree *common)
	__attribute__((noreturn));

/* The table of operations (stress_ops.c). */
struct run;

struct op {
	const char *name;
	const char *what;
	unsigned int weight[MODE__NR];	/* 0: not in this mode */
	void (*run)(struct run *);
};

extern const struct op ops[];
extern const unsigned int ops_nr;

/* Weight in this run: 0 if it is not for this mode, or not wanted. */
unsigned int ops__weight(unsigned int op);

/* Draws an index into ops, by weight. */
unsigned int ops__draw(struct rng *r);

/* Entry of the program that crew members exec. Never returns. */
void stress__probe(char **argv) __attribute__((noreturn));

#endif
