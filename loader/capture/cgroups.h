/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the path of a cgroup of the unified hierarchy (version 2) by the id that records
 * have, which is the inode number of the cgroup's directory.
 */
#ifndef LOADER_CAPTURE_CGROUPS_H
#define LOADER_CAPTURE_CGROUPS_H

#include <stdbool.h>
#include <stdint.h>

struct cgroups;

/* Returns where the unified hierarchy is mounted, or NULL. */
const char *cgroups__mount(void);

struct cgroups *cgroups__new(void);
void cgroups__free(struct cgroups *c);	/* NULL is legal */

/*
 * Returns the path below the mount, "/" for the root, or "" for a cgroup that is not found:
 * it is gone, or outside of our cgroup namespace. Sets *first on the first call for @id.
 */
const char *cgroups__path(struct cgroups *c, uint64_t id, bool *first);

#endif /* LOADER_CAPTURE_CGROUPS_H */
