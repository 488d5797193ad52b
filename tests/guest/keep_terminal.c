// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal of a caller that joins and keeps its struct pid. Outside is a shell that
 * leads the session of a pty; the caller is its job, in a process group of its own. The
 * director has the other side of the pty, at which a user types.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

struct console {
	int master;
	struct actor init, shell, job;
	long shell_tty, job_tty;	/* the pty's other side, in these processes */
	struct ns_numbers was;		/* the job's */
	long inner;			/* the job's number in the target */
};

static long take_terminal(long fd, long b __maybe_unused)
{
	if (setsid() < 0 || ioctl(fd, TIOCSCTTY, 0) ||
	    signal(SIGTTOU, SIG_IGN) == SIG_ERR)
		return -errno;
	return 0;
}

static long set_front(long fd, long group)
{
	pid_t pgrp = group;

	return ioctl(fd, TIOCSPGRP, &pgrp) ? -errno : 0;
}

static long front(long fd, long b __maybe_unused)
{
	pid_t pgrp = -1;

	return ioctl(fd, TIOCGPGRP, &pgrp) ? -errno : pgrp;
}

static long session(long fd, long b __maybe_unused)
{
	pid_t sid = -1;

	return ioctl(fd, TIOCGSID, &sid) ? -errno : sid;
}

static long default_action(long sig, long b __maybe_unused)
{
	return signal(sig, SIG_DFL) == SIG_ERR ? -errno : 0;
}

static int open_pty(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) || unlockpt(master))
		check__bail("no pty: %m");
	*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0)
		check__bail("TIOCGPTPEER: %m");
	return master;
}

/* A shell with a job in the foreground. */
static struct console console__start(void)
{
	struct console c = {
		.init = actor__spawn("init of the target", NULL, CLONE_NEWPID),
		.shell = actor__spawn("shell", NULL, 0),
	};
	int slave;

	c.master = open_pty(&slave);
	c.shell_tty = actor__give(&c.shell, slave);
	check__must("terminal", actor__call(&c.shell, take_terminal, c.shell_tty,
					    0));
	c.job = actor__spawn("job", &c.shell, 0);
	c.job_tty = actor__give(&c.job, slave);
	close(slave);
	check__must("setpgid", actor__call(&c.job, op_setpgid, 0, 0));
	check__must("SIGTTOU", actor__call(&c.job, default_action, SIGTTOU, 0));
	check__must("tcsetpgrp", actor__call(&c.shell, set_front, c.shell_tty,
					     c.job.pid));
	c.was = joined__numbers(NULL, c.job.pid, "NSpid");
	return c;
}

static void console__join(struct console *c)
{
	int nsfd = check__must("target", ns__open(c->init.pid, "pid"));

	check__err("setns", scene__enter(&c->job, nsfd, CLONE_NEWPID), 0);
	c->inner = kept__check_numbers(c->job.pid, &c->was);
	close(nsfd);
}

static struct console console__make(void)
{
	struct console c = console__start();

	console__join(&c);
	return c;
}

static void press(const struct console *c, char key)
{
	check__eq("a key", write(c->master, &key, 1), 1);
}

/* Checks what the shell's waitpid() of the job returns. */
static void expect_job(const char *what, const struct console *c, int status)
{
	check__eq(what, actor__call(&c->shell, op_waitpid, c->job.pid,
				    WUNTRACED | WCONTINUED), c->job.pid);
	check__eq("its status", actor__run(&c->shell, op_wait_status), status);
}

#define STOPPED(sig) ((sig) << 8 | 0x7f)
#define CONTINUED 0xffff

static void interrupts(void)
{
	struct console c = console__make();

	press(&c, CTRL('C'));
	expect_job("^C ends the job", &c, SIGINT);
	check__err("not the shell", actor__call(&c.shell, set_front, c.shell_tty,
						c.shell.pid), 0);
	check__eq("which is in front again", front(c.master, 0), c.shell.pid);
}

static void stops_and_goes_on(void)
{
	struct console c = console__make();

	press(&c, CTRL('Z'));
	expect_job("^Z stops the job", &c, STOPPED(SIGTSTP));
	check__err("the shell comes to the front",
		   actor__call(&c.shell, set_front, c.shell_tty, c.shell.pid), 0);
	check__eq("the front", front(c.master, 0), c.shell.pid);
	/* fg */
	check__err("the job comes to the front",
		   actor__call(&c.shell, set_front, c.shell_tty, c.job.pid), 0);
	check__err("SIGCONT", actor__call(&c.shell, op_kill, -c.job.pid, SIGCONT),
		   0);
	expect_job("the job goes on", &c, CONTINUED);
	check__eq("and answers", actor__run(&c.job, op_getpid), c.inner);
	press(&c, CTRL('C'));
	expect_job("^C ends it", &c, SIGINT);
}

static long read_key(long fd, long b __maybe_unused)
{
	char line[8];
	ssize_t n = read(fd, line, sizeof(line));

	return n < 0 ? -errno : n ? line[0] : 0;
}

/* In the background, a read stops the job; in the foreground, it gets the line. */
static void reads(void)
{
	struct console c = console__make();

	check__err("the shell comes to the front",
		   actor__call(&c.shell, set_front, c.shell_tty, c.shell.pid), 0);
	actor__ask(&c.job, read_key, c.job_tty, 0);
	expect_job("a read in the background stops the job", &c,
		   STOPPED(SIGTTIN));
	check__err("the job comes to the front",
		   actor__call(&c.shell, set_front, c.shell_tty, c.job.pid), 0);
	check__err("SIGCONT", actor__call(&c.shell, op_kill, -c.job.pid, SIGCONT),
		   0);
	expect_job("the job goes on", &c, CONTINUED);
	press(&c, 'k');
	press(&c, '\n');
	check__eq("it reads what is typed", actor__answer(&c.job), 'k');
}

