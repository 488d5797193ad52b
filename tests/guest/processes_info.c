// SPDX-License-Identifier: GPL-2.0-only
/*
 * si_pid and si_uid of signals that processes send. The receiver reads the sender's
 * number and uid in its own namespaces: 0 and the overflow uid where there is none.
 * What a sender writes elsewhere in the siginfo arrives unchanged. Only to itself may a
 * thread send the siginfo of a signal that the kernel or kill() sends.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

#define SENDER_UID 1000
#define OVERFLOW_UID 65534

/* A sender writes these where SI_TIMER has no pid, and where SI_QUEUE has a value. */
#define TIMER_ID 77
#define OVERRUN 5
#define VALUE 4242

/* Where the sender and the receiver live. */
enum place { SAME, SAME_INNER, INNER, DEEPER, INJECTED, PLACES };

static const char *const places[] = {
	[SAME] = "both in the director's pid ns",
	[SAME_INNER] = "both in a new pid ns",
	[INNER] = "the receiver in a new pid ns",
	[DEEPER] = "the receiver two pid ns below",
	[INJECTED] = "the sender with a parent outside",
};

struct pair {
	struct actor sender, receiver;
	bool seen;		/* the sender has a number where the receiver lives */
	siginfo_t *info;	/* what the receiver got */
};

/* --- senders: (the receiver's number, signal) ---------------------------- */

static long send_tkill(long pid, long sig)
{
	return syscall(SYS_tkill, pid, sig) ? -errno : 0;
}

static long send_tgkill(long pid, long sig)
{
	return syscall(SYS_tgkill, pid, pid, sig) ? -errno : 0;
}

static long send_group(long pid, long sig)
{
	return kill(-pid, sig) ? -errno : 0;
}

static long send_pidfd(long pid, long sig)
{
	int fd = ns__pidfd(pid, 0);
	long err = fd < 0 ? fd : op_pidfd_signal(fd, sig);

	if (fd >= 0)
		close(fd);
	return err;
}

static void fill(siginfo_t *info, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_code = code;
	info->si_pid = getpid();
	info->si_uid = getuid();
	info->si_value.sival_int = VALUE;
}

static long queue(long pid, long sig, int code)
{
	siginfo_t info;

	fill(&info, code);
	return syscall(SYS_rt_sigqueueinfo, pid, sig, &info) ? -errno : 0;
}

static long tgqueue(long pid, long sig, int code)
{
	siginfo_t info;

	fill(&info, code);
	return syscall(SYS_rt_tgsigqueueinfo, pid, pid, sig, &info) ? -errno : 0;
}

static long pidfd_queue(long pid, long sig, int code)
{
	int fd = ns__pidfd(pid, 0);
	siginfo_t info;
	long err;

	if (fd < 0)
		return fd;
	fill(&info, code);
	info.si_signo = sig;
	err = syscall(SYS_pidfd_send_signal, fd, sig, &info, 0) ? -errno : 0;
	close(fd);
	return err;
}

static long send_queue(long pid, long sig)
{
	return queue(pid, sig, SI_QUEUE);
}

static long send_tgqueue(long pid, long sig)
{
	return tgqueue(pid, sig, SI_QUEUE);
}

static long send_pidfd_info(long pid, long sig)
{
	return pidfd_queue(pid, sig, SI_QUEUE);
}

static long send_message(long pid, long sig)
{
	return queue(pid, sig, SI_MESGQ);
}

static long send_timer(long pid, long sig)
{
	siginfo_t info;

	fill(&info, SI_TIMER);
	info.si_timerid = TIMER_ID;
	info.si_overrun = OVERRUN;
	return syscall(SYS_rt_sigqueueinfo, pid, sig, &info) ? -errno : 0;
}

/* @code as the receiver reads it: libc's sigtimedwait() shows SI_TKILL as SI_USER. */
struct kind {
	actor_fn *send;
	int code;
};

