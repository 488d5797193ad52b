/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the kernel's objects that a failed call may leak, by /sys/kernel/slab, and the
 * pid namespaces that the kernel counts for their limit. The counts are exact: the
 * lists of free objects of each CPU, which would be counted as used, are emptied first,
 * and the runner boots with slab_nomerge, so a cache has objects of one kind.
 *
 * Limit: the counts are those of the machine. Another process that begins meanwhile
 * looks like a leak, so compare counts only for growth that repeats.
 */
#ifndef TESTS_GUEST_FAILNTH_COUNT_H
#define TESTS_GUEST_FAILNTH_COUNT_H

#include <stdbool.h>

enum count {
	COUNT_PID,		/* numbers in the initial namespace alone */
	COUNT_PID_BELOW,	/* numbers one level below */
	COUNT_PID_NS,
	COUNT_NSPROXY,
	COUNT_CRED,
	COUNT_FS,
	COUNT_LIMITED,		/* pid namespaces, as counted for the limit of root */
	COUNTS
};

struct counts {
	long nr[COUNTS];
};

/* Reads all counts when they have stopped to change, or bails. */
void counts__read(struct counts *c);

/*
 * Waits until no count exceeds @before. Returns false if one still does when time is
 * up. @after receives the last counts.
 */
bool counts__settle(const struct counts *before, struct counts *after);

/* Adds a note on each count that has grown. */
void counts__note_growth(const struct counts *before, const struct counts *after);

#endif /* TESTS_GUEST_FAILNTH_COUNT_H */
