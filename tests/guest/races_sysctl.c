// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysctl is switched continuously while setns reads it. setns must be
 * consistent with the value that it read. The caller names its own pid
 * namespace: a join refuses this, mainline's setns succeeds, and the caller
 * moves in neither case.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "beat.h"
#include "ns.h"
#include "ops.h"
#include "races.h"
#include "stress_word.h"

/*
 * Limits the calls so that a tracer can keep up. An emulator with one thread
 * for all CPUs may make this many calls before it runs the CPU that switches,
 * so a pause precedes each later call.
 */
#define CALLS 2000
#define PAUSE_US 1000

/* Switches the sysctl until the joiner is done. Returns the number of writes. */
static long switch_knob(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;
	const char *value = r->keep ? "2" : "1";
	int knob = open(NS_KNOB, O_WRONLY | O_CLOEXEC);
	long writes = 0;

	if (knob < 0)
		return -errno;
	round__arm(r);
	while (!atomic_load(&r->done)) {
		if (pwrite(knob, writes & 1 ? value : "0", 1, 0) != 1)
			break;
		writes++;
	}
	close(knob);
	return writes;
}

/* found: the number of refusals and of successes. */
static long call_often(long round, long fd)
{
	struct round *r = (struct round *)round;
	const long end = beat__now_ms() + run__patience() / 2;
	const pid_t pid = getpid();
	long err = 0;

	for (int i = 0; (i < CALLS || !r->found[0] || !r->found[1]) &&
	     beat__now_ms() < end && (!err || err == -EPERM); i++) {
		if (i >= CALLS)
			usleep(PAUSE_US);
		err = ns__set(fd, CLONE_NEWPID);
		r->found[err == 0]++;
		if (getpid() != pid)
			return -ESTALE;
	}
	close(fd);
	return err == -EPERM ? 0 : err;
}

/* *arg: between 0 and 2, not between 0 and 1. */
static void switched(const void *arg)
{
	struct round *r = shared__alloc(sizeof(*r));
	struct actor caller, neighbour;
	int own = check__must("own pid ns", ns__open(getpid(), "pid"));

	r->keep = *(const bool *)arg;
	neighbour = round__neighbour("who switches");
	caller = actor__spawn("caller", NULL, 0);
	check__must("setsid", actor__run(&caller, op_setsid));
	round__go(r, &neighbour, switch_knob);
	check__err("setns: neither 0 nor EPERM, or it moved",
		   actor__call(&caller, call_often, (long)r,
			       actor__give(&caller, own)), 0);
	word__set(&r->done, 1);
	check__true("it was switched", actor__answer(&neighbour) > 2);
	check__true("refused, by the rules of a join", r->found[0] > 0);
	check__true("returned 0, by those of mainline", r->found[1] > 0);
	check__must("knob", ns__knob_set(r->keep ? 2 : 1));
}

static const bool no = false, yes = true;
static const struct test_case cases[] = {
	RACE_WITH("the sysctl is switched while setns reads it", switched, &no),
	CASE_WITH(WHERE_KEEP, "keep: the sysctl is switched while setns reads it",
		  switched, &yes),
};

PROGRAM_PART(races_sysctl__add, cases)
