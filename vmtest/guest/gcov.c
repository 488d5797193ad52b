// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends the line counts of a kernel with CONFIG_GCOV_KERNEL to the host. The
 * kernel has its .gcda files below GCOV_DIR, under the paths of its build
 * directory.
 */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

#define GCOV_DIR "/sys/kernel/debug/gcov"
#define FDS_MAX 16

static int port;

static int send_one(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	const char *dot = strrchr(path, '.');
	auto_free char *before = xasprintf("%s ", path + strlen(GCOV_DIR "/"));
	auto_free char *counts = NULL;
	size_t len;
	int err;

	(void)st;
	(void)ftw;
	if (type != FTW_F || !dot || strcmp(dot, ".gcda"))
		return 0;
	err = read_file(path, &counts, &len);
	if (err)
		fprintf(stderr, "vmtest-init: %s: %s\n", path, strerror(-err));
	else
		line__put_bytes(port, TAG_COUNTS, before, counts, len);
	return 0;
}

void gcov__send(int fd)
{
	port = fd;
	if (!access(GCOV_DIR, F_OK))
		nftw(GCOV_DIR, send_one, FDS_MAX, FTW_PHYS);
}
