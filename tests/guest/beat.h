/* SPDX-License-Identifier: GPL-2.0-only */
/* A clock for limits: it shows how far the guest can have come, not how late it is. */
#ifndef TESTS_GUEST_BEAT_H
#define TESTS_GUEST_BEAT_H

/* Whoever waits for more than this time looks at the clock in between. */
#define BEAT_MS 20

/*
 * Returns milliseconds that have passed while this thread was looking, at the speed of
 * an idle host. On a guest whose QEMU gets a tenth of a CPU, they take ten times as
 * long. For limits, in loops that call this function every BEAT_MS or more often: a
 * longer pause counts as BEAT_MS.
 */
long beat__now_ms(void);

/* Returns the next timeout, for poll() and others, of a wait until @end. */
int beat__timeout_ms(long end);

#endif /* TESTS_GUEST_BEAT_H */
