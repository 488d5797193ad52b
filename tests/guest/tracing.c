// SPDX-License-Identifier: GPL-2.0-only
/* Makes, reads and removes an ftrace instance for one case. */
#include "tracing.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

void tracing__begin(void)
{
	/* A private mount namespace: the mount disappears with this process. */
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tracefs", "/tmp", "tracefs", 0, NULL))
		check__skip("no tracefs: %s", strerror(errno));
	/* Remove the instance, with its trace, of a case that was killed. */
	rmdir(TRACING);
	if (mkdir(TRACING, 0700))
		check__skip("no " TRACING ": %s", strerror(errno));
}

void tracing__end(void)
{
	check__must("rmdir " TRACING, rmdir(TRACING) ? -errno : 0);
}

void tracing__read(char *text, size_t size)
{
	int fd = check__must("trace", open(TRACING "/trace",
					   O_RDONLY | O_CLOEXEC));
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 &&
	       (n = read(fd, text + len, size - 1 - len)) > 0)
		len += n;
	close(fd);
	text[len] = '\0';
}
