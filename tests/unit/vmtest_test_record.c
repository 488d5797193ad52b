// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recorded runs and their replays, with a fake QEMU: the files that are kept, the
 * comparison, the refusals with their remedies, and that no process or file is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>

#include "vmtest/replay/replay_main.h"
#include "vmtest/lib/util.h"
#include "vmtest_cases.h"
#include "vmtest_harness.h"

/* A kernel config for the machine without ACPI. */
static const char config[] =
	"CONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_VIRTIO_CONSOLE=y\n"
	"CONFIG_SERIAL_8250_CONSOLE=y\nCONFIG_PROC_FS=y\nCONFIG_SYSFS=y\n"
	"CONFIG_PID_NS=y\nCONFIG_VIRTIO_MMIO=y\n"
	"CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y\n";

static int setup(void **state)
{
	int err = harness__setup(state);

	if (!err)
		put("top/kernel/config", config, 0644);
	return err;
}

/* A recording QEMU that fails in this way, or "". */
#define HOW(how) .env = "QEMU=" UNIT_DIR "/vmtest_fakerr FAKE_RR=" how

#define RUN_7 "--target=t1 --seed=7 --out $OUT "
#define DIR "$OUT/t1-7"
#define RECORD(...) { "good", RUN_7 "--record", .exit = 0, HOW(""), __VA_ARGS__ }
#define REPLAY(how, args, status, ...) \
	{ "good", "replay " args, .exit = status, { __VA_ARGS__ }, HOW(how) }
#define NO_REPLAY ABSENT("t1-7/replay")

/* A recording that is spoiled by a command cannot be replayed. */
#define REFUSED(spoil, says, mend) \
	{ spoil, { RECORD(.after = "cd " DIR " && " spoil), \
		   REPLAY("", DIR, 2, SAYS(says), SAYS(mend), NO_REPLAY) } }

