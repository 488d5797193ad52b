// SPDX-License-Identifier: GPL-2.0-only
/* Runs a command and passes its exit status on. */
#include "command.h"

#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int command__run(char **argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(EXIT_FAILURE, "%s", argv[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
