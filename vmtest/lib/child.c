// SPDX-License-Identifier: GPL-2.0-only
/* Sets up a forked child, so that no child outlives the runner. */
#include "vmtest/lib/child.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

void child__begin(pid_t parent, int sig)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, sig);
	if (getppid() != parent)
		_exit(127);
	/* A shell that inherits an ignored SIGPIPE prints errors on broken pipes. */
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
