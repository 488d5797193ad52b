/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * object.h - loading the BPF programs that this kernel has hooks for.
 */
#ifndef PIDNS_OBJECT_H
#define PIDNS_OBJECT_H

#include <linux/types.h>

#include "../bpf/wire.h"

struct pidnstrace_bpf;
struct session_options;

/*
 * Loads the programs of options->hooks, as far as the kernel takes them; the
 * errno of each that it does not take is in @errors.
 *
 * Returns 0 and *skel, the caller's to destroy; or a negative errno that has
 * been reported.
 */
int object__load(const struct session_options *options, int errors[WIRE_NHOOKS],
		 struct pidnstrace_bpf **skel);

#endif /* PIDNS_OBJECT_H */
