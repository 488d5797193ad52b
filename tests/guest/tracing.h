/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ftrace for a case, as a person would use it. A separate instance leaves the
 * machine's trace and its readers undisturbed.
 */
#ifndef TESTS_GUEST_TRACING_H
#define TESTS_GUEST_TRACING_H

#include <stddef.h>

/* Directory of the instance, between the next two calls. */
#define TRACING "/tmp/instances/semantics"

/*
 * Mounts tracefs in a mount namespace of the director, and makes the instance;
 * skips the case without tracefs.
 */
void tracing__begin(void);

/* Removes the instance and its trace; none of its files may be open. */
void tracing__end(void);

/* Reads the trace as text, cut to @size. */
void tracing__read(char *text, size_t size);

#endif /* TESTS_GUEST_TRACING_H */
