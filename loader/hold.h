/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hold.h - a run that is ready, and waits to be told what it is about.
 *
 * Loading and attaching takes most of the time that a short run needs. A
 * machine that was saved when that was done has it behind it; what differs
 * from run to run is then read from a file, or a pipe.
 */
#ifndef PIDNS_HOLD_H
#define PIDNS_HOLD_H

#include <stdint.h>

struct hold {
	uint64_t seed;		/* of the workload, and of what is drawn here */
	char *expect;		/* as --expect; NULL: there is none */
};

/*
 * Reads @path to its end: a JSON object {"seed": N, "expect": "FILE"}, of which
 * the second may be missing. Of a pipe, it waits for that. Returns 0, or a
 * negative errno that has been reported; hold__free() is legal after both.
 */
int hold__wait(const char *path, struct hold *out);
void hold__free(struct hold *hold);

#endif /* PIDNS_HOLD_H */
