// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command on its own terminal. The user's terminal is raw, so this one
 * echoes, edits lines and turns Ctrl-C into a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

static void set_environment(const json_t *terminal)
{
	const char *name = json_string_value(json_object_get(terminal, "name"));
	const char *type = json_string_value(json_object_get(terminal, "type"));
	struct utsname u;
	char prompt[256];

	uname(&u);
	snprintf(prompt, sizeof(prompt), "%s %s:\\w# ", name ? name : "vmtest",
		 u.release);
	setenv("PS1", prompt, 1);
	setenv("TERM", type ? type : "dumb", 1);
}

static void become(char *const argv[], const char *slave,
		   const json_t *terminal)
{
	int fd;

	setsid();
	fd = open(slave, O_RDWR);
	ioctl(fd, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	close(LINES_FD);
	signal(SIGPIPE, SIG_DFL);
	set_environment(terminal);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void set_size(int fd, const json_t *terminal)
{
	struct winsize w = { 0 };

	w.ws_row = (unsigned short)json_integer_value(
		json_object_get(terminal, "rows"));
	w.ws_col = (unsigned short)json_integer_value(
		json_object_get(terminal, "columns"));
	ioctl(fd, TIOCSWINSZ, &w);
}

int pty__run(char *const argv[], const json_t *job)
{
	const json_t *terminal = json_object_get(job, "terminal");
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), to, port;
	struct input in;
	char slave[64];
	pid_t pid;

	if (master < 0 || grantpt(master) || unlockpt(master) ||
	    ptsname_r(master, slave, sizeof(slave)) ||
	    fcntl(master, F_SETFL, O_NONBLOCK))
		return -errno;
	to = fcntl(master, F_DUPFD_CLOEXEC, 0);
	port = setup__port(PORT_INPUT, O_RDONLY | O_NONBLOCK);
	if (to < 0 || port < 0)
		return to < 0 ? -errno : port;
	input__init(&in, port, to, true);
	set_size(master, terminal);
	pid = fork();
	if (pid == 0)
		become(argv, slave, terminal);
	if (pid < 0)
		return -errno;
	return relay__follow(pid, master, &in);
}
