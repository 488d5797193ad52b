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

/* Returns 0, or -errno with a message, if /dev/kvm cannot be opened. */
int accel__check_kvm(void);

/*
 * Chooses for auto: kvm if a guest with the kernel of spec prints anything
 * under it, else tcg, with a message that says why. The answer is kept in
 * CACHE/kvm until the host reboots, unless the cause may pass earlier. A
 * signal that sets *stop ends the probe.
 */
enum accel accel__probe(struct loop *loop, const struct run_spec *spec,
			const char *cache, const int *stop);

#endif
