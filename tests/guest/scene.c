// SPDX-License-Identifier: GPL-2.0-only
/* Builds the scenes declared in scene.h. */
#include "scene.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "ops.h"
#include "run.h"

/* RESERVED_PIDS of kernel/pid.c: numbers below this are used only once. */
#define RESERVED_PIDS 300

/* A user without privileges, who may own a user namespace. */
#define PLAIN_UID 1000

/* The actors that make the caller and the target, while a scene is built. */
struct stage {
	struct actor home;	/* init of the caller's ns; .pid 0: the director's ns */
	struct actor owner;	/* owner of a separate user ns; .pid 0: none */
	struct actor maker;	/* maker of the target; .pid 0: the director */
};

static const struct actor *or_director(const struct actor *x)
{
	return x->pid ? x : NULL;
}

/* A caller needs its own namespace if the target is beside or above it. */
static bool wants_home(const struct scene_spec *p)
{
	return p->role == ROLE_INIT || p->target == TARGET_SIBLING ||
	       p->target == TARGET_COUSIN || p->target == TARGET_PARENT;
}

/* Spawns a process in a new user namespace, owned by uid PLAIN_UID or by root. */
static struct actor spawn_owner(const struct stage *st,
				const struct scene_spec *p)
{
	struct actor owner = actor__spawn("owner", or_director(&st->home), 0);

	if (p->creds == CREDS_TARGET_ONLY)
		check__must("become a plain user",
			    actor__call(&owner, op_become, PLAIN_UID, 0));
	check__must("unshare(CLONE_NEWUSER)",
		    actor__call(&owner, op_unshare, CLONE_NEWUSER, 0));
	return owner;
}

/* Spawns the init of a container made by a plain user without privileges. */
static struct actor spawn_user_home(void)
{
	struct actor user = actor__spawn("plain user", NULL, 0);

	check__must("become a plain user",
		    actor__call(&user, op_become, PLAIN_UID, 0));
	return actor__spawn("init of the user's container", &user,
			    CLONE_NEWUSER | CLONE_NEWPID);
}

/* Spawns the target's init, whose parent is @maker, and keeps fds of the target. */
static void make_init(struct scene *s, const char *name, const struct actor *maker)
{
	s->init = actor__spawn(name, maker, CLONE_NEWPID);
	s->nsfd = check__must("open the target's pid ns",
			      ns__open(s->init.pid, "pid"));
	s->pidfd = s->init.pidfd;
}

static void make_child(struct scene *s, const struct stage *st)
{
	make_init(s, "init of the target", or_director(&st->maker));
}

/* Makes a target that never had a process. */
static void make_initless(struct scene *s, const struct stage *st)
{
	struct actor maker = actor__spawn("maker of an empty pid ns",
					  or_director(&st->maker), 0);

	check__must("unshare(CLONE_NEWPID)",
		    actor__call(&maker, op_unshare, CLONE_NEWPID, 0));
	s->nsfd = ns__of_children(maker.pidfd);
	if (s->nsfd < 0)
		check__skip("no PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE: %s",
			    strerror(-s->nsfd));
}

/* Makes a target whose init is a zombie or reaped. */
static void make_dead(struct scene *s, const struct stage *st)
{
	make_child(s, st);
	s->pidfd = -1;
	check__must("kill the target's init", op_kill(s->init.pid, SIGKILL));
	check__must("death of the target's init",
		    ns__wait_dead(s->init.pidfd, run__patience()));
	if (s->spec.target == TARGET_REAPED &&
	    waitpid(s->init.pid, NULL, 0) != s->init.pid)
		check__bail("cannot reap the target's init");
	s->init.pid = 0;
}

static void make_target(struct scene *s, const struct stage *st)
{
	const struct actor *home = or_director(&st->home);
	struct actor between;

	s->pidfd = s->nsfd = -1;
	switch (s->spec.target) {
	case TARGET_CHILD:
		make_child(s, st);
		break;
	case TARGET_OWN:
		s->nsfd = check__must("own pid ns",
				      ns__open(home ? home->pid : 0, "pid"));
		s->pidfd = home ? home->pidfd :
			   check__must("pidfd", ns__pidfd(getpid(), 0));
		break;
	case TARGET_PARENT:
		s->nsfd = check__must("parent's pid ns", ns__open(0, "pid"));
		s->pidfd = check__must("pidfd", ns__pidfd(getpid(), 0));
		break;
	case TARGET_SIBLING:
		make_init(s, "init of the sibling", NULL);
		break;
	case TARGET_COUSIN:
		between = actor__spawn("init of the sibling", NULL,
				       CLONE_NEWPID);
		make_init(s, "init of the cousin", &between);
		break;
	case TARGET_GRANDCHILD:
		between = actor__spawn("init of the child", home,
				       CLONE_NEWPID);
		make_init(s, "init of the grandchild", &between);
		break;
	case TARGET_INITLESS:
		make_initless(s, st);
		break;
	case TARGET_DYING:
	case TARGET_REAPED:
		make_dead(s, st);
		break;
	}
}

