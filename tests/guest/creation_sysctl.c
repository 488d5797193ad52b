// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysctls of a pid namespace: each belongs to the caller's active
 * namespace, for reading and writing, whatever the namespace of its children
 * is; and what holds for the namespaces below. cases_gate.c has
 * kernel.setns_pid_join.
 */
#include "creation.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "actor.h"
#include "creation_call.h"
#include "ns.h"
#include "ops.h"

#define MEMFD_NOEXEC	"/proc/sys/vm/memfd_noexec"

/* Linux 6.3; older headers do not have them. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U
#define MFD_EXEC	0x0010U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC	0x0020
#endif

/* For actors: (path), (path, value). The actors are copies of the director. */
static long get(long path, long b __maybe_unused)
{
	return file__get((const char *)path);
}

static long set(long path, long value)
{
	return file__set((const char *)path, value);
}

static long get_of(const struct actor *x, const char *path)
{
	return actor__call(x, get, (long)path, 0);
}

static long set_of(const struct actor *x, const char *path, long value)
{
	return actor__call(x, set, (long)path, value);
}

/* Pid namespaces, each in the one before. The actors are their inits. */
enum { OUTER, MIDDLE, INNER, NR };

struct nest {
	struct actor init[NR];
	/* A process in OUTER, whose children are born in MIDDLE. */
	struct actor between;
};

static struct nest nest(const char *path)
{
	static const char *const names[] = { "outer", "middle", "inner" };
	struct nest n;
	int fd;

	if (file__get(path) == -ENOENT)
		check__skip("the kernel has no %s", path);
	for (int i = 0; i < NR; i++)
		n.init[i] = actor__spawn(names[i], i ? &n.init[i - 1] : NULL,
					 CLONE_NEWPID);
	n.between = actor__spawn("between", &n.init[OUTER], 0);
	fd = check__must("pid ns", ns__open(n.init[MIDDLE].pid, "pid"));
	check__must("setns", actor__call(&n.between, op_setns,
					 actor__give(&n.between, fd),
					 CLONE_NEWPID));
	close(fd);
	return n;
}

/* --- vm.memfd_noexec ------------------------------------------------------ */

/*
 * 0: executable unless asked otherwise. 1: the opposite. 2: never executable.
 */
enum { NOEXEC_VALUES = 3 };

/* For actors: (flags). Returns whether the file is sealed, or -errno. */
static long memfd(long flags, long b __maybe_unused)
{
	int fd = memfd_create("creation", flags), seals;

	if (fd < 0)
		return -errno;
	seals = fcntl(fd, F_GET_SEALS);
	close(fd);
	return seals < 0 ? -errno : !!(seals & F_SEAL_EXEC);
}

/* Checks what the value @effective means for a process. */
static void check_memfd(const struct actor *x, const char *where,
			long effective)
{
	char what[96];

	snprintf(what, sizeof(what), "%s, value read", where);
	check__eq(what, get_of(x, MEMFD_NOEXEC), effective);
	snprintf(what, sizeof(what), "%s, memfd_create() at %ld", where,
		 effective);
	check__err(what, actor__call(x, memfd, 0, 0), effective > 0);
	snprintf(what, sizeof(what), "%s, MFD_EXEC at %ld", where, effective);
	check__err(what, actor__call(x, memfd, MFD_EXEC, 0),
		   effective == 2 ? -EACCES : 0);
	snprintf(what, sizeof(what), "%s, MFD_NOEXEC_SEAL at %ld", where,
		 effective);
	check__err(what, actor__call(x, memfd, MFD_NOEXEC_SEAL, 0), 1);
}

/*
 * Sets all three values. A value below that of an outer namespace is refused,
 * so the outer ones are lowered first, and set last.
 */
static void set_nest(const struct nest *n, const int value[])
{
	char what[64];

	snprintf(what, sizeof(what), "set %d, %d, %d", value[OUTER],
		 value[MIDDLE], value[INNER]);
	for (int i = 0; i < NR; i++)
		check__err("set 0", set_of(&n->init[i], MEMFD_NOEXEC, 0), 0);
	for (int i = NR - 1; i >= 0; i--)
		check__err(what, set_of(&n->init[i], MEMFD_NOEXEC, value[i]),
			   0);
}

