// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a tracer sees and may do: faults of its tracee, the exit of each thread, pending
 * signals, and the privileges that tracing takes away.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

#define PLAIN_UID 1000

static void seize(pid_t pid, int options)
{
	check__must("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, pid, 0, options) ? -errno : 0);
}

static void go_on(pid_t pid, int sig)
{
	check__err("PTRACE_CONT", ptrace(PTRACE_CONT, pid, 0, sig) ? -errno : 0, 0);
}

/* --- faults -------------------------------------------------------------- */

static long fault(long a __maybe_unused, long b __maybe_unused)
{
	static int *volatile nowhere;

	return *nowhere;
}

static void on_fault(int sig __maybe_unused)
{
	_exit(3);
}

static long ignore(long sig, long b __maybe_unused)
{
	return signal(sig, SIG_IGN) == SIG_ERR ? -errno : 0;
}

static long handle(long sig, long b __maybe_unused)
{
	return signal(sig, on_fault) == SIG_ERR ? -errno : 0;
}

static const struct faulty {
	actor_fn *prepare;
	bool handled;
} by_default = { 0 }, ignored = { .prepare = ignore },
	blocked = { .prepare = op_block },
	handled = { .prepare = handle, .handled = true };

/* The tracer sees a fault first, whatever the tracee does with SIGSEGV. */
static void sees_fault(const void *arg)
{
	const struct faulty *f = arg;
	struct actor x = actor__spawn("tracee", NULL, 0);

	if (f->prepare)
		check__must("prepare", actor__call(&x, f->prepare, SIGSEGV, 0));
	seize(x.pid, 0);
	actor__ask(&x, fault, 0, 0);
	if (check_signal_stop("the tracer", x.pid, SIGSEGV))
		go_on(x.pid, SIGSEGV);
	check_end("the tracee ends", x.pid, f->handled ? 0 : SIGSEGV, 3);
}

/* --- the exit of each thread --------------------------------------------- */

/* How the process ends: by exit_group() of its leader, or by a signal. */
static const int exits, is_killed = SIGKILL, is_terminated = SIGTERM;

static long leave(long status, long b __maybe_unused)
{
	_exit(status);
}

static void sees_exits(const void *arg)
{
	const int *sig = arg;
	struct actor x = actor__spawn("tracee", NULL, 0);
	pid_t tid;

	check__must("thread", actor__run(&x, op_add_thread));
	tid = check__must("tid", actor__call(&x, op_thread, 1, 0));
	seize(tid, PTRACE_O_TRACEEXIT);
	/* A traced leader would stop for SIGTERM first. */
	if (*sig != SIGTERM)
		seize(x.pid, PTRACE_O_TRACEEXIT);
	if (*sig)
		check__must("kill", op_kill(x.pid, *sig));
	else
		actor__ask(&x, leave, 5, 0);
	if (check_event("the second thread", tid, PTRACE_EVENT_EXIT))
		go_on(tid, 0);
	if (*sig != SIGTERM && check_event("the leader", x.pid, PTRACE_EVENT_EXIT))
		go_on(x.pid, 0);
	check_end("the second thread ends", tid, *sig, 5);
	check_end("the leader ends", x.pid, *sig, 5);
}

/* --- pending signals ----------------------------------------------------- */

static const struct peek {
	const char *what;
	uint64_t offset;
	unsigned int pending;	/* signals that wait for the thread */
	long got;		/* at most two */
} peeks[] = {
	{ "nothing", 0, 0, 0 },
	{ "the first of one", 0, 1, 1 },
	{ "the second of one", 1, 1, 0 },
	{ "both of two", 0, 2, 2 },
	{ "the second of two", 1, 2, 1 },
	{ "INT_MAX", INT_MAX, 1, 0 },
	{ "INT_MAX + 1", INT_MAX + 1UL, 1, 0 },
	{ "UINT_MAX", UINT_MAX, 1, 0 },
	{ "UINT_MAX, nothing", UINT_MAX, 0, 0 },
	{ "UINT_MAX + 1", UINT_MAX + 1UL, 1, 0 },
	{ "LONG_MAX", LONG_MAX, 1, 0 },
	{ "LONG_MAX + 1", LONG_MAX + 1UL, 1, 0 },
};

static long kill_thread(long tid, long sig)
{
	return syscall(SYS_tkill, tid, sig) ? -errno : 0;
}

static void peeks_at_signals(void)
{
	static const int signals[] = { SIGUSR1, SIGUSR2 };
	struct actor x = actor__spawn("tracee", NULL, 0);
	siginfo_t info[2];
	unsigned int sent = 0;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		check__must("block", actor__call(&x, op_block, signals[i], 0));
	seize(x.pid, 0);
	check__must("PTRACE_INTERRUPT", ptrace(PTRACE_INTERRUPT, x.pid, 0, 0) ? -errno :
		    0);
	check_event("the tracee stops", x.pid, PTRACE_EVENT_STOP);
	for (unsigned int pending = 0; pending <= ARRAY_SIZE(signals); pending++) {
		for (; sent < pending; sent++)
			check__must("tkill", kill_thread(x.pid, signals[sent]));
		for (size_t i = 0; i < ARRAY_SIZE(peeks); i++) {
			struct __ptrace_peeksiginfo_args args = {
				.off = peeks[i].offset, .nr = 2,
			};

			if (peeks[i].pending != pending)
				continue;
			check__eq(peeks[i].what,
				  ptrace(PTRACE_PEEKSIGINFO, x.pid, &args, info),
				  peeks[i].got);
		}
	}
	check__eq("the second signal", info[1].si_signo, SIGUSR2);
}

/* --- privileges ---------------------------------------------------------- */

#define SETUID_PROGRAM "/tmp/processes-setuid"

static long effective_uid(long a __maybe_unused, long b __maybe_unused)
{
	return geteuid();
}

static long be_traced(long a __maybe_unused, long b __maybe_unused)
{
	return ptrace(PTRACE_TRACEME, 0, 0, 0) ? -errno : 0;
}

/* The tracer of a plain user that executes a program with the rights of root. */
enum tracer { NOBODY, ROOT, TRACEME };

static const enum tracer nobody = NOBODY, root = ROOT, traceme = TRACEME;

/*
 * The rights are given if nobody traces, or if the tracer has them as well. With
 * PTRACE_TRACEME, the rights of the tracee count: the tracer did not ask.
 */
static void setuid_while_traced(const void *arg)
{
	const enum tracer *tracer = arg;
	struct actor x = actor__spawn("tracee", NULL, 0);

	copy_program(SETUID_PROGRAM, 04755);
	check__must("become a plain user", actor__call(&x, op_become, PLAIN_UID, 0));
	if (*tracer == ROOT)
		seize(x.pid, 0);
	if (*tracer == TRACEME)
		check__must("PTRACE_TRACEME", actor__run(&x, be_traced));
	actor__ask(&x, actor__exec, (long)SETUID_PROGRAM, 0);
	if (*tracer == TRACEME &&
	    check_signal_stop("the tracer sees the exec", x.pid, SIGTRAP))
		go_on(x.pid, 0);
	check__err("exec", actor__answer(&x), 0);
	check__eq("geteuid()", actor__run(&x, effective_uid),
		  *tracer == TRACEME ? PLAIN_UID : 0);
	unlink(SETUID_PROGRAM);
}

/* --- memory -------------------------------------------------------------- */

static int number = 4711;

/* As a plain user, traces a new child; returns whether its memory can be read. */
static long read_child(long dumpable, long b __maybe_unused)
{
	pid_t pid = ns__clone(0, NULL);
	int status, value;

	if (!pid) {
		prctl(PR_SET_DUMPABLE, dumpable);
		_exit(ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -ECHILD;
	errno = 0;
	value = ptrace(PTRACE_PEEKDATA, pid, &number, 0);
	status = errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return status ? -status : value == number;
}

/* A process that may not be dumped is not read by a tracer without privileges. */
static void reads_memory(void)
{
	struct actor plain = actor__spawn("plain user", NULL, 0);

	check__err("root", actor__call(&plain, read_child, 0, 0), 1);
	check__must("become a plain user",
		    actor__call(&plain, op_become, PLAIN_UID, 0));
	check__err("a dumpable process", actor__call(&plain, read_child, 1, 0), 1);
	check__err("one that is not", actor__call(&plain, read_child, 0, 0), -EIO);
}

#define FAULT(name, faulty) \
	PROCESS_WITH("trace: a fault is seen" name, sees_fault, &faulty)
#define EXITS(name, how) \
	PROCESS_WITH("trace: the exit of each thread is seen" name, sees_exits, &how)
#define SETUID(name, tracer) \
	PROCESS_WITH("trace: a setuid program " name, setuid_while_traced, &tracer)

static const struct test_case cases[] = {
	FAULT("", by_default),
	FAULT(" that is ignored", ignored),
	FAULT(" that is blocked", blocked),
	FAULT(" that is handled", handled),
	EXITS(", by exit_group()", exits),
	EXITS(", by SIGKILL", is_killed),
	EXITS(", by SIGTERM", is_terminated),
	PROCESS("trace: PTRACE_PEEKSIGINFO has no signal beyond the last",
		peeks_at_signals),
	SETUID("of an untraced user gets root's rights", nobody),
	SETUID("of a user traced by root gets them", root),
	SETUID("of a user that used PTRACE_TRACEME does not", traceme),
	PROCESS("trace: who may not be dumped is not read", reads_memory),
};

PROGRAM_PART(trace__add, cases)
