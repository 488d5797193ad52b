// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forwards the kernel's log to the host. /dev/kmsg has all records from the boot on,
 * whatever the console's loglevel is and whoever clears the log; init opens it once,
 * before any program can forbid that (kernel.printk_devkmsg).
 *
 * Limit: the kernel overwrites records that nobody has read in time. The host sees that
 * from their numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

#define KMSG "/dev/kmsg"
#define RECORD_MAX 8192			/* PRINTK_MESSAGE_MAX, escaped, is shorter */
#define RECORDS_AT_ONCE 1000
#define RECORDS_AT_END 100000
/* The action of syslog(2) that sets the loglevel of the console, and the highest level. */
#define ACTION_CONSOLE_LEVEL 8
#define ALL_MESSAGES 8
#define END_MARK "<6>vmtest-init: the job has ended\n"

int kmsg__open(int port)
{
	int fd = open(KMSG, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		line__putf(port, TAG_KERNEL, "# " KMSG ": %s", strerror(errno));
	return fd;
}

/* Forwards up to @max records. Returns false if there may be more. */
static bool forward(int fd, int port, int max)
{
	char buf[RECORD_MAX];
	ssize_t n;

	while (max-- > 0) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EAGAIN)
			return true;
		/* EPIPE: records were overwritten; the next read gets the oldest. */
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0) {
			line__putf(port, TAG_KERNEL, "# " KMSG ": %s", strerror(errno));
			return true;
		}
		/* Further lines of a record are properties of a device. */
		line__put(port, TAG_KERNEL, buf,
			  (size_t)((char *)memchr(buf, '\n', (size_t)n) - buf));
	}
	return false;
}

void kmsg__forward(int fd, int port)
{
	if (fd >= 0)
		forward(fd, port, RECORDS_AT_ONCE);
}

void kmsg__finish(int fd, int port)
{
	/* From here on the console shows what init reads no more. */
	klogctl(ACTION_CONSOLE_LEVEL, NULL, ALL_MESSAGES);
	if (fd < 0)
		return;
	/* A line in both, so that the host finds the place of the end on the console. */
	if (write(fd, END_MARK, strlen(END_MARK)) < 0)
		line__putf(port, TAG_LOG, KMSG ": %s", strerror(errno));
	if (!forward(fd, port, RECORDS_AT_END))
		line__putf(port, TAG_KERNEL, "# the kernel prints without end");
}
