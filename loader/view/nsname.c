// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the pid namespace that an argument names, by number or path. Any file but the
 * nsfs file of a pid namespace is refused, with the reason; the open waits for no fifo
 * or device.
 */
#include "loader/view/nsname.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "loader/lib/parse.h"
#include "loader/trace/names.h"

static int parse_inum(const char *word, uint32_t *inum)
{
	char digits[16];
	uint64_t value;
	int end = 0;

	if (sscanf(word, "pid:[%15[0-9]]%n", digits, &end) == 1 && end &&
	    !word[end])
		word = digits;
	if (parse__u64(word, &value) || value > UINT32_MAX || !value)
		return -EINVAL;
	*inum = value;
	return 0;
}

static int check_file(int fd, const char *word, uint32_t *inum, char *why,
		      size_t len)
{
	struct statfs fs;
	struct stat st;
	int type;

	if (fstat(fd, &st) || fstatfs(fd, &fs)) {
		int err = -errno;

		snprintf(why, len, "%s: %s", word, strerror(-err));
		return err;
	}
	if (fs.f_type != NSFS_MAGIC) {
		snprintf(why, len, "%s: is not a namespace; give a path such as /proc/PID/ns/pid",
			 word);
		return -EINVAL;
	}
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type != CLONE_NEWPID) {
		snprintf(why, len, "%s: is a namespace of another kind (%s), not a pid namespace",
			 word, ns_type__name((uint32_t)type));
		return -EINVAL;
	}
	*inum = (uint32_t)st.st_ino;
	return 0;
}

int nsname__parse(const char *word, uint32_t *inum, char *why, size_t len)
{
	int fd, err;

	if (!parse_inum(word, inum))
		return 0;
	if (!strchr(word, '/')) {
		snprintf(why, len, "%s: neither the number of a pid namespace, as in pid:[4026531836], nor a path",
			 word);
		return -EINVAL;
	}
	/* O_NONBLOCK: the open must not wait for a fifo or a device. */
	fd = open(word, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		err = -errno;
		snprintf(why, len, "%s: %s%s", word, strerror(-err),
			 err == -ENOENT && !strncmp(word, "/proc/", 6) ?
			 ": has the process ended?" : "");
		return err;
	}
	err = check_file(fd, word, inum, why, len);
	close(fd);
	return err;
}