static const struct kind
	by_kill = { op_kill, SI_USER }, by_group = { send_group, SI_USER },
	by_pidfd = { send_pidfd, SI_USER }, by_tkill = { send_tkill, SI_USER },
	by_tgkill = { send_tgkill, SI_USER }, by_queue = { send_queue, SI_QUEUE },
	by_tgqueue = { send_tgqueue, SI_QUEUE },
	by_pidfd_info = { send_pidfd_info, SI_QUEUE },
	by_message = { send_message, SI_MESGQ }, by_timer = { send_timer, SI_TIMER };

/* --- receivers ----------------------------------------------------------- */

static long receive(long sig, long info)
{
	return signal__await(sig, run__patience(), (siginfo_t *)info);
}

/* Makes the sender an owner of the receiver's number as seen from its own ns. */
static void set_up(struct pair *p, enum place place)
{
	struct actor init, outer;

	memset(p, 0, sizeof(*p));
	p->info = shared__alloc(sizeof(*p->info));
	p->seen = place != INNER && place != DEEPER;
	if (place == SAME) {
		p->sender = actor__spawn("sender", NULL, 0);
		p->receiver = actor__spawn("receiver", NULL, 0);
		return;
	}
	init = actor__spawn("init", NULL, CLONE_NEWPID);
	if (place == DEEPER)
		init = actor__spawn("init of a pid ns below", &init, CLONE_NEWPID);
	p->receiver = actor__spawn("receiver", &init, 0);
	if (place == INJECTED) {
		outer = actor__spawn("parent outside", NULL, 0);
		p->sender = spawn_into(&init, &outer, "sender");
	} else {
		p->sender = actor__spawn("sender",
					 place == SAME_INNER ? &init : NULL, 0);
	}
}

/* Returns the receiver's number as the sender has to name it. */
static long address(const struct pair *p)
{
	return p->seen ? actor__run(&p->receiver, op_getpid) : p->receiver.pid;
}

static void check_info(const struct pair *p, int code)
{
	check__eq("si_code", p->info->si_code, code);
	if (code == SI_TIMER) {
		check__eq("si_timerid", p->info->si_timerid, TIMER_ID);
		check__eq("si_overrun", p->info->si_overrun, OVERRUN);
	} else {
		check__eq("si_pid", p->info->si_pid,
			  p->seen ? actor__run(&p->sender, op_getpid) : 0);
		check__eq("si_uid", p->info->si_uid, 0);
	}
	if (code < 0)
		check__eq("si_value", p->info->si_value.sival_int, VALUE);
}

static void is_shown(const void *arg)
{
	const struct kind *k = arg;
	struct pair p;

	for (enum place place = 0; place < PLACES; place++) {
		check__note("%s", places[place]);
		set_up(&p, place);
		check__must("block", actor__call(&p.receiver, op_block, SIGUSR1, 0));
		check__must("setpgid", actor__run(&p.receiver, op_setpgid));
		check__err("send", actor__call(&p.sender, k->send, address(&p),
					       SIGUSR1), 0);
		check__eq("received", actor__call(&p.receiver, receive, SIGUSR1,
						  (long)p.info), SIGUSR1);
		check_info(&p, k->code);
	}
}

/* --- uids ---------------------------------------------------------------- */

/* A receiver in a user namespace that knows uid 1000 alone, as root. */
static struct actor spawn_mapped(void)
{
	struct actor x = actor__spawn("receiver", NULL, 0);

	check__must("become a plain user", actor__call(&x, op_become, SENDER_UID, 0));
	check__must("unshare", actor__call(&x, op_unshare, CLONE_NEWUSER, 0));
	check__must("map", actor__call(&x, op_map_user, 0, SENDER_UID));
	check__must("block", actor__call(&x, op_block, SIGUSR1, 0));
	return x;
}

