// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends the input of the guest's command, frame by frame.
 *
 * One frame is in flight at a time, and the next is read only after QEMU has
 * taken that frame: a command that does not read stalls only its own input.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "vmtest/run/recording.h"
#include "vmtest/run/state.h"

static void go_on(void *ctx);

static void put_frame(struct port_input *p, char type, size_t len)
{
	uint32_t n = htonl((uint32_t)len);

	p->frame[0] = type;
	memcpy(p->frame + 1, &n, sizeof(n));
	p->len = INPUT_HEAD + len;
	p->at = 0;
}

static void put_size(struct run *r)
{
	uint16_t size[2] = { htons(shell__rows(r->spec.shell)),
			     htons(shell__columns(r->spec.shell)) };

	r->input.resized = false;
	memcpy(r->input.frame + INPUT_HEAD, size, sizeof(size));
	put_frame(&r->input, INPUT_SIZE, sizeof(size));
}

/* Returns false at the end, or if there is no input yet. */
static bool next_frame(struct run *r)
{
	struct port_input *p = &r->input;
	char *data = p->frame + INPUT_HEAD;
	ssize_t n;

	if (p->resized) {
		put_size(r);
		return true;
	}
	n = input__read(&p->reader, data, INPUT_FRAME_MAX);
	if (n == -EAGAIN)
		return false;
	if (n < 0) {
		live__fail(r, input__failed((int)n), (int)n);
		return false;
	}
	p->ended = n == 0;
	if (n && r->spec.shell)
		n = (ssize_t)shell__typed(r->spec.shell, data, (size_t)n);
	put_frame(p, p->ended ? INPUT_END : INPUT_DATA, (size_t)n);
	return true;
}

static void on_writable(void *ctx, uint32_t events)
{
	struct run *r = ctx;

	(void)events;
	loop__del(r->loop, &r->input.writable);
	go_on(r);
}

static void go_on(void *ctx)
{
	struct run *r = ctx;
	struct port_input *p = &r->input;
	int fd = r->qemu.fd[CHANNEL_INPUT];

	if (p->writable.fn)
		return;
	for (;;) {
		ssize_t n;

		if (p->at == p->len &&
		    (p->ended || !p->reader.in || !next_frame(r)))
			return;
		n = write(fd, p->frame + p->at, p->len - p->at);
		if (n > 0) {
			p->at += (size_t)n;
			/*
			 * A key is a sign of life of the user, not of the
			 * guest.
			 */
			if (!r->spec.shell)
				r->progress = now_s();
			continue;
		}
		/* After any other error QEMU is gone; run.c handles its end. */
		if (n < 0 && errno == EAGAIN)
			loop__add(r->loop, &p->writable, fd, EPOLLOUT,
				  on_writable, r);
		return;
	}
}

void port_input__start(struct run *r)
{
	if (!r->spec.input || r->spec.icount || r->input.started)
		return;
	r->input.started = true;
	input__open(&r->input.reader, r->spec.input, go_on, r);
	go_on(r);
}

void port_input__resized(struct run *r)
{
	r->input.resized = true;
	if (r->input.started)
		go_on(r);
}

int port_input__save(const struct run *r, const char *name)
{
	size_t len = r->spec.icount ? RECORD_INPUT_MAX :
				      (size_t)r->input.reader.at;
	char *buf, *path;
	int err;

	if (!r->spec.input || r->spec.shell || len > RECORD_INPUT_MAX)
		return 0;
	/* Fails if the beginning of a long pipe was dropped. */
	if (input__load(r->spec.input, &buf, &len))
		return 0;
	path = xasprintf("%s/%s", r->dir.path, name);
	err = write_file_atomic(path, buf, len);
	free(path);
	free(buf);
	return err;
}

void port_input__stop(struct run *r)
{
	input__close(&r->input.reader);
	loop__del(r->loop, &r->input.writable);
}
