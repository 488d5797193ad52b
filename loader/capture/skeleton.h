/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens the BPF programs in the variant for the running kernel.
 */
#ifndef LOADER_CAPTURE_SKELETON_H
#define LOADER_CAPTURE_SKELETON_H

#include <stdbool.h>

struct pidnstrace_bpf;

/*
 * @has_cast: the kernel has bpf_rdonly_cast(). Returns NULL with errno set after an
 * error.
 */
struct pidnstrace_bpf *skeleton__open(bool has_cast);

#endif /* LOADER_CAPTURE_SKELETON_H */
