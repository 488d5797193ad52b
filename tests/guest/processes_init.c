// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals to the init of a pid namespace. Without a handler it gets none from inside,
 * and only SIGKILL and SIGSTOP from outside, blocked or not, traced or not, stopped
 * meanwhile or not. Its own faults do end it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

/* The circumstances of a signal to an init. */
struct blow {
	bool outside;		/* the sender is outside of the namespace */
	bool blocked;		/* the init blocks it at first */
	bool traced;		/* by the director */
	bool threads;		/* the init has a second thread */
	bool dead_leader;	/* the init's leader has exited */
	bool resumed;		/* it was stopped and continued from outside */
};

static const int blows[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGSEGV, SIGUSR1, SIGPIPE, SIGALRM, SIGTERM,
	SIGTSTP, SIGTTIN, SIGKILL, SIGSTOP,
};

/* Returns true if the kernel promises that the init survives @sig. */
static bool is_survived(const struct blow *b, int sig)
{
	const bool only_kernel = sig == SIGKILL || sig == SIGSTOP;

	/* A tracer sees SIGSTOP, and its decision counts. */
	return !only_kernel || (!b->outside && !(b->traced && sig == SIGSTOP));
}

/* Returns true if the tracer sees @sig before the init does. */
static bool is_seen(const struct blow *b, int sig)
{
	return b->traced && sig != SIGKILL;
}

/* Makes the director, the tracer, pass the signal on. */
static void pass_on(const struct actor *init, int sig)
{
	if (check_signal_stop("the tracer's next event", init->pid, sig))
		check__must("PTRACE_CONT",
			    ptrace(PTRACE_CONT, init->pid, 0, sig) ? -errno : 0);
}

static void strike(const struct blow *b, const struct actor *init,
		   const struct actor *child, int sig)
{
	const char *name = sigabbrev_np(sig);

	check__note("SIG%s", name);
	if (b->blocked)
		actor__call(init, op_block, sig, 0);
	if (b->outside)
		check__err("kill() from outside", op_kill(init->pid, sig), 0);
	else
		check__err("kill() from inside",
			   actor__call(child, op_kill, 1, sig), 0);
	if (is_seen(b, sig) && !b->blocked)
		pass_on(init, sig);
	if (b->blocked) {
		actor__ask(init, op_unblock, sig, 0);
		if (is_seen(b, sig))
			pass_on(init, sig);
		check__err("unblock", actor__answer(init), 0);
	}
	check__eq("the init lives", actor__run(init, op_getpid), 1);
	check__eq("the signal is gone", actor__call(init, op_pending, sig, 0), 0);
}

static void stop(const struct actor *init)
{
	int status = 0;

	check__must("SIGSTOP", op_kill(init->pid, SIGSTOP));
	check__eq("the init stops", await_child(init->pid, WUNTRACED, &status),
		  init->pid);
	check__true("stopped", WIFSTOPPED(status));
}

static void resume(const struct actor *init)
{
	int status = 0;

	check__must("SIGCONT", op_kill(init->pid, SIGCONT));
	check__eq("the init goes on", await_child(init->pid, WCONTINUED, &status),
		  init->pid);
	check__true("continued", WIFCONTINUED(status));
}

static void survives(const void *arg)
{
	const struct blow *b = arg;
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);
	struct actor child = actor__spawn("child", &init, 0);

	if (b->threads)
		check__must("thread", actor__run(&init, op_add_thread));
	if (b->dead_leader)
		lose_leader(&init);
	if (b->resumed) {
		stop(&init);
		resume(&init);
	}
	if (b->traced)
		check__must("PTRACE_SEIZE", op_seize(init.pid, 0));
	for (size_t i = 0; i < ARRAY_SIZE(blows); i++) {
		if (is_survived(b, blows[i]))
			strike(b, &init, &child, blows[i]);
	}
}

/* Signals from inside that come during a stop have no effect when the stop ends. */
static void survives_during_stop(void)
{
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);
	struct actor child = actor__spawn("child", &init, 0);

	stop(&init);
	for (size_t i = 0; i < ARRAY_SIZE(blows); i++) {
		check__note("SIG%s", sigabbrev_np(blows[i]));
		check__err("kill() from inside",
			   actor__call(&child, op_kill, 1, blows[i]), 0);
		check__eq("the state of the init", ns__state(init.pid), 'T');
	}
	resume(&init);
	check__eq("the init lives", actor__run(&init, op_getpid), 1);
}

/* SIGSTOP and SIGKILL from outside work. */
static void obeys(const void *arg)
{
	const struct blow *b = arg;
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);

	if (b->threads)
		check__must("thread", actor__run(&init, op_add_thread));
	if (b->traced)
		check__must("PTRACE_SEIZE", op_seize(init.pid, 0));
	if (!b->traced && !b->blocked)
		stop(&init);
	if (b->blocked)
		actor__call(&init, op_block, SIGKILL, 0);
	check__must("SIGKILL", op_kill(init.pid, SIGKILL));
	check_end("the init ends", init.pid, SIGKILL, 0);
}

/* --- handlers ------------------------------------------------------------ */

static volatile sig_atomic_t handled;

static void on_signal(int sig __maybe_unused)
{
	handled++;
}

