// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots, with a fake QEMU: when a snapshot is made, used, replaced, or given up;
 * and that a run gets its verdict in any case.
 */
#include <signal.h>
#include <stddef.h>

#include "lib/array.h"
#include "vmtest_cases.h"
#include "vmtest_harness.h"

#define BOOTS HAS("t1-1/log", "vmtest: guest runs 6.12.0-fake after ")
#define SAVES HAS("t1-1/log", "vmtest: the guest was saved\n")
#define WAKES HAS("t1-1/log", "vmtest: the saved guest woke up after ")
#define NO_BOOT LACKS("t1-1/log", "vmtest: guest runs 6.12.0-fake after ")
#define NO_SAVE LACKS("t1-1/log", "vmtest: the guest was saved\n")
#define NO_WAKE LACKS("t1-1/log", "vmtest: the saved guest woke up after ")

#define FORGET "rm -rf cache/good/snapshots"
/* The number of this guest's snapshots. */
#define SAVED(n) "[ $(ls cache/good/snapshots 2>/dev/null | wc -l) = " n " ]"

/* A run that passes, without duplicate output, and n snapshots after it. */
#define GOOD(args, n, booted, saved, woke, ...) \
	{ "good", T1 " --timeout=2 " args, .exit = 0, { booted, saved, woke, \
		/* Booted, saved or resumed, the console has a single beginning. */ \
		IS("t1-1/console.log", "[    0.000000] Linux version 6.12.0-fake\r\n"), \
		HAS("t1-1/tests.ktap", "KTAP version 1\n1..1\n") }, \
	  .after = SAVED(n), __VA_ARGS__ }
#define MAKES(args, n, ...) GOOD(args, n, BOOTS, SAVES, WAKES, __VA_ARGS__)
#define MAKES_ONE MAKES("", "1", .before = FORGET)
#define RESUMES(args, n) GOOD(args, n, NO_BOOT, NO_SAVE, WAKES)
#define BOOTS_ONLY(n, ...) GOOD("--no-snapshot", n, BOOTS, NO_SAVE, NO_WAKE, __VA_ARGS__)

/* Every input of a waiting guest selects a different snapshot. */
#define INPUT(arg, n) MAKES(arg, n), RESUMES(arg, n)

/* As in an upgrade: the same name, another file. */
#define OTHER_QEMU(n) \
	MAKES("", n, .env = "QEMU=$ROOT/qemu", \
	      .before = "cp " FAKE_QEMU " qemu.new && mv qemu.new qemu")

/* A snapshot with a broken part is replaced. */
#define BROKEN(how) \
	{ "broken, " how, { \
		MAKES_ONE, MAKES("", "1", .before = "cd cache/good/snapshots/* && " how), \
		RESUMES("", "1") } }

/* Snapshots only save time: no run fails without them, and a message appears once. */
#define DOES_NOT_WORK(how, why) \
	{ "good", T1 " --timeout=1 --runs=3", .exit = 0, { \
		SAYS("guests cannot be saved and resumed here (" why "); "), \
		PRINTS("t1      PASS             3  6 ok") }, \
	  .env = "'FAKE_MIGRATE=" how "'", .before = FORGET, \
	  .after = SAVED("0") " && " \
		   "[ $(grep -o 'guests cannot be saved' run.err | wc -l) = 1 ]" }

/* A signal while a guest is being saved leaves at most what the next run removes. */
#define INTERRUPTED(sig, left) \
	{ "good", T1, .exit = 128 + SIG##sig, .env = "FAKE_MIGRATE=slow", .before = FORGET, \
	  .during = "[ -s pid ] && [ \"$(ls cache/good/snapshots 2>/dev/null)\" ] && " \
		    "sleep .2 && kill -" #sig " $RUNNER", \
	  .after = SAVED(left) }, \
	MAKES("", "1")

/* A file that changed at its size is noticed before the guest is resumed. */
#define DAMAGED(file) \
	{ "damaged " file, { \
		MAKES_ONE, \
		{ "good", T1 " --timeout=2", .exit = 0, { BOOTS, SAVES, WAKES, \
			SAYS(" is damaged (" file "): it is removed, and a guest boots\n") }, \
		  .before = "cd cache/good/snapshots/* && cp " file " old && " \
			    "printf '\\377' | dd of=" file " bs=1 seek=2 conv=notrunc status=none && " \
			    "! cmp -s old " file " && [ $(stat -c %s old) = $(stat -c %s " file ") ] && rm old", \
		  .after = SAVED("1") }, \
		RESUMES("", "1") } }

