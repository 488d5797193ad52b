// SPDX-License-Identifier: GPL-2.0-only
/* Guests with a fault of the host: of KVM, of the emulator, or of a snapshot. */
#include "vmtest_fakeqemu.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void kvm_hang(void)
{
	if (under_kvm)
		sleep_for_ever();
	good();
}

/* A slow machine: silent for longer than the KVM probe waits. */
static void kvm_slow(void)
{
	if (under_kvm) {
		put(CONSOLE, "[    0.0] Linux version\r\n");
		sleep(11);
	}
	good();
}

static void kvm_abort(void)
{
	if (under_kvm)
		abort();
	good();
}

int first_time(void)
{
	const char *name = getenv("FAKE_BOOTED");
	FILE *f = name && access(name, F_OK) ? fopen(name, "w") : NULL;

	if (!f)
		return 0;
	fclose(f);
	return 1;
}

/* The kernel's report of an int3; byte is the one before the mark. */
static void trap(const char *byte)
{
	boot();
	put(CONSOLE, "[    1.5] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\n");
	put(CONSOLE, "[    1.5] RIP: 0010:fake+0x86/0x580\r\n");
	put(CONSOLE, "[    1.5] Code: b3 b0 00 00 00 ");
	put(CONSOLE, byte);
	put(CONSOLE, " <14> 02 00 00 48\r\n");
	put(CONSOLE, "[    1.6] Kernel panic - not syncing: Fatal exception\r\n");
	sleep_for_ever();
}

static void int3_of_emulator(void)
{
	trap("e9");
}

static void int3_of_emulator_once(void)
{
	if (incoming && first_time())
		trap("e9");
	good();
}

/* A resumed guest has a double fault, with a pointer's bits in the flags. */
static void flags_of_emulator_once(void)
{
	if (!incoming || !first_time())
		good();
	boot();
	put(CONSOLE, "[    1.5] Oops: double fault: 0000 [#1] SMP NOPTI\r\n");
	put(CONSOLE, "[    1.5] RSP: 0018:ffffc900025737c0 EFLAGS: 044b4b02\r\n");
	put(CONSOLE, "[    1.6] Kernel panic - not syncing: Fatal exception\r\n");
	sleep_for_ever();
}

static void int3_of_kernel(void)
{
	trap("cc");
}

/* The host stopped a vCPU during timer calibration: the guest would hang. */
static void no_timer(void)
{
	put(CONSOLE, "[    0.5] APIC frequency too slow, disabling apic timer\r\n");
	sleep_for_ever();
}

static void no_timer_once(void)
{
	if (first_time())
		no_timer();
	good();
}

/* Panics if resumed, not if booted. */
static void panic_resumed(void)
{
	if (incoming)
		panic();
	good();
}

static void splat_resumed(void)
{
	if (!incoming)
		good();
	boot();
	put(CONSOLE, "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	end_with("V PASS all is well\n");
}

static void killed_resumed(void)
{
	if (incoming)
		killed();
	good();
}

/* The same fault: a panic if resumed, a warning and a violation if booted. */
static void panic_then_splat(void)
{
	if (incoming)
		panic();
	put(CONSOLE, "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	violation();
}

const struct fake_guest host_guests[] = {
	{ "kvm_hang", kvm_hang }, { "kvm_slow", kvm_slow },
	{ "kvm_abort", kvm_abort }, { "int3_of_emulator", int3_of_emulator },
	{ "int3_of_emulator_once", int3_of_emulator_once },
	{ "flags_of_emulator_once", flags_of_emulator_once },
	{ "int3_of_kernel", int3_of_kernel }, { "no_timer", no_timer },
	{ "no_timer_once", no_timer_once }, { "panic_resumed", panic_resumed },
	{ "splat_resumed", splat_resumed }, { "killed_resumed", killed_resumed },
	{ "panic_then_splat", panic_then_splat },
	{ NULL, NULL },
};
