/* SPDX-License-Identifier: GPL-2.0-only */
/* Describes what a process does at the moment, by what /proc shows of it. */
#ifndef LOADER_CAPTURE_PROC_STATE_H
#define LOADER_CAPTURE_PROC_STATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes "sleeps in do_wait", "runs" or the like about the process /proc/PID, or "" if
 * /proc does not show it.
 */
void proc_state__describe(int32_t pid, char *text, size_t len);

#endif /* LOADER_CAPTURE_PROC_STATE_H */
