/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges a kept trace without some records of one type, as if the type's hook had not
 * been hit: neither the numbers of the records nor the counters show a loss.
 */
#ifndef TESTS_UNIT_THINNED_H
#define TESTS_UNIT_THINNED_H

#include "loader/judge/judge.h"
#include "trace_file.h"

/* Which records of the type are left out. */
struct thinning {
	const char *name;
	/* Returns whether number i (from 0) of n is left out. */
	bool (*drops)(uint64_t i, uint64_t n);
	bool all;
};

extern const struct thinning thinnings[];
extern const size_t thinnings_n;

struct thinned {
	struct judge *judge;
	const struct judge_result *result;
	uint64_t dropped;
};

/* Returns how many records of the type the trace has. */
uint64_t kept__count(const struct keeper *k, unsigned int type);

/*
 * Judges the trace without the records that the thinning drops; NULL: all of it. The
 * caller calls judge__free() on the judge.
 */
struct thinned kept__judge(const struct keeper *k, const struct judge_opts *opts,
			   unsigned int type, const struct thinning *thinning);

/*
 * Judges the trace as if the recording had begun at kernel record number from (from 0),
 * or later if this is inside a sweep, and had ended before number to.
 */
struct thinned kept__judge_part(const struct keeper *k, const struct judge_opts *opts,
				uint64_t from, uint64_t to);

#endif /* TESTS_UNIT_THINNED_H */
