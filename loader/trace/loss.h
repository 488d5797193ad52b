/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the parts of a stream where records were lost.
 *
 * Every CPU numbers its records. A number that never comes is a loss, somewhere between
 * the CPU's records before and after it. Neighbours may swap: a program can be
 * preempted between taking its number and writing its record, so a hole counts only
 * when it is still open at the end.
 */
#ifndef LOADER_TRACE_LOSS_H
#define LOADER_TRACE_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "bpf/wire.h"

struct loss;

struct loss *loss__new(void);
void loss__free(struct loss *l);	/* NULL is legal */

/*
 * Takes kernel record number index of the stream, or the calls of a record of several
 * links, which have this number and the next ones. open_windows: setns windows that are
 * open now.
 */
void loss__record(struct loss *l, const struct wire_hdr *rec, uint64_t index,
		 uint64_t open_windows);

/* Takes a closed setns window. */
void loss__window(struct loss *l, uint64_t from, uint64_t to);

/*
 * Ends the stream. expected: records lost by the counters of the kernel side; if the
 * holes have fewer, the end of the stream lacks some.
 */
void loss__end(struct loss *l, uint64_t expected);

/* --- after loss__end() --- */

/* Returns the number of missing records, by the holes alone. */
__u64 loss__missing(const struct loss *l);

struct loss_hole {
	uint32_t cpu;
	uint64_t missing;	/* number of records */
	uint64_t from, to;	/* the records around it; from may be 0 */
};

/* Iterates over the holes, up to an internal limit; like table__next(). */
bool loss__next_hole(const struct loss *l, size_t *pos, struct loss_hole *out);

/* Returns whether a record may be missing between these two of the stream. */
bool loss__touches(const struct loss *l, uint64_t from, uint64_t to);

/* Returns an upper bound of the setns windows open during a loss. */
__u64 loss__windows(const struct loss *l);

/* Returns the number of repeated records: the trace was tampered with or merged. */
__u64 loss__repeated(const struct loss *l);

/* Returns the number of records with an impossible CPU, which are not followed. */
__u64 loss__beyond(const struct loss *l);

#endif /* LOADER_TRACE_LOSS_H */
