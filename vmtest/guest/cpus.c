// SPDX-License-Identifier: GPL-2.0-only
/*
 * Brings up the other CPUs after all BPF programs are attached.
 *
 * The guest boots with maxcpus=1. Each attachment patches kernel text, which needs no
 * interrupts to other CPUs while only one runs; this saves half a second under TCG. The
 * programs are never detached. Where QEMU has a thread for each CPU, less code changes
 * under a CPU that is about to run it: vmtest/host/tcg.c describes the bug in QEMU.
 */
#include <glob.h>
#include <string.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

#define CPUS "/sys/devices/system/cpu/cpu[1-9]*/online"

void cpus__on(int fd)
{
	glob_t g;

	if (glob(CPUS, 0, NULL, &g))
		return;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		int err = setup__write(g.gl_pathv[i], "1");

		if (err)
			line__putf(fd, TAG_LOG, "%s: %s", g.gl_pathv[i], strerror(-err));
	}
	globfree(&g);
}
