// SPDX-License-Identifier: GPL-2.0-only
/* Locks a directory with flock(), and checks that the path still names it. */
#include "vmtest/lib/dirlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int dirlock__take(const char *path)
{
	struct stat a, b;
	int fd;

	for (;;) {
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			int err = errno;

			close(fd);
			return -err;
		}
		/* The last holder may have removed or renamed the directory. */
		if (!fstat(fd, &a) && !stat(path, &b) &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return fd;
		close(fd);
	}
}
