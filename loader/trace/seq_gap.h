/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds gaps in the record numbers while reading a stream: seq_gaps__before() takes each
 * kernel record.
 *
 * Each CPU numbers its records. Neighbours may swap (loss.h), so only gaps too large
 * for preemption are reported. loss.h has the exact losses at the end of the stream.
 */
#ifndef LOADER_TRACE_SEQ_GAP_H
#define LOADER_TRACE_SEQ_GAP_H

#include <linux/types.h>
#include <stdint.h>
#include "bpf/wire.h"

#define GAPS_MAX_CPUS	1024
#define GAPS_SHOWN	4	/* smallest gap reported, in records */

struct seq_gaps {		/* all zero: no record yet */
	uint32_t next_seq[GAPS_MAX_CPUS];
};

/* Returns the number of missing records of the CPU before this kernel record, or 0. */
static inline uint32_t seq_gaps__before(struct seq_gaps *g, const struct wire_hdr *rec)
{
	uint32_t *next;
	int32_t ahead;

	if (rec->cpu >= GAPS_MAX_CPUS)
		return 0;
	next = &g->next_seq[rec->cpu];
	ahead = (int32_t)(rec->seq - *next);
	if (ahead >= 0)
		*next = rec->seq + 1;
	return ahead >= GAPS_SHOWN ? ahead : 0;
}

#endif /* LOADER_TRACE_SEQ_GAP_H */