/* tcgetpgrp(), tcgetsid() and tcsetpgrp() inside; the director looks from outside. */
static void sets_front(void)
{
	struct console c = console__make();
	struct actor child;
	long inner;

	check__eq("tcgetpgrp() of the job",
		  actor__call(&c.job, front, c.job_tty, 0), c.inner);
	check__eq("tcgetsid() of the job",
		  actor__call(&c.job, session, c.job_tty, 0), 0);
	child = actor__spawn("child of the job", &c.job, 0);
	inner = actor__run(&child, op_getpid);
	check__err("setpgid() of its child",
		   actor__call(&c.job, op_setpgid, inner, inner), 0);
	check__err("tcsetpgrp() to its child",
		   actor__call(&c.job, set_front, c.job_tty, inner), 0);
	check__eq("the front, outside", front(c.master, 0), child.pid);
	press(&c, CTRL('C'));
	check__eq("^C ends the child", actor__call(&c.job, op_waitpid, inner, 0),
		  inner);
	check__eq("its status", actor__run(&c.job, op_wait_status), SIGINT);
	check__must("block", actor__call(&c.job, op_block, SIGTTOU, 0));
	check__err("tcsetpgrp() to itself",
		   actor__call(&c.job, set_front, c.job_tty, c.inner), 0);
	check__eq("the front, outside", front(c.master, 0), c.job.pid);
	check__err("the shell comes to the front",
		   actor__call(&c.shell, set_front, c.shell_tty, c.shell.pid), 0);
	check__eq("tcgetpgrp() of the job then",
		  actor__call(&c.job, front, c.job_tty, 0), 0);
}

/* The end of the shell, which leads the session: the job in front gets SIGHUP. */
static void loses_shell(void)
{
	struct console c = console__make();
	int status;

	actor__exit(&c.shell, 0);
	check__eq("the shell is reaped", waitpid(c.shell.pid, NULL, 0),
		  c.shell.pid);
	check__eq("the job ends", waitpid(c.job.pid, &status, 0), c.job.pid);
	check__eq("by SIGHUP", status, SIGHUP);
}

/* The shell, which leads the session, joins itself. Its job has to end before. */
static struct console join_shell(void)
{
	struct console c = console__start();
	struct ns_numbers was = joined__numbers(NULL, c.shell.pid, "NSpid");
	int nsfd = check__must("target", ns__open(c.init.pid, "pid"));

	actor__exit(&c.job, 0);
	check__eq("the job ends", actor__call(&c.shell, op_waitpid, c.job.pid, 0),
		  c.job.pid);
	check__err("the shell comes to the front",
		   actor__call(&c.shell, set_front, c.shell_tty, c.shell.pid), 0);
	check__err("setns", scene__enter(&c.shell, nsfd, CLONE_NEWPID), 0);
	c.inner = kept__check_numbers(c.shell.pid, &was);
	close(nsfd);
	return c;
}

static void expect_end_of_shell(const struct console *c, int sig)
{
	int status;

	check__eq("the end of the shell", waitpid(c->shell.pid, &status, 0),
		  c->shell.pid);
	check__eq("its status", status, sig);
}

static void shell_joins(void)
{
	struct console c = join_shell();

	check__eq("tcgetpgrp()", actor__call(&c.shell, front, c.shell_tty, 0),
		  c.inner);
	check__eq("tcgetsid()", actor__call(&c.shell, session, c.shell_tty, 0),
		  c.inner);
	check__eq("the front, outside", front(c.master, 0), c.shell.pid);
	check__eq("the session, outside", session(c.master, 0), c.shell.pid);
	press(&c, CTRL('C'));
	expect_end_of_shell(&c, SIGINT);
}

static void hangs_up(void)
{
	struct console c = join_shell();

	close(c.master);
	expect_end_of_shell(&c, SIGHUP);
}

/* A child of the caller, inside, is in front when the caller exits. */
static void shell_ends(void)
{
	struct console c = join_shell();
	struct actor child = actor__spawn("child", &c.shell, 0);
	long inner = actor__run(&child, op_getpid);

	check__must("block", actor__call(&child, op_block, SIGHUP, 0));
	check__must("setpgid", actor__call(&child, op_setpgid, 0, 0));
	check__err("the child comes to the front",
		   actor__call(&c.shell, set_front, c.shell_tty, inner), 0);
	check__eq("the front, outside", front(c.master, 0), child.pid);
	actor__exit(&c.shell, 0);
	expect_end_of_shell(&c, 0);
	check__eq("the child gets SIGHUP",
		  actor__call(&child, op_pending, SIGHUP, 0), 1);
	check__eq("getppid() of the child", actor__run(&child, op_getppid), 1);
}

#define TERMINAL(name, fn) KEEP("terminal: " name, fn)

static const struct test_case cases[] = {
	TERMINAL("^C ends the caller, the job in front", interrupts),
	TERMINAL("^Z stops the caller, fg of the outer shell lets it go on",
		 stops_and_goes_on),
	TERMINAL("a read stops the caller in the background only", reads),
	TERMINAL("tcsetpgrp() and tcgetpgrp() inside", sets_front),
	TERMINAL("the end of the outer shell ends the caller", loses_shell),
	TERMINAL("a caller that leads the session keeps its terminal",
		 shell_joins),
	TERMINAL("a hangup ends a caller that leads the session", hangs_up),
	TERMINAL("the end of a caller that leads the session ends its job in front",
		 shell_ends),
};

PROGRAM_PART(keep_terminal__add, cases)
