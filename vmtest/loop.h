/* SPDX-License-Identifier: GPL-2.0-only */
/* One epoll loop: everything the runner waits for is a file descriptor. */
#ifndef VMTEST_LOOP_H
#define VMTEST_LOOP_H

#include <stdint.h>

struct loop;

typedef void loop_fn(void *ctx, uint32_t events);

/* A place in the loop; zero it, it belongs to the caller. */
struct loop_watch {
	int fd;
	loop_fn *fn;
	void *ctx;
};

struct loop *loop__new(void);
void loop__free(struct loop *loop);

/* Watches fd for EPOLL* events. Returns 0 or -errno. */
int loop__add(struct loop *loop, struct loop_watch *w, int fd, uint32_t events,
	      loop_fn *fn, void *ctx);
int loop__modify(struct loop *loop, struct loop_watch *w, uint32_t events);

/*
 * Forgets the watch, if it is one; the fd stays open. Its function is not
 * called again, not even for an event that is already here.
 */
void loop__del(struct loop *loop, struct loop_watch *w);

/* Waits for events and calls their functions once. Returns 0 or -errno. */
int loop__turn(struct loop *loop);

/* A timerfd that is not armed; arms it (0 s: disarms). */
int timer__new(void);
void timer__arm(int fd, double seconds);

#endif
