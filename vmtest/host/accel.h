/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boots a guest to find out whether KVM works on this host. A /dev/kvm that can
 * be opened proves little: QEMU may abort on it, or the guest may never run.
 */
#ifndef VMTEST_HOST_ACCEL_H
#define VMTEST_HOST_ACCEL_H

#include "vmtest/lib/loop.h"
#include "vmtest/run/run.h"

/* Parses "auto", "kvm" or "tcg". Returns 0 or -EINVAL. */
int accel__parse(const char *name, enum accel *out);
const char *accel__name(enum accel a);

/* Returns 0, or -errno with a message, if /dev/kvm cannot be opened. */
int accel__check_kvm(void);

/*
 * Chooses the accelerator for auto: kvm if a guest with the kernel of @spec
 * prints anything under KVM, else tcg, with a message that gives the reason.
 * Keeps the answer in CACHE/kvm until the host reboots, unless the cause may
 * pass earlier. If a signal sets *stop, ends the probe and returns ACCEL_AUTO.
 */
enum accel accel__probe(struct loop *loop, const struct run_spec *spec,
			const char *cache, const int *stop);

#endif /* VMTEST_HOST_ACCEL_H */
