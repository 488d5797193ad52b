// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both variants of the programs are compiled from the same source (bpf/read.h), so one
 * skeleton fits both objects: the build checks that (bpf/bpf.mk).
 */
#include "loader/capture/skeleton.h"

#include <errno.h>

#include <bpf/libbpf.h>

#include "lib/memory.h"
#include "pidnstrace.skel.h"
#include "probing.skel.h"

struct pidnstrace_bpf *skeleton__open(bool has_cast)
{
	struct pidnstrace_bpf *skel = xcalloc(1, sizeof(*skel));
	int err = pidnstrace_bpf__create_skeleton(skel);

	if (!err && !has_cast)
		skel->skeleton->data = (void *)probing_bpf__elf_bytes(
			&skel->skeleton->data_sz);
	if (!err)
		err = bpf_object__open_skeleton(skel->skeleton, NULL);
	if (!err)
		return skel;
	pidnstrace_bpf__destroy(skel);
	errno = -err;
	return NULL;
}
