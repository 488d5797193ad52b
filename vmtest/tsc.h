/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How fast the host's TSC runs, for guests under TCG: QEMU gives them the
 * host's. Told it (tsc_early_khz=), the guest need not calibrate, which on a
 * loaded host fails in one boot of three ("could not calculate TSC khz") and
 * then hangs, for a microvm has no other clock.
 */
#ifndef VMTEST_TSC_H
#define VMTEST_TSC_H

struct tsc_probe {
	double ns;
	unsigned long long ticks;
};

/* Reads both clocks. The later tsc__khz() comes, the less it waits. */
void tsc__start(struct tsc_probe *p);

/* kHz since start, after at least 10 ms; 0 where there is no TSC. */
unsigned long tsc__khz(const struct tsc_probe *p);

#endif