static long handle(long sig, long b __maybe_unused)
{
	return signal(sig, on_signal) == SIG_ERR ? -errno : 0;
}

static long count(long a __maybe_unused, long b __maybe_unused)
{
	return handled;
}

/* A signal that the init handles reaches it from inside and from outside. */
static void handles(void)
{
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);
	struct actor child = actor__spawn("child", &init, 0);

	check__must("handler", actor__call(&init, handle, SIGTERM, 0));
	check__err("kill() from inside", actor__call(&child, op_kill, 1, SIGTERM), 0);
	check__eq("handled", actor__run(&init, count), 1);
	check__err("kill() from outside", op_kill(init.pid, SIGTERM), 0);
	check__eq("handled again", actor__run(&init, count), 2);
}

/* --- its own faults ------------------------------------------------------ */

static long fault(long a __maybe_unused, long b __maybe_unused)
{
	static int *volatile nowhere;

	return *nowhere;
}

static long ignore(long sig, long b __maybe_unused)
{
	return signal(sig, SIG_IGN) == SIG_ERR ? -errno : 0;
}

static void faults(const void *arg)
{
	actor_fn *const *prepare = arg;
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);

	if (*prepare)
		check__must("prepare", actor__call(&init, *prepare, SIGSEGV, 0));
	actor__ask(&init, fault, 0, 0);
	check_end("the init ends", init.pid, SIGSEGV, 0);
}

static actor_fn *const no_preparation, *const ignored = ignore,
	*const blocked = op_block;

/* Installs a seccomp filter that kills on getpgid(), and calls it. */
static long break_seccomp(long a __maybe_unused, long b __maybe_unused)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return -errno;
	syscall(SYS_getpgid, 0);
	return 0;
}

struct sandbox {
	bool init;
	bool traced;
	bool threads;
};

static void is_killed_by_seccomp(const void *arg)
{
	const struct sandbox *s = arg;
	struct actor x = actor__spawn("process", NULL, s->init ? CLONE_NEWPID : 0);

	if (s->threads)
		check__must("thread", actor__run(&x, op_add_thread));
	if (s->traced)
		check__must("PTRACE_SEIZE", op_seize(x.pid, 0));
	actor__ask(&x, break_seccomp, 0, 0);
	check_end("it ends", x.pid, SIGSYS, 0);
}

#define SURVIVES(name, ...) \
	PROCESS_WITH("init: survives " name, survives, \
		     (&(const struct blow){ __VA_ARGS__ }))
#define OBEYS(name, ...) \
	PROCESS_WITH("init: obeys SIGKILL from outside" name, obeys, \
		     (&(const struct blow){ __VA_ARGS__ }))
#define SECCOMP(name, ...) \
	PROCESS_WITH("init: SIGSYS by seccomp ends " name, is_killed_by_seccomp, \
		     (&(const struct sandbox){ __VA_ARGS__ }))

static const struct test_case cases[] = {
	SURVIVES("signals from inside", .outside = false),
	SURVIVES("signals from outside", .outside = true),
	SURVIVES("blocked signals from inside", .blocked = true),
	SURVIVES("blocked signals from outside", .outside = true, .blocked = true),
	SURVIVES("signals from inside while traced", .traced = true),
	SURVIVES("signals from outside while traced", .outside = true, .traced = true),
	SURVIVES("blocked signals from inside while traced", .blocked = true,
		 .traced = true),
	SURVIVES("blocked signals from outside while traced", .outside = true,
		 .blocked = true, .traced = true),
	SURVIVES("signals from inside with two threads", .threads = true),
	SURVIVES("signals from outside with two threads", .outside = true,
		 .threads = true),
	SURVIVES("signals from inside with a dead leader", .dead_leader = true),
	SURVIVES("signals from outside with a dead leader", .outside = true,
		 .dead_leader = true),
	SURVIVES("signals from inside after a stop", .resumed = true),
	SURVIVES("blocked signals from inside after a stop", .blocked = true,
		 .resumed = true),
	SURVIVES("signals from inside after a stop, while traced", .traced = true,
		 .resumed = true),
	SURVIVES("signals from inside after a stop, with two threads", .threads = true,
		 .resumed = true),
	SURVIVES("signals from outside after a stop", .outside = true,
		 .resumed = true),
	PROCESS("init: survives signals from inside during a stop",
		survives_during_stop),
	OBEYS(", and SIGSTOP", .outside = true),
	OBEYS(" that it has blocked", .blocked = true),
	OBEYS(" while traced", .traced = true),
	OBEYS(" with two threads, and SIGSTOP", .threads = true),
	PROCESS("init: handles signals from inside and outside", handles),
	PROCESS_WITH("init: its own fault ends it", faults, &no_preparation),
	PROCESS_WITH("init: its own fault ends it, SIGSEGV ignored", faults, &ignored),
	PROCESS_WITH("init: its own fault ends it, SIGSEGV blocked", faults, &blocked),
	SECCOMP("a process", .init = false),
	SECCOMP("a traced process", .traced = true),
	SECCOMP("an init", .init = true),
	SECCOMP("a traced init", .init = true, .traced = true),
	SECCOMP("an init with two threads", .init = true, .threads = true),
};

PROGRAM_PART(init__add, cases)
