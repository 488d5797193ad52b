/* SPDX-License-Identifier: GPL-2.0-only */
/* The resources of this host that guests can use. */
#ifndef VMTEST_HOST_HOST_H
#define VMTEST_HOST_HOST_H

#include <stdint.h>

/* Returns the number of CPUs that this process may use, at least 1. */
unsigned int host__cpus(void);

/* Returns the memory available without swapping, in MiB; 0: not known. */
uint64_t host__free_mib(void);

#endif /* VMTEST_HOST_HOST_H */
