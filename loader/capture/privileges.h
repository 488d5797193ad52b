/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks the capabilities of this process, which need not be root's. */
#ifndef LOADER_CAPTURE_PRIVILEGES_H
#define LOADER_CAPTURE_PRIVILEGES_H

#include <stdbool.h>

struct bpf_program;

/*
 * Returns 0 if programs can be loaded and attached, or a negative errno, after a message
 * that names each missing capability.
 */
int privileges__check(void);

/* Warns, where the addresses of symbols are hidden, if a capability would show them. */
void privileges__warn(void);

/*
 * Prepares the object of @program, on a function or tracepoint, for being loaded without
 * CAP_SYS_ADMIN.
 */
void privileges__prepare(struct bpf_program *program);

#endif /* LOADER_CAPTURE_PRIVILEGES_H */
