// SPDX-License-Identifier: GPL-2.0-only
/* Wraps epoll and timerfd; a deleted watch loses its pending events, too. */
#include "vmtest/lib/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "vmtest/lib/process.h"
#include "vmtest/lib/util.h"

#define BATCH 32

struct loop {
	int epoll;
	struct epoll_event ev[BATCH];
	int n, at;
};

struct loop *loop__new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

void loop__free(struct loop *loop)
{
	if (!loop)
		return;
	close(loop->epoll);
	free(loop);
}

int loop__add(struct loop *loop, struct loop_watch *w, int fd, uint32_t events,
	      loop_fn *fn, void *ctx)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	w->fd = fd;
	w->fn = fn;
	w->ctx = ctx;
	if (!epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev))
		return 0;
	w->fn = NULL;
	return -errno;
}

int loop__modify(struct loop *loop, struct loop_watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, w->fd, &ev) ? -errno : 0;
}

void loop__del(struct loop *loop, struct loop_watch *w)
{
	if (!w->fn)
		return;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = loop->at; i < loop->n; i++) {
		if (loop->ev[i].data.ptr == w)
			loop->ev[i].data.ptr = NULL;
	}
	w->fn = NULL;
}

int loop__turn(struct loop *loop)
{
	loop->n = epoll_wait(loop->epoll, loop->ev, BATCH, -1);
	if (loop->n < 0)
		return errno == EINTR ? 0 : -errno;
	for (loop->at = 0; loop->at < loop->n;) {
		struct epoll_event *ev = &loop->ev[loop->at++];
		struct loop_watch *w = ev->data.ptr;

		if (w && w->fn)
			w->fn(w->ctx);
	}
	loop->n = 0;
	return 0;
}

int loop__add_child(struct loop *loop, struct loop_watch *w, pid_t pid, loop_fn *fn,
		    void *ctx)
{
	int fd = child__pidfd(pid), err;

	if (fd < 0)
		return -errno;
	err = loop__add(loop, w, fd, EPOLLIN, fn, ctx);
	if (err)
		close(fd);
	return err;
}

void loop__close(struct loop *loop, struct loop_watch *w)
{
	if (!w->fn)
		return;
	loop__del(loop, w);
	close(w->fd);
}

static void on_expiry(void *ctx)
{
	struct timer *t = ctx;
	uint64_t fired;

	/* A timer that was armed anew has not expired. */
	if (read(t->watch.fd, &fired, sizeof(fired)) == sizeof(fired))
		t->fn(t->ctx);
}

int timer__start(struct timer *t, struct loop *loop, loop_fn *fn, void *ctx)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	t->fn = fn;
	t->ctx = ctx;
	err = loop__add(loop, &t->watch, fd, EPOLLIN, on_expiry, t);
	if (err)
		close(fd);
	return err;
}

void timer__arm(struct timer *t, double seconds)
{
	struct itimerspec its = { 0 };

	its.it_value.tv_sec = (time_t)seconds;
	its.it_value.tv_nsec =
		(long)((seconds - (double)its.it_value.tv_sec) * 1e9);
	timerfd_settime(t->watch.fd, 0, &its, NULL);
}

void timer__stop(struct timer *t, struct loop *loop)
{
	loop__close(loop, &t->watch);
}
