/* SPDX-License-Identifier: GPL-2.0-only */
/* Returns the names of kernel constants, and of tasks. */
#ifndef LOADER_TRACE_NAMES_H
#define LOADER_TRACE_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "bpf/wire.h"
#include "lib/escape.h"

/* Room for the names of all flags. */
#define CLONE_FLAGS_TEXT 512

/* Returns "CLONE_NEWPID|CLONE_NEWNET" and the like, or "0". */
const char *clone_flags__text(uint64_t flags, char *buf, size_t len);

/* Returns "pid", "net", ... for one CLONE_NEW* flag, or "?". */
const char *ns_type__name(uint32_t flag);

/* Returns "nsfs", "pidfd", "bad" or "other" for an enum wire_fdkind. */
const char *fd_kind__name(uint32_t kind);

/* Stores the comm of a task as escape__name() does. Returns text. */
#define COMM_TEXT ESCAPED_SIZE(WIRE_COMM_LEN)
const char *comm__text(const char *comm, char text[COMM_TEXT]);

#endif /* LOADER_TRACE_NAMES_H */