/* A replay that is ended by a signal leaves no process or file. */
#define KILLED(sig, args, once, ...) \
	{ "good", "replay " args, .exit = 128 + SIG##sig, { NO_REPLAY, __VA_ARGS__ }, HOW("stuck"), \
	  .during = "[ -s pid ] && " once " && kill -" #sig " $RUNNER" }

#define BAD_USAGE(args) { "good", args, .exit = 2, { SAYS("vmtest: error: ") }, HOW("") }

static const struct test_case cases[] = {
	REFUSED("rm record.json", "not a recorded run", "vmtest --record"),
	REFUSED("echo '{' >record.json", "cannot be parsed", "vmtest --record"),
	REFUSED("sed -i 's/\"version\": 1/\"version\": 9/' record.json",
		"cannot be parsed", "vmtest --record"),
	REFUSED("rm rr.log", "rr.log is missing", "vmtest --record"),
	REFUSED("printf 'a reco' >rr.log", "rr.log has 6 bytes instead of 11",
		"vmtest --record"),
	REFUSED("rm initramfs.cpio", "initramfs.cpio is missing", "vmtest --record"),
	REFUSED("printf x >>initramfs.cpio", "not the recorded one", "vmtest --record"),
	REFUSED("sed -i 's/\"kernel_hash\": \"./&0/' record.json",
		"has changed", "make kernel"),
	REFUSED("sed -i 's#/top/kernel/image\"#/gone\"#' record.json",
		"no longer exists", "make kernel"),
	REFUSED("sed -i 's/fake QEMU 1/fake QEMU 2/' record.json",
		"recorded by \"fake QEMU 2\"", "set QEMU"),

	{ "what is kept", { { "good", RUN_7 "--record", .exit = 0, {
		THERE("t1-7/rr.log"), THERE("t1-7/initramfs.cpio"),
		THERE("t1-7/result"), THERE("t1-7/console.log"),
		/* The channels are kept as console.log and trace.bin. */
		ABSENT("t1-7/console"), ABSENT("t1-7/trace"),
		IS("t1-7/trace.bin", "0123456789"),
		IS("t1-7/record.json?instructions", "123456"),
		IS("t1-7/record.json?qemu", "\"fake QEMU 1\"") }, HOW(""),
		.after = "grep -q jsonl " DIR "/initramfs.cpio && "
			 "grep -aq '\"seed\":7' " DIR "/initramfs.cpio" } } },
	{ "the same again", {
		RECORD(.after = "ls " DIR " >files"),
		{ "good", "replay " DIR, .exit = 0, {
			PRINTS("console 42 bytes identical, trace 10 bytes identical") },
		  HOW(""), .after = "ls " DIR " | cmp - files" } } },
	{ "a difference", {
		RECORD(),
		/* The replay's files are kept; the recorded files are unchanged. */
		REPLAY("differs", DIR, 1,
		       SAYS("trace differs at offset 4"), PRINTS("console 42 bytes identical"),
		       HAS("t1-7/replay/trace", "0123x56789"), HAS("t1-7/trace.bin", "0123456789")),
		REPLAY("short", DIR, 1, SAYS("results differs at offset 37")),
		/* A good replay removes the files of the previous one. */
		REPLAY("", DIR, 0, NO_REPLAY) } },
	{ "bad usage", {
		BAD_USAGE("replay"), BAD_USAGE("replay a b"), BAD_USAGE("replay /nowhere"),
		BAD_USAGE("replay --what a"), BAD_USAGE("--record --cpus=2"),
		BAD_USAGE("--icount --accel=kvm"), BAD_USAGE("--until-fail --icount"),
		BAD_USAGE("--until-fail"), BAD_USAGE("--record --mutants") } },
	{ "nothing left", {
		RECORD(), KILLED(TERM, DIR, "[ -e " DIR "/replay ]"),
		KILLED(INT, DIR, "[ -e " DIR "/replay ]") } },
	{ "gdb", {
		RECORD(),
		REPLAY("", DIR " --gdb", 2, SAYS("vmlinux.debug"), NO_REPLAY),
		{ "good", NULL, .after = "echo no symbols >top/kernel/vmlinux.debug" },
		KILLED(HUP, "--gdb " DIR,
		       "grep -q '/top/kernel/vmlinux.debug$' " DIR "/replay/gdbinit && "
		       "grep -q '  go 123455$' " DIR "/replay/gdbinit",
		       PRINTS("gdb -nx -x ")),
		/* QEMU ends when gdb does, and vmtest ends with QEMU. */
		REPLAY("", "--gdb " DIR, 0) } },
	{ "until fail", {
		{ "good", "--target=t1 --out $OUT --seed=1..9 --record --until-fail", .exit = 1, {
			SAYS("vmtest replay "),
			THERE("t1-3/rr.log"), THERE("t1-3/record.json"),
			THERE("t1-2"), ABSENT("t1-4"), ABSENT("t1-2/rr.log"),
			ABSENT("t1-2/initramfs.cpio"), ABSENT("t1-2/record.json"),
			HAS("t1-3/repro.sh", "--record") }, HOW("fails") },
		{ "good", "--target=t1 --out $OUT --seed=1..2 --record --until-fail", .exit = 0,
		  HOW("") } } },
	/* QEMU must quit by QMP: if killed, it leaves a recording without an end. */
	{ "a hang is recorded", {
		{ "good", RUN_7 "--record --timeout=1", .exit = 6, {
			HAS("t1-7/record.json", "\"instructions\": 123456"),
			HAS("t1-7/log", "QEMU ended with exit status 0") }, HOW("silent") },
		{ "good", RUN_7 "--record --timeout=1", .exit = 6, {
			SAYS("it cannot be replayed"), ABSENT("t1-7/record.json"),
			ABSENT("t1-7/rr.log") }, HOW("deaf") } } },
	{ "icount", { { "good", RUN_7 "--icount", .exit = 0, {
		SAYS("t1 seed 7: 123456 instructions"), ABSENT("t1-7/initramfs.cpio"),
		ABSENT("t1-7/rr.log"), ABSENT("t1-7/record.json") }, HOW("") } } },
	/* Without these options the guest does not find its UARTs. */
	{ "no ACPI", { { "good", "--target=t1 --record", .exit = 2, {
		SAYS("CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y") }, HOW(""),
		.before = "mv top/kernel/config config", .after = "mv config top/kernel/config" } } },
	/* A replay of a guest ended from outside: complete, except for the end. */
	{ "no end", {
		RECORD(), REPLAY("endless", DIR, 0, SAYS("killed from outside"), NO_REPLAY) } },
};

static void test_compare(void **state)
{
	static const struct {
		const char *a, *b, *tail;
		bool same;
		uint64_t at;
	} cases[] = {
		{ "", "", NULL, true, 0 }, { "abc", "abc", NULL, true, 3 },
		{ "abc", "abd", NULL, false, 2 }, { "abc", "ab", NULL, false, 2 },
		{ "ab", "abc", NULL, false, 2 }, { "ab", "abEND", "END", true, 2 },
		{ "abEND", "abEND", "END", false, 2 },
		{ "ab", "ab", "END", true, 2 }, { "", "END", "END", true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *a = in_root("a"), *b = in_root("b");
		struct difference d;

		put("a", cases[i].a, 0644);
		put("b", cases[i].b, 0644);
		assert_int_equal(compare__files(a, b, cases[i].tail, &d), 0);
		assert_int_equal(d.same, cases[i].same);
		assert_int_equal(d.at, cases[i].at);
		free(a);
		free(b);
	}
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_compare),
	};

	return cases__run_with(setup, "vmtest record", cases, ARRAY_SIZE(cases),
			       others, ARRAY_SIZE(others));
}