bool scene__has_init(const struct scene_spec *spec)
{
	switch (spec->target) {
	case TARGET_CHILD:
	case TARGET_SIBLING:
	case TARGET_COUSIN:
	case TARGET_GRANDCHILD:
		return true;
	default:
		return false;
	}
}

static void make_caller(struct scene *s, const struct stage *st)
{
	if (s->spec.role == ROLE_INIT) {
		s->caller = st->home;
	} else if (!s->spec.no_room) {
		s->parent = st->home;
		s->caller = actor__spawn("caller", or_director(&st->home), 0);
	}
	if (s->spec.leader == LEADER_BOTH || s->spec.leader == LEADER_THREAD)
		check__must("setsid", actor__run(&s->caller, op_setsid));
	else if (s->spec.leader == LEADER_NOT_SESSION)
		check__must("setpgid", actor__run(&s->caller, op_setpgid));
}

/* Gives the caller a tracee that is not its child. */
static void give_tracee(const struct scene *s, const struct stage *st)
{
	struct actor tracee = actor__spawn("tracee", or_director(&st->home),
					   0);
	struct ns_numbers n;

	/* The caller needs the tracee's number in its own, innermost, namespace. */
	check__must("NSpid of the tracee",
		    ns__numbers("/proc", tracee.pid, "NSpid", &n));
	check__must("PTRACE_SEIZE",
		    actor__call(&s->caller, op_seize, n.number[n.nr - 1], 0));
}

static void make_busy(const struct scene *s, const struct stage *st)
{
	static const struct {
		const char *what;
		actor_fn *fn;
	} own[] = {
		[BUSY_CHILD]	= { "child", op_fork_child },
		[BUSY_ZOMBIE]	= { "zombie", op_fork_zombie },
		[BUSY_SESSION]	= { "session member", op_fork_stranger },
		[BUSY_TTY]	= { "controlling terminal", op_take_tty },
		[BUSY_TIMER]	= { "POSIX timer", op_add_timer },
	};

	switch (s->spec.busy) {
	case BUSY_NOTHING:
		break;
	case BUSY_TRACEE:
		give_tracee(s, st);
		break;
	case BUSY_TRACED:
		check__must("PTRACE_SEIZE", op_seize(s->caller.pid, 0));
		break;
	default:
		check__must(own[s->spec.busy].what,
			    actor__run(&s->caller, own[s->spec.busy].fn));
	}
}

long scene__enter(const struct actor *who, int fd, int flags)
{
	long number = actor__give(who, fd);
	long err = actor__call(who, op_setns, number, flags);

	actor__call(who, op_close, number, 0);
	return err;
}

static void change_creds(const struct scene *s, const struct stage *st)
{
	int fd;

	switch (s->spec.creds) {
	case CREDS_FULL:
	case CREDS_NOT_ABOVE:	/* as spawned */
		break;
	case CREDS_NONE:
		check__must("drop CAP_SYS_ADMIN",
			    actor__run(&s->caller, op_drop_admin));
		break;
	case CREDS_TARGET_ONLY:
		check__must("become a plain user",
			    actor__call(&s->caller, op_become, PLAIN_UID, 0));
		break;
	case CREDS_OWN_ONLY:
	case CREDS_NOT_ACTIVE:
		fd = check__must("owner's user ns",
				 ns__open(st->owner.pid, "user"));
		check__must("setns(CLONE_NEWUSER)",
			    scene__enter(&s->caller, fd, CLONE_NEWUSER));
		close(fd);
		break;
	}
}

static void remember_numbers(struct scene *s)
{
	s->pid_max = check__must(PID_MAX, file__get(PID_MAX));
	s->last_pid = check__must(LAST_PID, file__get(LAST_PID));
}

/*
 * Uses up all numbers until scene__refill_numbers(); meanwhile no other task in
 * the machine can fork. If the case fails in between, run.c restores pid_max.
 *
 * In 6.12 a single pid_max limits the numbers of all namespaces. Once a counter has
 * passed RESERVED_PIDS, alloc_pid() gives out only numbers from RESERVED_PIDS to
 * pid_max - 1: pid_max = RESERVED_PIDS + 1 leaves a single number, and this function
 * takes it.
 */
