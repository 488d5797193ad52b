// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forwards the host's input frames to the command.
 *
 * The buffer holds one frame. Nothing more is read from the port until the
 * command has read that frame, so the host has to wait.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

void input__init(struct input *in, int port, int to, bool terminal)
{
	memset(in, 0, sizeof(*in));
	in->port = port;
	in->to = to;
	in->terminal = terminal;
}

void input__close(struct input *in)
{
	if (in->port >= 0)
		close(in->port);
	if (in->to >= 0)
		close(in->to);
	in->port = in->to = -1;
	in->at = in->len = 0;
}

static bool pending(const struct input *in)
{
	return in->at < in->len;
}

void input__poll(const struct input *in, struct pollfd p[2])
{
	p[0] = (struct pollfd){ .fd = pending(in) ? -1 : in->port,
				.events = POLLIN };
	p[1] = (struct pollfd){ .fd = pending(in) ? in->to : -1,
				.events = POLLOUT };
}

static void set_size(const struct input *in)
{
	uint16_t size[2];
	struct winsize w = { 0 };

	memcpy(size, in->buf, sizeof(size));
	w.ws_row = ntohs(size[0]);
	w.ws_col = ntohs(size[1]);
	ioctl(in->to, TIOCSWINSZ, &w);
}

static void take_frame(struct input *in, size_t len)
{
	in->got = 0;
	switch (in->head[0]) {
	case INPUT_DATA:
		in->len = len;
		in->at = 0;
		break;
	case INPUT_SIZE:
		if (in->terminal && len == 4)
			set_size(in);
		break;
	case INPUT_END:
		input__close(in);
		break;
	}
}

/* Returns 1 if bytes were read, 0 if no bytes are available, or -errno. */
static int get(struct input *in, char *buf, size_t len)
{
	const struct timespec step = { .tv_nsec = 2000000 };
	ssize_t n = read(in->port, buf, len);

	if (n > 0) {
		in->got += (size_t)n;
		return 1;
	}
	/* The host's end is not open yet, and poll() does not wait for the host. */
	if (!n)
		nanosleep(&step, NULL);
	return !n || errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* Returns 1 after progress, 0 if no bytes are available, or -errno. */
static int receive(struct input *in)
{
	uint32_t len;
	int ret;

	if (in->got < INPUT_HEAD) {
		ret = get(in, in->head + in->got, INPUT_HEAD - in->got);
		if (ret <= 0 || in->got < INPUT_HEAD)
			return ret;
	}
	memcpy(&len, in->head + 1, sizeof(len));
	len = ntohl(len);
	if (len > sizeof(in->buf))
		return -EMSGSIZE;
	if (in->got < INPUT_HEAD + len) {
		ret = get(in, in->buf + in->got - INPUT_HEAD,
			  INPUT_HEAD + len - in->got);
		if (ret <= 0)
			return ret;
	}
	if (in->got == INPUT_HEAD + len)
		take_frame(in, len);
	return 1;
}

/* Returns the same as receive(). */
static int write_pending(struct input *in)
{
	ssize_t n = write(in->to, in->buf + in->at, in->len - in->at);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	in->at += (size_t)n;
	return 1;
}

void input__forward(struct input *in)
{
	int ret = 1;

	while (ret > 0 && in->port >= 0)
		ret = pending(in) ? write_pending(in) : receive(in);
	/* A command that has closed its input gets no more data. */
	if (ret < 0)
		input__close(in);
}
