/* SPDX-License-Identifier: GPL-2.0-only */
/* The epoll loop: the runner waits for nothing but file descriptors. */
#ifndef VMTEST_LIB_LOOP_H
#define VMTEST_LIB_LOOP_H

#include <stdint.h>
#include <sys/types.h>

struct loop;

typedef void loop_fn(void *ctx);

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

/* Ends the watch, if there is one, and closes its fd. */
void loop__close(struct loop *loop, struct loop_watch *w);

/*
 * Watches for the end of a child, which the caller reaps; loop__close() ends the watch.
 * Returns 0 or -errno.
 */
int loop__add_child(struct loop *loop, struct loop_watch *w, pid_t pid, loop_fn *fn,
		    void *ctx);

/* A timer. The caller owns the struct, and zeroes it first. */
struct timer {
	struct loop_watch watch;
	loop_fn *fn;
	void *ctx;
};

/* Makes a disarmed timer. Returns 0 or -errno. */
int timer__start(struct timer *t, struct loop *loop, loop_fn *fn, void *ctx);

/* Calls the function once, after @seconds; 0 disarms. */
void timer__arm(struct timer *t, double seconds);

/* Ends the timer, if there is one. */
void timer__stop(struct timer *t, struct loop *loop);

#endif /* VMTEST_LIB_LOOP_H */
