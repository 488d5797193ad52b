// SPDX-License-Identifier: GPL-2.0-only
/*
 * The runner and the processes around it: signals, another runner, a full disk, and
 * closed pipes leave no process and no file that may pass for a result.
 */
#include <signal.h>
#include <stddef.h>

#include "lib/array.h"
#include "vmtest_cases.h"
#include "vmtest_harness.h"

/* A signal to the runner while QEMU runs. */
#define SIGNAL(name, ...) \
	{ "SIG" #name, { { "silence", T1, .exit = 128 + SIG##name, { \
		ABSENT("summary.json") }, \
		.during = "[ -s pid ] && sleep .3 && kill -" #name " $RUNNER", \
		__VA_ARGS__ } } }

#define EMPTY "[ -z \"$(ls $OUT)\" ]"

#define TWO T1 " --timeout=2"

/* A closed output pipe ends the run without a message. */
#define CLOSED(guest, args, reader) \
	{ guest, NULL, 0, { \
		LACKS("../err", "Broken pipe"), LACKS("../err", "error"), \
		LACKS("../err", "signal"), \
		/* No further run is started without a reader. */ \
		LACKS("../err", "mutants-6.12-debug seed") }, \
	  .after = VMTEST " --accel=tcg --out $OUT " args " 2>err | " reader " >/dev/null" }

static const struct test_case cases[] = {
	SIGNAL(INT, .after = EMPTY),
	SIGNAL(TERM, .after = EMPTY),
	/* SIGKILL allows no cleanup, but no process is left. */
	SIGNAL(KILL),
	{ "SIGINT during build", { { "good", "--target=slow --accel=tcg", .exit = 128 + SIGINT, {
		SAYS("target slow: interrupted") },
		.during = "sleep .5; kill -INT $RUNNER" } } },
	/* A resumed guest's LOST would be repeated: see vmtest_test_repeat.c. */
	{ "QEMU killed by another", { { "silence", T1 " --no-snapshot", .exit = 7,
		.during = "[ -s pid ] && kill -KILL $(cat pid)" } } },
	{ "two at once", { { "heartbeat_only", TWO, .exit = 6, {
		IS("../status", "6\n"), HAS("../err", "another vmtest is running"),
		THERE("summary.json"), THERE("t1-1/console.log"), THERE("t1-1.2/console.log") },
		.during = "sleep .5; " VMTEST " " TWO " >out 2>err & second=$!; "
			  "wait $second; echo $? >status; echo $second >second",
		.after = "[ -e $OUT/summary-$(cat second).json ]" } } },
	{ "full disk", { { "big_trace", T1, .exit = 2, {
		SAYS("trace.bin: No space left on device; make room") },
		.before = "mkdir $OUT && $MOUNT -t tmpfs -o size=1m none $OUT || exit 77",
		.after = "left=$(ls $OUT); umount $OUT && [ -z \"$left\" ]" } } },
	{ "broken stdout", { { "command", NULL, 0, {
		HAS("../err", "standard output: No space left") },
		.after = VMTEST " " T1 " -- cat >/dev/full 2>err; [ $? = 2 ]" } } },
	{ "broken KVM", {
		/* QEMU aborts under KVM, or KVM is absent: the runner reports either. */
		{ "kvm_abort", "--target=t1 --out $OUT", .exit = 0, { SAYS("TCG is used") } },
		/* With --accel=kvm there is no fallback: the outcome is the verdict. */
		{ "kvm_abort", NULL,
		  .after = VMTEST " --target=t1 --accel=kvm --out $OUT >out 2>err; status=$?; "
			   "[ -r /dev/kvm ] && [ -w /dev/kvm ] && verdict=7; "
			   "[ $status = ${verdict:-2} ]" } } },
	{ "closed pipe", {
		CLOSED("good", "--target=t1 --target=mutants-6.12 --target=mutants-6.12-debug",
		       "head -n 1"),
		CLOSED("command", "--target=t1 -- cat", "true"),
		CLOSED("good", "--list", "true"),
		CLOSED("good", "--help", "true") } },
};

int main(void)
{
	return cases__run("vmtest interrupt", cases, ARRAY_SIZE(cases), NULL, 0);
}
