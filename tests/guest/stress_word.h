/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words in shared memory that processes wait for: the only means the stress
 * program has to make tasks meet. Every wait has a limit; nothing sleeps for
 * a guessed time.
 */
#ifndef GUEST_STRESS_WORD_H
#define GUEST_STRESS_WORD_H

#include <stdatomic.h>
#include <stdint.h>

#include "ns.h"
#include "stress_rng.h"

/*
 * What a single wait may last before it is a failure, milliseconds. Far above
 * what any correct kernel needs, even emulated on a busy machine.
 */
#define WORD_LIMIT_MS ns__limit_ms(20000)

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t word__now_ms(void);

/* Stores @value and wakes all who wait for it. */
void word__set(_Atomic uint32_t *word, uint32_t value);

/* Waits until *@word >= @least. 0, or -ETIMEDOUT after @limit_ms. */
int word__await(_Atomic uint32_t *word, uint32_t least, int limit_ms);

/*
 * Burns up to 2^14 loops, most often few: moves the two sides of a race
 * against each other. Not a synchronisation.
 */
void word__jitter(struct rng *r);

#endif
