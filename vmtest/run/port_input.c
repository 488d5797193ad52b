// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends the input of the guest's command, frame by frame.
 *
 * One frame is in flight at a time, and the next is read only after QEMU has
 * taken that frame: a command that does not read stalls only its own input.
 */
#include "vmtest/run/port_input.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void send_frames(void *ctx);

static void put_frame(struct port_input *p, char type, size_t len)
{
	uint32_t n = htonl((uint32_t)len);

	p->frame[0] = type;
	memcpy(p->frame + 1, &n, sizeof(n));
	p->len = INPUT_HEAD + len;
	p->at = 0;
}

static void put_size(struct port_input *p)
{
	struct winsize w = shell__size(p->to.shell);
	uint16_t size[2] = { htons(w.ws_row), htons(w.ws_col) };

	p->resized = false;
	memcpy(p->frame + INPUT_HEAD, size, sizeof(size));
	put_frame(p, INPUT_SIZE, sizeof(size));
}

/* Returns false at the end, or if there is no input yet. */
static bool next_frame(struct port_input *p)
{
	char *data = p->frame + INPUT_HEAD;
	ssize_t n;

	if (p->resized) {
		put_size(p);
		return true;
	}
	n = input__read(&p->reader, data, INPUT_FRAME_MAX);
	if (n == -EAGAIN)
		return false;
	if (n < 0) {
		p->to.failed(p->to.ctx, input__failed((int)n), (int)n);
		return false;
	}
	p->ended = n == 0;
	if (n && p->to.shell)
		n = (ssize_t)shell__typed(p->to.shell, data, (size_t)n);
	put_frame(p, p->ended ? INPUT_END : INPUT_DATA, (size_t)n);
	return true;
}

static void on_writable(void *ctx)
{
	struct port_input *p = ctx;

	loop__del(p->to.loop, &p->writable);
	send_frames(p);
}

static void send_frames(void *ctx)
{
	struct port_input *p = ctx;

	if (p->writable.fn)
		return;
	for (;;) {
		ssize_t n;

		if (p->at == p->len &&
		    (p->ended || !p->reader.in || !next_frame(p)))
			return;
		n = write(p->to.fd, p->frame + p->at, p->len - p->at);
		if (n > 0) {
			p->at += (size_t)n;
			p->to.sent(p->to.ctx);
			continue;
		}
		/* After any other error QEMU is gone; run.c handles its end. */
		if (n < 0 && errno == EAGAIN)
			loop__add(p->to.loop, &p->writable, p->to.fd,
				  EPOLLOUT, on_writable, p);
		return;
	}
}

void port_input__start(struct port_input *p, const struct port_input_target *to)
{
	if (p->started)
		return;
	p->started = true;
	p->to = *to;
	input__open(&p->reader, to->input, send_frames, p);
	send_frames(p);
}

void port_input__resized(struct port_input *p)
{
	p->resized = true;
	if (p->started)
		send_frames(p);
}

void port_input__stop(struct port_input *p)
{
	input__close(&p->reader);
	if (p->to.loop)
		loop__del(p->to.loop, &p->writable);
}