#define REWRITE(words, file) \
	"touch -r " file " stamp && printf " words " >" file " && touch -r stamp " file

#define MANY "--target=t1 --accel=tcg --runs=10 --jobs=3"

static const struct test_case cases[] = {
	{ "first saves, second resumes", { MAKES_ONE, RESUMES("", "1") } },
	{ "no snapshot", {
		BOOTS_ONLY("0", .before = FORGET), MAKES_ONE, BOOTS_ONLY("1") } },
	{ "inputs", {
		MAKES_ONE,
		INPUT("--cpus=1", "2"), INPUT("--widen", "3"),
		INPUT("--append=x", "4"), INPUT("--memory=300", "5"),
		RESUMES("--ops=5", "5"), RESUMES("--tests=semantics", "5"),
		/* The same name with different contents. */
		MAKES("", "6", .before = "printf 'another kernel' >top/kernel/image"),
		{ "good", NULL, .after = "printf 'no kernel at all' >top/kernel/image" } } },
	/* A file that is rewritten at its size and mtime is another file. */
	{ "same size and mtime", {
		MAKES_ONE,
		MAKES("", "2", .before = REWRITE("'no kernel at ALL'", "top/kernel/image")),
		MAKES("--add=$ROOT/added", "3", .before = "echo one >added"),
		RESUMES("--add=$ROOT/added", "3"),
		MAKES("--add=$ROOT/added", "4", .before = REWRITE("'two\\n'", "added")),
		{ "good", NULL, .after = "printf 'no kernel at all' >top/kernel/image" } } },
	{ "other QEMU", { MAKES_ONE, OTHER_QEMU("2"), OTHER_QEMU("3") } },
	/* Only QEMU can detect the second and the sixth one. */
	BROKEN(": >state"),
	BROKEN("truncate -s 3 state"),
	BROKEN("truncate -s 1M ram"),
	BROKEN("rm ram"),
	BROKEN("rm inputs"),
	BROKEN("rm console"),
	BROKEN("rm digests"),
	DAMAGED("ram"), DAMAGED("state"), DAMAGED("console"), DAMAGED("result"),
	/* Other holes, and the same contents. */
	{ "copied", {
		MAKES_ONE,
		GOOD("", "1", NO_BOOT, NO_SAVE, WAKES,
		     .before = "cd cache/good/snapshots/* && cp --sparse=never ram new && mv new ram") } },
	BROKEN("echo of another >inputs"),
	{ "does not work", {
		/* refused by QEMU */
		DOES_NOT_WORK("refused", "the guest was not saved: no x-ignore-shared here"),
		DOES_NOT_WORK("no room", "QEMU ended with signal 7 (Bus error)"),
		/* longer than --timeout */
		DOES_NOT_WORK("slow", "saving the guest took more than 1 s"),
		DOES_NOT_WORK("sleeps", "resuming the saved guest took more than 1 s"),
		/* on resume */
		DOES_NOT_WORK("dies", "QEMU ended with exit status 91") } },
	{ "two at once", { { "good", MANY " --out $OUT", .exit = 0, { IS("../status", "0\n") },
		.before = FORGET, .after = SAVED("1"),
		.during = VMTEST " " MANY " --out $ROOT/out-b >out 2>err; echo $? >status" } } },
	{ "interrupted", { INTERRUPTED(INT, "0"), INTERRUPTED(KILL, "1") } },
	{ "full cache", { { "good", T1 " --runs=2", .exit = 0, {
		SAYS("MiB free; guests are not saved, and each boots") },
		.before = "cp -r cache/good/tcg . && $MOUNT -t tmpfs -o size=1m none cache/good && "
			  "mv tcg cache/good || exit 77",
		.after = SAVED("0") "; empty=$?; umount cache/good && exit $empty" } } },
	/* The newest snapshots stay; one that is unused for a day is deleted. */
	{ "old ones go", {
		MAKES_ONE,
		MAKES("--cpus=1", "1",
		      .before = "touch -d '2 days ago' cache/good/snapshots/*/inputs && "
				"ls cache/good/snapshots >old"),
		{ "good", NULL, .after = "[ ! -e cache/good/snapshots/$(cat old) ]" } } },
};

int main(void)
{
	return cases__run("vmtest snapshot", cases, ARRAY_SIZE(cases), NULL, 0);
}