static void memfd_hierarchy(void)
{
	struct nest n = nest(MEMFD_NOEXEC);
	char where[64];

	for (int all = 0; all < NOEXEC_VALUES * NOEXEC_VALUES * NOEXEC_VALUES;
	     all++) {
		const int value[NR] = {
			all % NOEXEC_VALUES,
			all / NOEXEC_VALUES % NOEXEC_VALUES,
			all / NOEXEC_VALUES / NOEXEC_VALUES,
		};
		int effective = 0;

		set_nest(&n, value);
		for (int i = 0; i < NR; i++) {
			if (value[i] > effective)
				effective = value[i];
			snprintf(where, sizeof(where), "%s of %d, %d, %d",
				 n.init[i].name, value[OUTER], value[MIDDLE],
				 value[INNER]);
			check_memfd(&n.init[i], where, effective);
		}
	}
}

/*
 * The highest value of the namespaces above is the least that may be written.
 */
static void memfd_least(void)
{
	struct nest n = nest(MEMFD_NOEXEC);
	struct actor born, weak;
	char what[64];

	for (int above = 0; above < NOEXEC_VALUES; above++) {
		check__err("set above",
			   set_of(&n.init[OUTER], MEMFD_NOEXEC, above), 0);
		for (int value = -1; value <= NOEXEC_VALUES; value++) {
			bool fits = value >= above && value < NOEXEC_VALUES;

			snprintf(what, sizeof(what), "set %d below %d", value,
				 above);
			check__err(what, set_of(&n.init[INNER], MEMFD_NOEXEC,
						value), fits ? 0 : -EINVAL);
		}
		born = actor__spawn("born", &n.init[MIDDLE], CLONE_NEWPID);
		check_memfd(&born, "a namespace made now", above);
	}
	weak = actor__spawn("weak", &n.init[OUTER], 0);
	check__must("drop", actor__run(&weak, op_drop_admin));
	check__err("set without CAP_SYS_ADMIN", set_of(&weak, MEMFD_NOEXEC, 2),
		   -EPERM);
	check__eq("read without CAP_SYS_ADMIN", get_of(&weak, MEMFD_NOEXEC), 2);
}

static void memfd_of_active(void)
{
	static const int value[NR] = { 1, 2, 2 };
	struct nest n = nest(MEMFD_NOEXEC);
	struct actor empty;

	set_nest(&n, value);
	check_memfd(&n.between, "active namespace", 1);
	check__err("set in the active namespace",
		   set_of(&n.between, MEMFD_NOEXEC, 0), 0);
	check_memfd(&n.init[OUTER], "the active namespace's init", 0);
	check_memfd(&n.init[MIDDLE], "the init of the children's namespace", 2);

	empty = actor__spawn("with an empty namespace", &n.init[MIDDLE], 0);
	check__must("unshare",
		    actor__call(&empty, op_unshare, CLONE_NEWPID, 0));
	check_memfd(&empty, "beside an empty namespace", 2);
	check__err("set beside an empty namespace",
		   set_of(&empty, MEMFD_NOEXEC, 0), 0);
	check_memfd(&n.init[MIDDLE], "the init", 0);
}

/* --- kernel.ns_last_pid --------------------------------------------------- */

/* A number that no process has. */
#define FAR 20000

static int own_number(void)
{
	return getpid();
}

/*
 * For actors: forks. Returns the child's number; its innermost one is its
 * status.
 */
static long fork_once(long a __maybe_unused, long b __maybe_unused)
{
	return call__fork(own_number);
}

static long fork_status(long a __maybe_unused, long b __maybe_unused)
{
	return call__status();
}

