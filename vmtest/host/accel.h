/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boots a guest to find out whether KVM works on this host. Opening /dev/kvm is not
 * proof enough: QEMU may still abort, or the vCPU may never run.
 */
#ifndef VMTEST_HOST_ACCEL_H
#define VMTEST_HOST_ACCEL_H

#include "vmtest/lib/loop.h"
#include "vmtest/run/run.h"

/* Parses "auto", "kvm" or "tcg". Returns 0 or -EINVAL. */
int accel__parse(const char *name, enum accel *out);
const char *accel__name(enum accel a);

/* Opens /dev/kvm and closes it. Returns 0, or -errno after printing a message. */
int accel__check_kvm(void);

/*
 * Chooses the accelerator for auto. Returns ACCEL_KVM if a guest with the kernel of
 * @spec boots or panics under KVM, or if it prints and then hangs, both under KVM and
 * under TCG; else ACCEL_TCG after a message with the reason. Caches the answer in
 * CACHE/kvm for this boot of the host; a failure that may be temporary is not cached.
 * If a signal sets *stop, ends the probe and returns ACCEL_AUTO.
 */
enum accel accel__probe(struct loop *loop, const struct run_spec *spec,
			const char *cache, const int *stop);

#endif /* VMTEST_HOST_ACCEL_H */
