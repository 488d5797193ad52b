// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals across a join that keeps the struct pid: pending ones, and those that the
 * caller has asked for before (F_SETOWN, mq_notify(), PR_SET_PDEATHSIG).
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keep.h"
#include "ops.h"

static void keeps_pending(void)
{
	struct kept k = kept__start(NULL);
	const struct actor *x = &k.s.caller;

	check__must("block", actor__call(x, op_block, SIGUSR1, 0));
	check__must("block", actor__call(x, op_block, SIGUSR2, 0));
	check__must("SIGUSR1 to the process", op_kill(k.pid, SIGUSR1));
	check__must("SIGUSR2 to the thread",
		    syscall(SYS_tkill, k.pid, SIGUSR2) ? -errno : 0);
	kept__finish(&k);
	check__eq("SIGUSR1 waits", actor__call(x, op_pending, SIGUSR1, 0), 1);
	check__eq("SIGUSR2 waits", actor__call(x, op_pending, SIGUSR2, 0), 1);
	check__eq("and no other", actor__call(x, op_pending, SIGTERM, 0), 0);
}

/* Takes a signal, and returns its si_pid or -errno. */
static long take_sender(long sig, long b __maybe_unused)
{
	siginfo_t info;

	return signal__await(sig, run__patience() / 2, &info) < 0 ? -errno :
								     info.si_pid;
}

static void names_sender(void)
{
	struct kept k = kept__make();
	const struct actor *x = &k.s.caller;
	long child;

	check__must("block", actor__call(x, op_block, SIGUSR1, 0));
	check__must("block", actor__call(x, op_block, SIGCHLD, 0));
	check__must("SIGUSR1 from outside", op_kill(k.pid, SIGUSR1));
	check__eq("si_pid of a sender outside",
		  actor__call(x, take_sender, SIGUSR1, 0), 0);
	check__must("SIGUSR1 from the target's init",
		    actor__call(&k.s.init, op_kill, k.inner, SIGUSR1));
	check__eq("si_pid of the target's init",
		  actor__call(x, take_sender, SIGUSR1, 0), 1);
	child = check__must("zombie", actor__run(x, op_fork_zombie));
	check__eq("si_pid of a child, in its SIGCHLD",
		  actor__call(x, take_sender, SIGCHLD, 0), child);
	check__must("block", actor__call(&k.s.init, op_block, SIGUSR1, 0));
	check__must("SIGUSR1 to the init", actor__call(x, op_kill, 1, SIGUSR1));
	check__eq("si_pid of the caller",
		  actor__call(&k.s.init, take_sender, SIGUSR1, 0), k.inner);
}

/* --- F_SETOWN ------------------------------------------------------------ */

/* How the owner of a file is named, before the join. */
static const struct owner {
	int type;		/* as for F_SETOWN_EX */
	bool by_parent;		/* by the parent; else by the caller */
} thread = { F_OWNER_TID, false }, process = { F_OWNER_PID, false },
	group = { F_OWNER_PGRP, false }, by_parent = { F_OWNER_PID, true },
	group_by_parent = { F_OWNER_PGRP, true };

static long set_owner(long fd, long how)
{
	struct f_owner_ex owner = { .type = how & 3, .pid = how >> 2 ?: getpid() };

	if (fcntl(fd, F_SETOWN_EX, &owner) || fcntl(fd, F_SETSIG, SIGRTMIN) ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC))
		return -errno;
	return 0;
}

static long take_sigio(long a __maybe_unused, long b __maybe_unused)
{
	siginfo_t info;

	return signal__await(SIGRTMIN, run__patience() / 2, &info) < 0 ?
		-errno : info.si_code;
}

static void owns_file(const void *arg)
{
	const struct owner *o = arg;
	struct kept k = kept__start(NULL);
	const struct actor *x = &k.s.caller;
	int pair[2];
	long fd;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		check__bail("socketpair: %m");
	check__must("block", actor__call(x, op_block, SIGRTMIN, 0));
	fd = actor__give(x, pair[0]);
	check__must("F_SETOWN_EX", o->by_parent ?
		    set_owner(pair[0], o->type | k.pid << 2) :
		    actor__call(x, set_owner, fd, o->type));
	kept__finish(&k);
	check__eq("a byte", write(pair[1], "x", 1), 1);
	check__eq("the caller gets the signal", actor__run(x, take_sigio), POLL_IN);
	check__err("F_SETOWN_EX by the new number",
		   actor__call(x, set_owner, fd, o->type), 0);
	check__eq("another byte", write(pair[1], "x", 1), 1);
	check__eq("the caller gets the signal", actor__run(x, take_sigio), POLL_IN);
	/* The end with O_ASYNC goes first, so that no hang-up is signalled. */
	actor__call(x, op_close, fd, 0);
	close(pair[0]);
}

/* --- message queues ------------------------------------------------------ */

static long notify_me(long q, long b __maybe_unused)
{
	const struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN,
	};

	signal__block(SIGRTMIN);
	return mq_notify(q, &ev) ? -errno : 0;
}

static long take_message(long q, long b __maybe_unused)
{
	char byte;

	if (mq_receive(q, &byte, 1, NULL) != 1)
		return -errno;
	return take_sigio(0, 0);
}

static void is_notified(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 1 };
	struct kept k = kept__start(NULL);
	mqd_t q = mq_open("/keep", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666,
			  &attr);
	long there;

	if (q < 0)
		check__skip("no message queues: %m");
	mq_unlink("/keep");
	there = actor__give(&k.s.caller, q);
	check__must("mq_notify", actor__call(&k.s.caller, notify_me, there, 0));
	kept__finish(&k);
	check__eq("a message", mq_send(q, "x", 1, 0), 0);
	check__eq("the caller gets the signal",
		  actor__call(&k.s.caller, take_message, there, 0), SI_MESGQ);
	check__err("mq_notify() after it",
		   actor__call(&k.s.caller, notify_me, there, 0), 0);
}

/* --- the parent's death -------------------------------------------------- */

static void parent_death_signal(void)
{
	struct actor init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	struct actor parent = actor__spawn("parent", NULL, 0);
	struct actor x = actor__spawn("caller", &parent, 0);
	int nsfd = check__must("target", ns__open(init.pid, "pid"));
	int status;

	check__must("PR_SET_PDEATHSIG",
		    actor__call(&x, op_prctl, PR_SET_PDEATHSIG, SIGTERM));
	check__err("setns", scene__enter(&x, nsfd, CLONE_NEWPID), 0);
	check__err("the caller lives", ns__wait_dead(x.pidfd, 0), -ETIMEDOUT);
	actor__exit(&parent, 0);
	check__eq("the parent is reaped", waitpid(parent.pid, NULL, 0), parent.pid);
	check__eq("the caller follows", waitpid(x.pid, &status, 0), x.pid);
	check__true("by the signal it asked for", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGTERM);
}

#define SIGNAL(name, fn) KEEP("signal: " name, fn)
#define OWNER(name, owner) \
	KEEP_WITH("signal: F_SETOWN of " name " reaches it", owns_file, &owner)

static const struct test_case cases[] = {
	SIGNAL("blocked ones of process and thread stay pending", keeps_pending),
	SIGNAL("si_pid is the sender's number for the receiver", names_sender),
	OWNER("its thread", thread),
	OWNER("itself", process),
	OWNER("its group", group),
	OWNER("itself, by its parent", by_parent),
	OWNER("its group, by its parent", group_by_parent),
	SIGNAL("a message queue notifies it", is_notified),
	SIGNAL("its parent death signal comes", parent_death_signal),
};

PROGRAM_PART(keep_signal__add, cases)