static void last_pid_of_active(void)
{
	struct nest n = nest(LAST_PID);
	long middle = get_of(&n.init[MIDDLE], LAST_PID);

	check__eq("read", get_of(&n.between, LAST_PID),
		  get_of(&n.init[OUTER], LAST_PID));
	check__err("set", set_of(&n.between, LAST_PID, FAR), 0);
	check__eq("read after it", get_of(&n.between, LAST_PID), FAR);
	check__eq("read by the init", get_of(&n.init[OUTER], LAST_PID), FAR);
	check__eq("read by the init of the children's namespace",
		  get_of(&n.init[MIDDLE], LAST_PID), middle);

	check__eq("the child's number", actor__run(&n.between, fork_once),
		  FAR + 1);
	check__eq("the child's innermost number",
		  actor__run(&n.between, fork_status), middle + 1);
	check__eq("last number after it", get_of(&n.between, LAST_PID),
		  FAR + 1);
	check__eq("last number of the children's namespace",
		  get_of(&n.init[MIDDLE], LAST_PID), middle + 1);
	check__err("set by the other init",
		   set_of(&n.init[MIDDLE], LAST_PID, 50), 0);
	actor__run(&n.between, fork_once);
	check__eq("the child's innermost number then",
		  actor__run(&n.between, fork_status), 51);
}

static void last_pid_limits(void)
{
	struct nest n = nest(LAST_PID);
	struct actor weak, owner;
	long max = get_of(&n.init[INNER], PID_MAX), last;

	check__err("set -1", set_of(&n.init[INNER], LAST_PID, -1), -EINVAL);
	check__err("set pid_max + 1", set_of(&n.init[INNER], LAST_PID, max + 1),
		   -EINVAL);
	weak = actor__spawn("weak", &n.init[INNER], 0);
	check__must("become", actor__call(&weak, op_become, 1000, 0));
	last = get_of(&weak, LAST_PID);
	check__err("set by a plain user", set_of(&weak, LAST_PID, FAR), -EPERM);
	check__eq("read by a plain user", get_of(&weak, LAST_PID), last);
	owner = actor__spawn("owner", &n.init[INNER],
			     CLONE_NEWUSER | CLONE_NEWPID);
	check__err("set by the owner", set_of(&owner, LAST_PID, FAR), 0);
	check__eq("read by the owner", get_of(&owner, LAST_PID), FAR);
	owner = actor__spawn("root of an inner user ns", &n.init[INNER],
			     CLONE_NEWUSER);
	check__err("set by the root of an inner user ns",
		   set_of(&owner, LAST_PID, FAR), -EPERM);
}

/* --- kernel.pid_max ------------------------------------------------------- */

/* Since Linux 6.14 each pid namespace has a value. */
static void need_own_pid_max(const struct nest *n)
{
	long before = file__get(PID_MAX), after;

	check__must(PID_MAX, set_of(&n->init[INNER], PID_MAX, before - 1));
	after = file__get(PID_MAX);
	if (after != before) {
		check__must(PID_MAX, file__set(PID_MAX, before));
		check__skip("kernel.pid_max is the same in all pid namespaces");
	}
}

static void pid_max_of_active(void)
{
	struct nest n = nest(PID_MAX);
	long max = file__get(PID_MAX), middle;

	need_own_pid_max(&n);
	middle = get_of(&n.init[MIDDLE], PID_MAX);
	check__err("set", set_of(&n.between, PID_MAX, FAR), 0);
	check__eq("read after it", get_of(&n.between, PID_MAX), FAR);
	check__eq("read by the init", get_of(&n.init[OUTER], PID_MAX), FAR);
	check__eq("read by the init of the children's namespace",
		  get_of(&n.init[MIDDLE], PID_MAX), middle);
	check__err("set by that init",
		   set_of(&n.init[MIDDLE], PID_MAX, FAR - 1), 0);
	check__eq("read in the outer namespace", get_of(&n.between, PID_MAX),
		  FAR);
	check__eq("read here", file__get(PID_MAX), max);
}

static const struct test_case cases[] = {
	CREATION_ENTERS("sysctls: memfd_noexec: highest value above decides",
			memfd_hierarchy),
	CREATION_ENTERS("sysctls: memfd_noexec: what may be written",
			memfd_least),
	CREATION_ENTERS("sysctls: memfd_noexec of the active namespace",
			memfd_of_active),
	CREATION_ENTERS("sysctls: ns_last_pid of the active namespace",
			last_pid_of_active),
	CREATION_ENTERS("sysctls: ns_last_pid: what may be written",
			last_pid_limits),
	CREATION_ENTERS("sysctls: pid_max of the active namespace",
			pid_max_of_active),
};

PROGRAM_PART(creation_sysctl__add, cases)
