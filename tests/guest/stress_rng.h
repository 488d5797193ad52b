/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers of the stress program: xoshiro256** seeded by splitmix64
 * (Blackman and Vigna, public domain). A private generator makes a seed give
 * the same operations with every libc and at any time. Not for secrets.
 */
#ifndef TESTS_GUEST_STRESS_RNG_H
#define TESTS_GUEST_STRESS_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t s[4];
};

static inline uint64_t rng__splitmix(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/*
 * Every (@seed, @a, @b) has its own stream, so that the draws of an operation
 * never depend on the results of other operations.
 */
static inline void rng__init(struct rng *r, uint64_t seed, uint64_t a,
			     uint64_t b)
{
	uint64_t x = seed;

	x = rng__splitmix(&x) ^ (a + 1);
	x = rng__splitmix(&x) ^ (b + 1);
	for (int i = 0; i < 4; i++)
		r->s[i] = rng__splitmix(&x);
}

static inline uint64_t rng__rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

static inline uint64_t rng__next(struct rng *r)
{
	uint64_t *s = r->s;
	uint64_t out = rng__rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rng__rotl(s[3], 45);
	return out;
}

/* Returns 0 .. @n - 1, @n > 0; the bias of the multiplication is below 2^-32 * n. */
static inline unsigned int rng__below(struct rng *r, unsigned int n)
{
	return ((rng__next(r) >> 32) * n) >> 32;
}

/* Returns @lo .. @hi, both included. */
static inline int rng__range(struct rng *r, int lo, int hi)
{
	return lo + (int)rng__below(r, hi - lo + 1);
}

static inline bool rng__chance(struct rng *r, unsigned int percent)
{
	return rng__below(r, 100) < percent;
}

#endif /* TESTS_GUEST_STRESS_RNG_H */
