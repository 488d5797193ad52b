// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts, signals and reaps the command under observation.
 *
 * Two pipes connect parent and child. A byte in "go" starts the program; the end of
 * "go" without a byte means that the parent is gone. "error" carries what failed and its
 * errno, and a successful execve() closes it.
 *
 * A command that joins a pid namespace gets a new pid, and the old one may be reused.
 * So signals go to a pidfd, and when the known pid is no longer our child, the command
 * is looked up in our list of children. Bad at: a second child of this process, which
 * could be taken for the command.
 */
#include "loader/capture/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/msg.h"
#include "loader/capture/user.h"
#include "loader/lib/open_files.h"

struct command {
	const char *name;
	const char *user;	/* NULL: ours */
	pid_t pid;
	int pidfd;
	int go;
	int error;
	bool reaped;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);	/* harmless failure for some signals */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool is_in_path(const char *name)
{
	const char *dir = getenv("PATH");

	while (dir && *dir) {
		size_t len = strcspn(dir, ":");
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%.*s/%s", len ? (int)len : 1,
			 len ? dir : ".", name);
		if (!access(path, F_OK))
			return true;
		dir += len + (dir[len] == ':');
	}
	return false;
}

/*
 * Returns ENOENT for a program that is not in PATH, as a shell does. execvp()
 * returns EACCES if any directory in PATH cannot be searched.
 */
static int why_not(const char *name, int err)
{
	return err == EACCES && !strchr(name, '/') && !is_in_path(name) ?
		ENOENT : err;
}

/* The reason why the program does not run. */
struct failure {
	int error;
	bool of_user;
};

static struct failure child_run(char *const argv[], const struct command_setup *setup)
{
	int err = setup->user ? user__become(setup->user) : 0;

	if (err)
		return (struct failure){ -err, .of_user = true };
	if (setup->stdout_to_stderr)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], argv);
	return (struct failure){ why_not(argv[0], errno), .of_user = false };
}

static void __attribute__((noreturn))
child(char *const argv[], const struct command_setup *setup, int go, int error)
{
	struct failure f;
	char byte;

	reset_signals();
	open_files__restore();
	if (read(go, &byte, 1) != 1)
		_exit(126);
	f = child_run(argv, setup);
	while (write(error, &f, sizeof(f)) < 0 && errno == EINTR)
		;
	_exit(command__exec_status(f.error));
}

int command__fork(char *const argv[], const struct command_setup *setup,
		  struct command **out)
{
	int go[2] = { -1, -1 }, error[2] = { -1, -1 };
	struct command *c = xcalloc(1, sizeof(*c));
	int err;

	*out = NULL;
	c->name = argv[0];
	c->user = setup->user ? setup->user->name : NULL;
	c->pidfd = -1;
	if (pipe2(go, O_CLOEXEC) || pipe2(error, O_CLOEXEC))
		goto fail;
	c->pid = fork();
	if (c->pid < 0)
		goto fail;
	if (!c->pid) {
		close(go[1]);
		close(error[0]);
		child(argv, setup, go[0], error[1]);
	}
	close_fd(&go[0]);
	close_fd(&error[1]);
	c->go = go[1];
	c->error = error[0];
	c->pidfd = syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0) {
		err = -errno;
		command__free(c);
		return err;
	}
	*out = c;
	return 0;

fail:
	err = -errno;
	for (int i = 0; i < 2; i++) {
		close_fd(&go[i]);
		close_fd(&error[i]);
	}
	free(c);
	return err;
}

pid_t command__pid(const struct command *c)
{
	return c->pid;
}

int command__fd(const struct command *c)
{
	return c->pidfd;
}

int command__exec(struct command *c)
{
	struct failure f;
	ssize_t n;

	if (write(c->go, "", 1) != 1)
		return -errno;
	close_fd(&c->go);
	do {
		n = read(c->error, &f, sizeof(f));
	} while (n < 0 && errno == EINTR);
	close_fd(&c->error);
	if (n == 0)
		return 0;
	if (f.of_user)
		msg__error("--user %s: %s", c->user, strerror(f.error));
	else
		msg__error("%s: %s", c->name, strerror(f.error));
	return -f.error;
}

/* Returns the pid of our first child; 0: none, or not known. */
static pid_t only_child(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

/* Finds the command's new pid, which is not reused until we reap the child. */
static int command__find_again(struct command *c)
{
	pid_t pid = only_child();
	int fd;

	if (pid <= 0 || pid == c->pid)
		return -ECHILD;
	fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return -errno;
	close_fd(&c->pidfd);
	c->pidfd = fd;
	c->pid = pid;
	return 0;
}

int command__reap(struct command *c, struct command_status *status)
{
	int raw, err;

	while (waitpid(c->pid, &raw, 0) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != ECHILD)
			return -errno;
		err = command__find_again(c);
		if (err) {
			msg__error("%s: pid %d is no longer a child of this process, and no other child was found",
				   c->name, c->pid);
			return err;
		}
		return -EAGAIN;
	}
	c->reaped = true;
	close_fd(&c->pidfd);	/* an open pidfd holds the struct pid */
	*status = (struct command_status) {
		.exit = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1,
		.signal = WIFSIGNALED(raw) ? WTERMSIG(raw) : 0,
	};
	return 0;
}

void command__signal(struct command *c, int signal)
{
	if (!c->reaped)
		syscall(SYS_pidfd_send_signal, c->pidfd, signal, NULL, 0);
}

void command__free(struct command *c)
{
	struct command_status status;

	if (!c)
		return;
	if (!c->reaped) {
		do {
			command__signal(c, SIGKILL);
		} while (command__reap(c, &status) == -EAGAIN);
	}
	close_fd(&c->go);
	close_fd(&c->error);
	close_fd(&c->pidfd);
	free(c);
}

int command_status__shell(const struct command_status *status)
{
	return status->signal ? 128 + status->signal : status->exit;
}

int command__exec_status(int error)
{
	return abs(error) == ENOENT ? 127 : 126;
}
