// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens the job of a guest under -icount, and the UARTs that serve as its ports.
 * vmtest/wire/icount_channels.h explains why such a guest has no virtio ports.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/icount_channels.h"
#include "vmtest/wire/protocol.h"

static const struct {
	const char *port;
	int uart, irq;		/* 0: the kernel's own number */
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

/*
 * The UART cannot be started with the IRQ number that the kernel assumes. In
 * that state, its tty accepts only TIOCSSERIAL until it is reopened.
 */
static int set_irq(const char *path, int irq)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), err = 0;
	struct serial_struct s;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, TIOCGSERIAL, &s)) {
		err = -errno;
	} else {
		s.irq = irq;
		if (ioctl(fd, TIOCSSERIAL, &s))
			err = -errno;
	}
	close(fd);
	return err;
}

/* Passes bytes unchanged, independent of modem control lines. */
static int make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return -errno;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL;
	return tcsetattr(fd, TCSANOW, &t) ? -errno : 0;
}

/*
 * Keeps the tty open forever: its settings must hold for later openers, and a
 * tty loses its settings with the last close.
 */
static int hold_uart(const char *path, int irq)
{
	int err = irq ? set_irq(path, irq) : 0, fd;

	if (err)
		return err;
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = make_raw(fd);
	if (err) {
		fprintf(stderr, "vmtest-init: %s: %s\n", path, strerror(-err));
		close(fd);
	}
	return err ?: fd;
}

static int open_uart(int nr, int uart, int irq, int flags)
{
	static int held[ARRAY_SIZE(uarts)];
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/ttyS%d", uart);
	if (held[nr] <= 0)
		held[nr] = hold_uart(path, irq);
	if (held[nr] < 0)
		return held[nr];
	fd = open(path, flags | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
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
		/* The name for pidnstrace is the same as that of a virtio port. */
		if (symlink(from, to) && errno != EEXIST)
			return -errno;
		return open_uart((int)i, uarts[i].uart, uarts[i].irq, flags);
	}
	return -ENOENT;
}
