/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds out by booting whether KVM works here. A /dev/kvm that opens says
 * little: QEMU may abort on it, or the guest may never run.
 */
#ifndef VMTEST_ACCEL_H
#define VMTEST_ACCEL_H

#include "loop.h"
#include "run.h"

/* Finds "auto", "kvm", "tcg". Returns 0 or -EINVAL. */
int accel__parse(const char *name, enum accel *out);
const char *accel__name(enum accel a);

/*
 * What auto means on this host: kvm if the kernel of spec boots to its init
 * under it within 5 s, else tcg, with a message that says why. The answer is
 * kept in CACHE/accel until the host reboots. A signal that sets *stop ends
 * the probe.
 */
enum accel accel__probe(struct loop *loop, const struct run_spec *spec,
			const char *cache, const int *stop);

#endif
