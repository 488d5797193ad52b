/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures the frequency of the host's TSC, which is also that of guests under TCG.
 * With tsc_early_khz= a guest need not calibrate. On a loaded host the calibration
 * fails in one boot of three ("could not calculate TSC khz"), and the guest then
 * hangs, as a microvm has no other clock.
 */
#ifndef VMTEST_VM_TSC_H
#define VMTEST_VM_TSC_H

struct tsc_probe {
	double ns;
	unsigned long long ticks;
};

/* Reads both clocks. A later call of tsc__khz() waits less. */
void tsc__start(struct tsc_probe *p);

/* Returns the kHz measured since tsc__start(), over at least 10 ms; 0: no TSC. */
unsigned long tsc__khz(const struct tsc_probe *p);

#endif /* VMTEST_VM_TSC_H */
