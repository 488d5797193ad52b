// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same programs for kernels that lack bpf_rdonly_cast(), before 6.2: see read.h.
 */
#define HAS_CAST 0
#include "pidnstrace.bpf.c"
