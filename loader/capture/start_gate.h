/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Holds a run after attaching until its parameters arrive in a file or pipe.
 *
 * Loading and attaching takes most of the time of a short run. A resumed guest that was
 * saved after attaching skips that and reads only the run's own parameters.
 */
#ifndef LOADER_CAPTURE_START_GATE_H
#define LOADER_CAPTURE_START_GATE_H

#include <stdint.h>

struct start_gate {
	uint64_t seed;		/* seed of the workload and of --widen */
	char *expect;		/* file as for --expect, or NULL */
};

/*
 * Reads @path to its end, for a pipe until the writer closes: a JSON object
 * {"seed": N, "expect": "FILE"}, in which "expect" is optional. Returns 0, or a
 * negative errno that has been reported; start_gate__free() is legal in both cases.
 */
int start_gate__wait(const char *path, struct start_gate *out);
void start_gate__free(struct start_gate *gate);

#endif /* LOADER_CAPTURE_START_GATE_H */
