/* SPDX-License-Identifier: GPL-2.0-only */
/* repro.sh, the script that repeats a run with the same kernel and seed. */
#ifndef VMTEST_RUN_REPRO_H
#define VMTEST_RUN_REPRO_H

#include <stdint.h>

struct run_spec;

/* Set by repro.sh: the hash that the kernel to boot must have. */
#define KERNEL_HASH_ENV "VMTEST_KERNEL_HASH"

/* Beside repro.sh: the standard input of the run's command. */
#define REPRO_INPUT "input"

/* Writes DIR/repro.sh. Returns 0 or -errno. */
int repro__write(const struct run_spec *spec, const char *dir);

#endif /* VMTEST_RUN_REPRO_H */