static void uid_is_translated(const void *arg)
{
	const struct kind *k = arg;
	struct actor receiver = spawn_mapped();
	siginfo_t *info = shared__alloc(sizeof(*info));
	const struct { int uid, want; } senders[] = {
		{ 0, OVERFLOW_UID }, { SENDER_UID, 0 },
	};

	check__must("setpgid", actor__run(&receiver, op_setpgid));
	for (size_t i = 0; i < ARRAY_SIZE(senders); i++) {
		struct actor sender = actor__spawn("sender", NULL, 0);

		check__note("sender with uid %d", senders[i].uid);
		if (senders[i].uid)
			check__must("become a plain user",
				    actor__call(&sender, op_become, SENDER_UID, 0));
		check__err("send", actor__call(&sender, k->send, receiver.pid, SIGUSR1),
			   0);
		check__eq("received", actor__call(&receiver, receive, SIGUSR1,
						  (long)info), SIGUSR1);
		check__eq("si_uid", info->si_uid, senders[i].want);
		check__eq("si_pid", info->si_pid, sender.pid);
	}
}

/* --- si_code of others --------------------------------------------------- */

/* (the receiver's number, si_code): the ways to send SIGUSR1 with a siginfo. */
static long queue_code(long pid, long code)
{
	return queue(pid, SIGUSR1, code);
}

static long tgqueue_code(long pid, long code)
{
	return tgqueue(pid, SIGUSR1, code);
}

static long pidfd_code(long pid, long code)
{
	return pidfd_queue(pid, SIGUSR1, code);
}

static const struct way {
	const char *name;
	actor_fn *send;
} ways[] = {
	{ "rt_sigqueueinfo()", queue_code },
	{ "rt_tgsigqueueinfo()", tgqueue_code },
	{ "pidfd_send_signal()", pidfd_code },
};

/* libc's sigtimedwait() shows SI_TKILL as SI_USER. */
static const struct { int code, shown; } codes[] = {
	{ SI_USER, SI_USER }, { SI_KERNEL, SI_KERNEL }, { POLL_IN, POLL_IN },
	{ SI_TKILL, SI_USER },
};

static const int same_ns, new_ns = CLONE_NEWPID;

/* A process may pretend anything to itself. */
static void pretends_to_itself(const void *arg)
{
	const int *flags = arg;
	struct actor x = actor__spawn("process", NULL, *flags);
	siginfo_t *info = shared__alloc(sizeof(*info));
	const long pid = actor__run(&x, op_getpid);

	check__must("block", actor__call(&x, op_block, SIGUSR1, 0));
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(codes); j++) {
			check__note("%s, si_code %d", ways[i].name, codes[j].code);
			if (!check__err("send", actor__call(&x, ways[i].send, pid,
							    codes[j].code), 0))
				continue;
			check__eq("received", actor__call(&x, receive, SIGUSR1,
							  (long)info), SIGUSR1);
			check__eq("si_code", info->si_code, codes[j].shown);
			check__eq("si_pid", info->si_pid, pid);
			check__eq("si_value", info->si_value.sival_int, VALUE);
		}
	}
}

static void check_refused(const char *whom, const struct actor *sender, pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(codes); j++) {
			check__note("to %s by %s, si_code %d", whom, ways[i].name,
				    codes[j].code);
			check__err("send", actor__call(sender, ways[i].send, pid,
						       codes[j].code), -EPERM);
		}
	}
}

/* Even root deceives no child, no parent, and no other thread. */
static void does_not_pretend(void)
{
	struct actor x = actor__spawn("process", NULL, 0);
	struct actor child = actor__spawn("child", &x, 0);
	struct actor init = actor__spawn("init", &x, CLONE_NEWPID);

	check_refused("a child", &x, child.pid);
	check_refused("an init", &x, init.pid);
	check_refused("the parent", &child, x.pid);
	check__must("a second thread", actor__call(&x, actor__move, 1, 0));
	check_refused("the leader of the same process", &x, x.pid);
}

