/* SPDX-License-Identifier: GPL-2.0-only */
/* repro.sh: runs exactly this again. */
#ifndef VMTEST_REPRO_H
#define VMTEST_REPRO_H

#include <stdint.h>

struct run_spec;

/* Set by repro.sh: the kernel that is to be booted must have this hash. */
#define KERNEL_HASH_ENV "VMTEST_KERNEL_HASH"

/* Beside repro.sh: the standard input that the command had. */
#define REPRO_INPUT "input"

/* Writes DIR/repro.sh. Returns 0 or -errno. */
int repro__write(const struct run_spec *spec, const char *dir);

#endif
