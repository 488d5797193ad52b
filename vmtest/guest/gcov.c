// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends the line counts of a kernel with CONFIG_GCOV_KERNEL to the host. The
 * kernel has its .gcda files below GCOV_DIR, under the paths of its build
 * directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

#define GCOV_DIR "/sys/kernel/debug/gcov"
#define FDS_MAX 16

static int port;

/* Reads a whole file of unknown size; the caller frees the buffer. */
static char *read_whole(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *buf = NULL;
	ssize_t n = -1;

	*len = 0;
	while (fd >= 0) {
		char *grown = realloc(buf, *len + 65536);

		if (!grown)
			break;
		buf = grown;
		n = read(fd, buf + *len, 65536);
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		fprintf(stderr, "vmtest-init: %s: %s\n", path, strerror(errno));
		free(buf);
		return NULL;
	}
	return buf;
}

static int send_one(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	const char *dot = strrchr(path, '.');
	char before[PATH_MAX], *buf;
	size_t len;

	(void)st;
	(void)ftw;
	if (type != FTW_F || !dot || strcmp(dot, ".gcda"))
		return 0;
	buf = read_whole(path, &len);
	if (!buf)
		return 0;
	snprintf(before, sizeof(before), "%s ", path + strlen(GCOV_DIR "/"));
	line__put_bytes(port, TAG_COUNTS, before, buf, len);
	free(buf);
	return 0;
}

void gcov__send(int fd)
{
	port = fd;
	if (!access(GCOV_DIR, F_OK))
		nftw(GCOV_DIR, send_one, FDS_MAX, FTW_PHYS);
}
