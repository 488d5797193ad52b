// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command on a terminal of its own.
 *
 *	terminal COMMAND...		copies the terminal's output to stdout
 *	terminal --close COMMAND...	closes the terminal at its first output
 *
 * The program reports on stderr how the command ended (with 2 if the command could not
 * be executed). The exit status is 0, or 2 after any other error, or if the command did
 * not end within LIMIT_S seconds.
 */
#include <err.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define LIMIT_S 60

static pid_t child;

static void too_late(int sig)
{
	(void)sig;
	kill(child, SIGKILL);
	_exit(EXIT_USAGE);
}

/* Copies until the other side is closed, or until the first output if @once. */
static void copy(int from, bool once)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, (size_t)n) != n)
			err(EXIT_USAGE, "stdout");
		if (once)
			return;
	}
}

int main(int argc, char **argv)
{
	bool closes = argc > 1 && !strcmp(argv[1], "--close");
	int status, fd;

	argv += 1 + closes;
	if (!*argv)
		errx(EXIT_USAGE, "which command?");
	child = forkpty(&fd, NULL, NULL, NULL);
	if (child < 0)
		err(EXIT_USAGE, "forkpty");
	if (!child) {
		execvp(*argv, argv);
		err(EXIT_USAGE, "%s", *argv);
	}
	signal(SIGALRM, too_late);
	alarm(LIMIT_S);
	copy(fd, closes);
	close(fd);
	if (waitpid(child, &status, 0) != child)
		err(EXIT_USAGE, "waitpid");
	if (WIFSIGNALED(status))
		fprintf(stderr, "ended by signal %d\n", WTERMSIG(status));
	else
		fprintf(stderr, "ended with %d\n", WEXITSTATUS(status));
	return 0;
}
