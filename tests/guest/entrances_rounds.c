// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real races, round after round: the init dies while another CPU is somewhere inside
 * an entrance. Where no brake exists, only chance decides what meets; whatever
 * happens, the namespace must end in the same way.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "ns.h"
#include "ops.h"
#include "races.h"
#include "stress_word.h"

#define ROUNDS 12
#define ROUNDS_MS 500		/* the approximate limit of all rounds of a case */
#define STEP_US 60		/* each round strikes that much later */
#define CHILDREN_MAX 64

/* A round, in memory that the rival and the director share. */
struct bout {
	struct target t;
	struct actor rival;	/* on another CPU */
	_Atomic uint32_t begun;
	long member[3];		/* numbers of sleeping children of the init */
	long forks, killed;	/* by the rival; of these, by SIGKILL */
	long error;		/* which ended the rival's loop */
};

struct contest {
	actor_fn *fight;	/* the rival's part */
	bool by_init;		/* the rival is the init itself */
	bool members;		/* the init has children */
	bool forks;		/* the fork that fails at last does so with ENOMEM */
};

static void reap_all(struct bout *b)
{
	int status;

	while (waitpid(-1, &status, __WALL) > 0)
		b->killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* Forks until an error. */
static long fork_often(long bout, long b_ __maybe_unused)
{
	struct bout *b = (struct bout *)bout;
	pid_t pid = 0;

	word__set(&b->begun, 1);
	while (b->forks < CHILDREN_MAX) {
		pid = ns__clone(0, NULL);
		if (!pid)
			hold__sleep();
		if (pid < 0)
			break;
		b->forks++;
	}
	/* The init is dying, or will be: the children show when. */
	reap_all(b);
	if (pid > 0)
		pid = ns__clone(0, NULL);
	b->error = pid;
	return 0;
}

static int sleeping_child(void *arg __maybe_unused)
{
	hold__sleep();
}

/* The parent continues when the child is killed. */
static long vfork_often(long bout, long b_ __maybe_unused)
{
	static char stack[16384] __attribute__((aligned(16)));
	struct bout *b = (struct bout *)bout;

	word__set(&b->begun, 1);
	while (clone(sleeping_child, stack + sizeof(stack),
		     CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) > 0)
		b->forks++;
	b->error = -errno;
	reap_all(b);
	return 0;
}

/* Attaches to the init's children; each of them is reaped, wherever it was. */
static long seize_all(long bout, long b_ __maybe_unused)
{
	struct bout *b = (struct bout *)bout;

	word__set(&b->begun, 1);
	for (size_t i = 0; i < ARRAY_SIZE(b->member); i++)
		if (!ptrace(PTRACE_SEIZE, b->member[i], 0, 0)) {
			ptrace(PTRACE_INTERRUPT, b->member[i], 0, 0);
			b->forks++;
		}
	/* The stops come first; SIGKILL ends them, too. */
	reap_all(b);
	return 0;
}

static void *execute(void *arg)
{
	struct bout *b = arg;

	word__set(&b->begun, 1);
	execl("/proc/thread-self/exe", "entrances", ENTRANCES_SLEEP, NULL);
	return NULL;
}

/* Runs in the init: a second thread executes. */
static long execute_in_thread(long bout, long b_ __maybe_unused)
{
	pthread_t id;

	pthread_create(&id, NULL, execute, (void *)bout);
	for (;;)
		pause();
	return 0;
}

/* --- a round ------------------------------------------------------------- */

static void add_members(struct bout *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(b->member); i++)
		check__must("fork", actor__run(&b->t.init, op_fork_sleeper));
	pid_t child[ARRAY_SIZE(b->member)];

	check__eq("children of the init",
		  ns__children(b->t.init.pid, child, ARRAY_SIZE(child)),
		  ARRAY_SIZE(child));
	for (size_t i = 0; i < ARRAY_SIZE(child); i++)
		b->member[i] = child[i];
}

static struct bout *bout__make(const struct contest *c)
{
	struct bout *b = shared__alloc(sizeof(*b));

	b->t = target__make();
	if (c->by_init) {
		b->rival = b->t.init;
		actor__run(&b->rival, round__move_away);
	} else {
		b->rival = round__neighbour("rival");
		target__enter(&b->t, &b->rival);
	}
	if (c->members)
		add_members(b);
	return b;
}

static void strike_after(struct bout *b, long us)
{
	long end;

	if (word__await(&b->begun, 1, run__patience()))
		check__bail("the rival does not begin");
	end = round__now_us() + us;
	while (round__now_us() < end)
		;
	target__strike(&b->t);
}

static void fight(const struct contest *c, long us)
{
	struct bout *b = bout__make(c);

	actor__ask(&b->rival, c->fight, (long)b, 0);
	strike_after(b, us);
	if (!c->by_init) {
		actor__answer(&b->rival);
		check__eq("children or tracees killed", b->killed, b->forks);
	}
	if (c->forks)
		check__err("the last fork", b->error, -ENOMEM);
	target__check_reaped(&b->t);
	if (!c->by_init)
		target__dismiss(&b->rival);
	target__check_freed(&b->t);
}

static void rounds(const void *arg)
{
	const long end = ns__now_ms() + ROUNDS_MS;

	for (int i = 0; i < 2 || (i < ROUNDS && ns__now_ms() < end); i++)
		fight(arg, (i * 7 % ROUNDS) * STEP_US);
}

static const struct contest
	forks = { .fight = fork_often, .forks = true },
	vforks = { .fight = vfork_often, .forks = true },
	seizes = { .fight = seize_all, .members = true },
	executes = { .fight = execute_in_thread, .by_init = true };

static const struct test_case cases[] = {
	ENTRANCE_WITH("rounds: forks from outside", rounds, &forks),
	ENTRANCE_WITH("rounds: vforks from outside", rounds, &vforks),
	ENTRANCE_WITH("rounds: a tracer attaches from outside", rounds, &seizes),
	ENTRANCE_WITH("rounds: a thread of the init executes", rounds, &executes),
};

PROGRAM_PART(entrances_rounds__add, cases)
