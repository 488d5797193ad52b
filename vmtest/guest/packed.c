// SPDX-License-Identifier: GPL-2.0-only
/* A guest under -icount: see ../recorded.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "../protocol.h"
#include "../recorded.h"
#include "guest.h"

static const struct {
	const char *port;
	int uart, irq;		/* 0: the one that the kernel knows */
} uarts[] = {
	{ PORT_RESULT, UART_RESULT, 0 },
	{ PORT_TRACE, UART_TRACE, UART_TRACE_IRQ },
};

int packed__open(void)
{
	return open(PACKED_JOB, O_RDONLY | O_CLOEXEC);
}

bool packed__is(void)
{
	return !access(PACKED_JOB, F_OK);
}

static int set_irq(int fd, int irq)
{
	struct serial_struct s;

	if (ioctl(fd, TIOCGSERIAL, &s))
		return -errno;
	s.irq = irq;
	return ioctl(fd, TIOCSSERIAL, &s) ? -errno : 0;
}

/* Bytes as they are, and no terminal of anybody's. */
static int make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return -errno;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL;
	return tcsetattr(fd, TCSANOW, &t) ? -errno : 0;
}

static int open_uart(int uart, int irq, int flags)
{
	char path[32];
	int fd, err;

	snprintf(path, sizeof(path), "/dev/ttyS%d", uart);
	fd = open(path, flags | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = irq ? set_irq(fd, irq) : 0;
	if (!err)
		err = make_raw(fd);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int packed__port(const char *name, int flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(uarts); i++) {
		char to[64], from[32];

		if (strcmp(uarts[i].port, name))
			continue;
		snprintf(from, sizeof(from), "../ttyS%d", uarts[i].uart);
		snprintf(to, sizeof(to), "/dev/virtio-ports/%s", name);
		mkdir("/dev/virtio-ports", 0755);
		/* pidnstrace is told the name that it always is told. */
		if (symlink(from, to) && errno != EEXIST)
			return -errno;
		return open_uart(uarts[i].uart, uarts[i].irq, flags);
	}
	return -ENOENT;
}