static void exhaust_numbers(struct scene *s)
{
	pid_t pid;

	remember_numbers(s);
	check__must(LAST_PID, file__set(LAST_PID, RESERVED_PIDS + 100));
	check__must(PID_MAX, file__set(PID_MAX, RESERVED_PIDS + 1));
	while ((pid = op_fork_sleeper(0, 0)) > 0)
		;
	if (pid != -EAGAIN) {
		scene__refill_numbers(s);
		check__bail("fork in a full number space: %s",
			    strerror(-pid));
	}
}

static long set_number(long path, long value)
{
	return file__set((const char *)path, value);
}

/*
 * Uses up the numbers of the target. Where pid namespaces have a pid_max each, the
 * target's init sets that of the target; where not, its write may fail.
 */
static void exhaust_target(struct scene *s)
{
	remember_numbers(s);
	check__must("the target's " LAST_PID,
		    actor__call(&s->init, set_number, (long)LAST_PID,
				RESERVED_PIDS - 1));
	check__must("the last number of the target",
		    actor__run(&s->init, op_fork_sleeper));
	check__must("the target's " LAST_PID,
		    actor__call(&s->init, set_number, (long)LAST_PID,
				RESERVED_PIDS + 100));
	check__must(PID_MAX, file__set(PID_MAX, RESERVED_PIDS + 1));
	actor__call(&s->init, set_number, (long)PID_MAX, RESERVED_PIDS + 1);
}

/* No kernel's struct pid has room for so many levels more than at its allocation. */
#define LEVELS_AT_MOST 12

/* Makes a caller that has joined one pid namespace after another until no room is left. */
static void make_full_caller(struct scene *s, struct stage *st)
{
	struct actor init;
	long err = 0;
	int fd;

	s->caller = actor__spawn("caller", NULL, 0);
	for (int level = 1; !err && level < LEVELS_AT_MOST; level++) {
		init = actor__spawn("init on the caller's way",
				    or_director(&st->home), CLONE_NEWPID);
		fd = check__must("pid ns on the way", ns__open(init.pid, "pid"));
		err = scene__enter(&s->caller, fd, CLONE_NEWPID);
		close(fd);
		if (!err)
			st->home = init;
	}
	if (!st->home.pid || err != -EOVERFLOW)
		check__bail("the way to a full struct pid: %s", strerror(-err));
}

struct scene scene__build(const struct scene_spec *spec)
{
	struct scene s = { .spec = *spec, .caller_pidfd = -1 };
	struct stage st = { .home = { .pid = 0 } };

	if (spec->no_room)
		make_full_caller(&s, &st);
	else if (spec->creds == CREDS_NOT_ABOVE)
		st.home = spawn_user_home();
	else if (wants_home(spec))
		st.home = actor__spawn("init of the caller's container", NULL,
				       CLONE_NEWPID);
	if (spec->creds != CREDS_FULL && spec->creds != CREDS_NONE &&
	    spec->creds != CREDS_NOT_ABOVE)
		st.owner = spawn_owner(&st, spec);
	/* The user namespace of the maker owns the target. */
	st.maker = spec->creds == CREDS_TARGET_ONLY ||
		   spec->creds == CREDS_NOT_ACTIVE ? st.owner : st.home;

	make_target(&s, &st);
	make_caller(&s, &st);
	make_busy(&s, &st);
	change_creds(&s, &st);

	s.caller_nsfd = actor__give(&s.caller, s.nsfd);
	if (s.pidfd >= 0)
		s.caller_pidfd = actor__give(&s.caller, s.pidfd);
	if (spec->threads)
		check__must("second thread", actor__run(&s.caller, op_add_thread));
	snap__arm(&s.caller);
	if (spec->full)
		exhaust_numbers(&s);
	if (spec->full_inside)
		exhaust_target(&s);
	return s;
}

long scene__setns(const struct scene *s, int number, int flags)
{
	return actor__call(&s->caller, s->spec.leader == LEADER_THREAD ?
			   op_setns_by_thread : op_setns, number, flags);
}

struct snap *scene__snap(const struct scene *s)
{
	/* A caller that is also the target's init cannot be asked twice. */
	return snap__take(&s->caller, or_director(&s->init));
}

void scene__refill_numbers(const struct scene *s)
{
	file__set(PID_MAX, s->pid_max);
	file__set(LAST_PID, s->last_pid);
}
