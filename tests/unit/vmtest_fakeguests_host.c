// SPDX-License-Identifier: GPL-2.0-only
/* Guests with a fault of the host: of KVM, of the emulator, or of a snapshot. */
#include "vmtest_fakeqemu.h"

#include <stdlib.h>
#include <unistd.h>

/* Is silent for longer than the KVM probe waits. */
static void wait_11_s(void)
{
	sleep(11);
}

/* The kernel's report of an int3; byte is the one before the mark. */
#define INT3(byte) \
	BOOT, \
	SEND(CONSOLE, "[    1.5] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\n" \
		      "[    1.5] RIP: 0010:fake+0x86/0x580\r\n" \
		      "[    1.5] Code: b3 b0 00 00 00 " byte " <14> 02 00 00 48\r\n" \
		      "[    1.6] Kernel panic - not syncing: Fatal exception\r\n"), \
	SLEEP

const struct fake_guest host_guests[] = {
	{ "kvm_hang", { IF_KVM("dead_at_boot"), PLAY("good") } },
	{ "kvm_stops", { IF_KVM("stops"), PLAY("good") } },
	{ "stops", { SEND(CONSOLE, "[    0.0] Linux version\r\n"), SLEEP } },
	{ "kvm_slow", { IF_KVM("slow_start"), PLAY("good") } },
	{ "slow_start", { SEND(CONSOLE, "[    0.0] Linux version\r\n"),
			  CALL(wait_11_s), PLAY("good") } },
	{ "kvm_abort", { IF_KVM("abort"), PLAY("good") } },
	{ "abort", { CALL(abort) } },
	{ "int3_of_emulator", { INT3("e9") } },
	{ "int3_of_kernel", { INT3("cc") } },
	{ "int3_of_emulator_once", { IF_FIRST_RESUMED("int3_of_emulator"),
				     PLAY("good") } },
	/* A resumed guest has a double fault, with a pointer's bits in the flags. */
	{ "flags_of_emulator_once", { IF_FIRST_RESUMED("flags_of_emulator"),
				      PLAY("good") } },
	{ "flags_of_emulator", {
		BOOT,
		SEND(CONSOLE, "[    1.5] Oops: double fault: 0000 [#1] SMP NOPTI\r\n"
			      "[    1.5] RSP: 0018:ffffc900025737c0 EFLAGS: 044b4b02\r\n"
			      "[    1.6] Kernel panic - not syncing: Fatal exception\r\n"),
		SLEEP } },
	/* The host stopped a vCPU during timer calibration: the guest would hang. */
	{ "no_timer", {
		SEND(CONSOLE, "[    0.5] APIC frequency too slow, disabling apic timer\r\n"),
		SLEEP } },
	{ "no_timer_once", { IF_FIRST("no_timer"), PLAY("good") } },
	{ "panic_resumed", { IF_RESUMED("panic"), PLAY("good") } },
	{ "splat_resumed", { IF_RESUMED("late_splat"), PLAY("good") } },
	{ "late_splat", { BOOT, SEND(CONSOLE, WARNING), PASSES } },
	{ "splat_then_panic", { IF_RESUMED("late_splat"), PLAY("panic") } },
	{ "killed_resumed", { IF_RESUMED("killed"), PLAY("good") } },
	/* The same fault: a panic if resumed, a warning and a violation if booted. */
	{ "panic_then_splat", { IF_RESUMED("panic"), SEND(CONSOLE, WARNING),
				PLAY("violation") } },
	{ NULL, { SLEEP } },
};