/* --- the parent death signal --------------------------------------------- */

/* Makes @parent exit, and checks the signal that @child gets. */
static void check_death_signal(const struct actor *parent, const struct actor *child,
			       int pid, int uid)
{
	siginfo_t *info = shared__alloc(sizeof(*info));

	check__must("block", actor__call(child, op_block, SIGUSR1, 0));
	check__must("PR_SET_PDEATHSIG",
		    actor__call(child, op_prctl, PR_SET_PDEATHSIG, SIGUSR1));
	actor__exit(parent, 0);
	check__eq("received", actor__call(child, receive, SIGUSR1, (long)info),
		  SIGUSR1);
	check__eq("si_code", info->si_code, SI_USER);
	check__eq("si_pid", info->si_pid, pid);
	check__eq("si_uid", info->si_uid, uid);
}

static void death_of_parent(void)
{
	struct actor parent = actor__spawn("parent", NULL, 0);
	struct actor child = actor__spawn("child", &parent, 0);

	/* Root as a child would not get a signal of a plain user. */
	check__must("become a plain user",
		    actor__call(&parent, op_become, SENDER_UID, 0));
	check__must("become a plain user",
		    actor__call(&child, op_become, SENDER_UID, 0));
	check_death_signal(&parent, &child, parent.pid, SENDER_UID);
}

static void death_of_parent_outside(void)
{
	struct actor parent = actor__spawn("parent", NULL, 0);
	struct actor child = actor__spawn("child", &parent, CLONE_NEWPID);

	check_death_signal(&parent, &child, 0, 0);
}

/* The child's user namespace has no uid 0 of the outer one. */
static void death_of_unmapped_parent(void)
{
	struct actor parent = actor__spawn("parent", NULL, 0);
	struct actor child = actor__spawn("child", &parent, 0);

	check__must("become a plain user",
		    actor__call(&child, op_become, SENDER_UID, 0));
	check__must("unshare", actor__call(&child, op_unshare, CLONE_NEWUSER, 0));
	check__must("map", actor__call(&child, op_map_user, 0, SENDER_UID));
	check_death_signal(&parent, &child, parent.pid, OVERFLOW_UID);
}

#define SHOWN(name, kind) \
	PROCESS_WITH("info: the sender of " name, is_shown, &kind)
#define UID(name, kind) \
	PROCESS_WITH("info: the uid of the sender of " name, uid_is_translated, &kind)

static const struct test_case cases[] = {
	SHOWN("kill()", by_kill),
	SHOWN("kill() of a group", by_group),
	SHOWN("tkill()", by_tkill),
	SHOWN("tgkill()", by_tgkill),
	SHOWN("pidfd_send_signal()", by_pidfd),
	SHOWN("pidfd_send_signal() with a siginfo", by_pidfd_info),
	SHOWN("rt_sigqueueinfo()", by_queue),
	SHOWN("rt_tgsigqueueinfo()", by_tgqueue),
	SHOWN("a siginfo with SI_MESGQ", by_message),
	SHOWN("a siginfo with SI_TIMER, which has none", by_timer),
	UID("kill()", by_kill),
	UID("kill() of a group", by_group),
	UID("tgkill()", by_tgkill),
	UID("pidfd_send_signal()", by_pidfd),
	UID("rt_sigqueueinfo()", by_queue),
	PROCESS_WITH("info: a process queues any si_code to itself", pretends_to_itself,
		     &same_ns),
	PROCESS_WITH("info: an init queues any si_code to itself", pretends_to_itself,
		     &new_ns),
	PROCESS("info: si_code of the kernel and of kill() is refused to others",
		does_not_pretend),
	PROCESS("info: the parent that died", death_of_parent),
	PROCESS("info: the parent that died, outside of the pid ns",
		death_of_parent_outside),
	PROCESS("info: the parent that died, unknown in the user ns",
		death_of_unmapped_parent),
};

PROGRAM_PART(info__add, cases)
