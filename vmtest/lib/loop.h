/* SPDX-License-Identifier: GPL-2.0-only */
/* The epoll loop: the runner waits for nothing but file descriptors. */
#ifndef VMTEST_LIB_LOOP_H
#define VMTEST_LIB_LOOP_H

#include <stdint.h>

struct loop;

typedef void loop_fn(void *ctx, uint32_t events);

/* A watched fd. The caller owns the struct, and zeroes it first. */
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
 * Ends the watch, if there is one; the fd stays open. The function is not
 * called any more, not even for a pending event.
 */
void loop__del(struct loop *loop, struct loop_watch *w);

/* Waits for events and calls their functions once. Returns 0 or -errno. */
int loop__turn(struct loop *loop);

/* timer__new() returns a disarmed timerfd; timer__arm() with 0 s disarms. */
int timer__new(void);
void timer__arm(int fd, double seconds);

#endif /* VMTEST_LIB_LOOP_H */
