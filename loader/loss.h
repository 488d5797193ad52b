/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loss.h - which stretches of a stream lack records.
 *
 * Every CPU numbers its records. A number that never comes is a loss, somewhere
 * between the CPU's records before and after it. Neighbours may swap: a program
 * can be preempted between taking its number and writing its record, so a hole
 * counts only when it is still open at the end.
 */
#ifndef LOADER_LOSS_H
#define LOADER_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "../bpf/wire.h"

struct loss;

int loss__new(struct loss **out);
void loss__free(struct loss *l);	/* NULL is legal */

/*
 * A kernel record, number index of the stream. open_windows: setns windows
 * that are open now. -ENOMEM, or 0.
 */
int loss__record(struct loss *l, const struct wire_hdr *rec, uint64_t index,
		 uint64_t open_windows);

/* A setns window closed. */
void loss__window(struct loss *l, uint64_t from, uint64_t to);

/*
 * No more records come. expected: records lost by the counters of the kernel
 * side; more than there are holes means that the end of the stream lacks some.
 */
void loss__end(struct loss *l, uint64_t expected);

/* --- after loss__end() --- */

/* Records that never came, by the holes alone. */
uint64_t loss__missing(const struct loss *l);

struct loss_hole {
	uint32_t cpu;
	uint64_t missing;	/* records */
	uint64_t from, to;	/* between these numbers of the stream; from may be 0 */
};

/* Each hole of a CPU's numbers that has room here; like table__next(). */
bool loss__next_hole(const struct loss *l, size_t *pos, struct loss_hole *out);

/* May a record between these two numbers of the stream be missing? */
bool loss__touches(const struct loss *l, uint64_t from, uint64_t to);

/* Setns windows open while something was lost (an upper bound). */
uint64_t loss__windows(const struct loss *l);

/* Numbers that came twice: the trace was tampered with, or put together. */
uint64_t loss__repeated(const struct loss *l);

/* Records of CPUs with numbers that no machine has: not followed. */
uint64_t loss__beyond(const struct loss *l);

#endif /* LOADER_LOSS_H */
