/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declarations shared by the parts of the stress program.
 *
 * One process (stress.c) forks two to four workers. Each worker runs its own
 * sequence of operations: some are dealt to it (stress_deal.h), the others
 * drawn from the table in stress_ops.c. An operation forks a crew of tasks
 * (stress_crew.h) that run the dangerous calls (stress_self.h) in trees of
 * namespaces (stress_tree.h), while the worker itself acts as neighbour, parent
 * or attacker.
 */
#ifndef TESTS_GUEST_STRESS_H
#define TESTS_GUEST_STRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stress_count.h"
#include "stress_deal.h"
#include "stress_rng.h"
#include "stress_tree.h"
#include "stress_word.h"

/* Expected effect of setns(CLONE_NEWPID). */
enum stress_mode {
	MODE_MAINLINE,	/* moves future children */
	MODE_JOIN,	/* moves the caller */
	MODE_SEED,	/* moves the caller, with the bugs of 2012 */
	MODE_KEEP,	/* moves the caller, which keeps its struct pid */
	MODE__NR
};

#define STRESS_MAX_WORKERS	4
#define CREW_MAX		8

/* Progress of a crew member; the worker waits for these. */
enum slot_phase {
	SLOT_BORN,
	SLOT_READY,	/* waits at the gate */
	SLOT_DONE,	/* finished its part; waits for GATE_LEAVE or exits */
};

/* Orders of the worker to its crew. */
enum gate {
	GATE_SHUT,
	GATE_OPEN,
	GATE_LEAVE,
	GATE_NEVER,	/* never set: a task that waits for it waits for SIGKILL */
};

/*
 * Results of a crew member, kept even if it dies. Only the member writes them.
 * @called is counted before a setns(), @back after it, see stress_count.h.
 */
struct slot {
	_Atomic uint32_t phase;
	_Atomic uint32_t called;
	_Atomic uint64_t back;		/* see slot__came_back() */
	_Atomic int32_t number;		/* number in the worker's namespace */
	_Atomic uint32_t bad;		/* @text describes the member's failure */
	_Atomic uint32_t word[2];	/* shared by the member and its children */
	int32_t rc;			/* result of the (last) setns() */
	int32_t aux[2];			/* further results, for the operation */
	bool pid_zero;			/* getpid() was 0 after the move */
	bool skipped;
	char text[COUNT_TEXT];
};

/*
 * Counts, with a single store, a setns() that returned: a SIGKILL finds the count
 * either done or not done. 20 bits each hold the calls that succeeded, failed, and
 * moved the caller.
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

/* Number of calls that were about to be made, without a known result. */
static inline uint32_t slot__lost(struct slot *s)
{
	return atomic_load(&s->called) - slot__ok(s) - slot__err(s);
}

struct worker_area {
	_Atomic uint32_t done;		/* operations finished */
	_Atomic uint32_t op;		/* current operation: index into the table */
	_Atomic uint32_t gate;		/* enum gate */
	_Atomic uint32_t over;		/* the worker ended without error */
	pid_t pid;
	struct slot slot[CREW_MAX];
	struct node own[TREE_MAX];	/* the worker's standing tree */
	struct node brief[TREE_MAX];	/* tree made by one operation */
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
	int levels;			/* pid namespace levels of stress itself */
};

/* Mapped MAP_SHARED before the first fork. */
extern struct shared *shared;

/* Returns true if setns() on a pid namespace moves the caller. */
static inline bool stress__moves(void)
{
	return shared->mode != MODE_MAINLINE;
}

/* Returns true if a caller that moves gets new numbers in the old namespaces. */
static inline bool stress__renumbers(void)
{
	return shared->mode == MODE_JOIN || shared->mode == MODE_SEED;
}

/* Private state of a worker. */
struct worker {
	int id;
	struct worker_area *area;
	const struct tree *common;	/* lives as long as stress runs */
	struct tree own;		/* regrown every TREE_LIFE operations */
	int own_ns;			/* fd of the pid namespace of stress */
};

/* Runs @nr operations, dealt and drawn; never returns. */
void worker__run(int id, unsigned int nr, const struct tree *common)
	__attribute__((noreturn));

/* The table of operations (stress_ops.c). */
struct trial;
typedef void op_fn(struct trial *run);

struct op {
	const char *name;
	const char *what;
	unsigned int weight[MODE__NR];	/* 0: not in this mode */
	op_fn *run;
};

extern const struct op ops[];
extern const unsigned int ops_nr;

/* Weight in this run: 0 if the mode or --only excludes the operation. */
unsigned int ops__weight(unsigned int op);

/* Entry point of the program that crew members exec. Never returns. */
void stress__probe(char **argv) __attribute__((noreturn));

#endif /* TESTS_GUEST_STRESS_H */
