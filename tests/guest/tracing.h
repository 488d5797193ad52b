/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ftrace for a case, as a person would use it, in an instance of its own: the
 * machine's trace, and whoever reads it, is not disturbed.
 */
#ifndef GUEST_TRACING_H
#define GUEST_TRACING_H

#include <stddef.h>

/* The instance's directory, between the next two calls. */
#define TRACING "/tmp/instances/semantics"

/*
 * Mounts tracefs, in a mount namespace of the director's own, and makes the
 * instance; skips the case where there is no such thing.
 */
void tracing__begin(void);

/* Removes the instance, and with it what it watched; no file of it is open. */
void tracing__end(void);

/* The trace as text, cut to @size. */
void tracing__read(char *text, size_t size);

#endif
