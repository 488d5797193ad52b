/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words in shared memory that processes wait for: the only synchronisation of
 * the stress program. Every wait has a limit; no task sleeps for a guessed
 * time.
 */
#ifndef TESTS_GUEST_STRESS_WORD_H
#define TESTS_GUEST_STRESS_WORD_H

#include <stdatomic.h>
#include <stdint.h>

#include "ns.h"
#include "stress_rng.h"

/*
 * Limit of a single wait in milliseconds; a longer wait is a failure. Far above
 * the needs of any correct kernel, even emulated on a busy machine.
 */
#define WORD_LIMIT_MS ns__limit_ms(20000)

/* Stores @value and wakes all waiters. */
void word__set(_Atomic uint32_t *word, uint32_t value);

/* Waits until *@word >= @least. Returns 0, or -ETIMEDOUT after @limit_ms. */
int word__await(_Atomic uint32_t *word, uint32_t least, int limit_ms);

/*
 * Burns up to 2^14 loops, usually few, to shift the two sides of a race against
 * each other. Not a synchronisation.
 */
void word__jitter(struct rng *r);

#endif /* TESTS_GUEST_STRESS_WORD_H */
