// SPDX-License-Identifier: GPL-2.0-only
/* Wrong arguments and broken files: each is refused with a message, before a build. */
#include <stddef.h>

#include "lib/array.h"
#include "vmtest_cases.h"

#define USAGE(name, args, said, ...) \
	{ name, { { "good", args, .exit = 2, { SAYS(said), SAYS_NOT("building") }, \
		    __VA_ARGS__ } } }

/* A file of the source tree, replaced by a line. */
#define BROKEN(file, line, args, said) \
	USAGE("broken " file, T1 args, said, \
	      .before = "mv top/" file " good && echo " line " >top/" file, \
	      .after = "mv good top/" file)

static const struct test_case cases[] = {
	USAGE("no such target", "--target=t9",
	      "no target t9; the targets are: t1, guilty, broken, slow, mutants-6.12"),
	USAGE("target mistyped", "--target=guitly",
	      "no target guitly; did you mean guilty? the targets are: t1, guilty, "),
	USAGE("option mistyped", "--tagret=t1",
	      "--tagret: no such option; did you mean --target?"),
	USAGE("first mistake first", "--seed=x --tagret=t1", "--seed x"),
	USAGE("test mistyped", "--tests=sterss",
	      "--tests sterss: not a list of semantics, purposes, creation, processes, numbers, failnth, races, entrances, stress and dangerous; did you mean stress?"),
	USAGE("command mistyped", "replya x",
	      "replya: no such command; did you mean replay?"),
	USAGE("help of a command mistyped", "help replya",
	      "replya: no such command; did you mean replay?"),
	USAGE("no command", "true", "true: unexpected; put a command after --"),
	USAGE("option of replay mistyped", "replay --gbd x",
	      "--gbd: no such option; did you mean --gdb?"),
	USAGE("bad colour", "--color=blue",
	      "--color blue: not one of auto, always, never"),
	USAGE("target twice", "--target=t1 --target=t1", "given twice"),
	USAGE("no such option", "--frobnicate",
	      "--frobnicate: no such option; see --help"),
	USAGE("bad seed", "--seed=x", "--seed x"),
	{ "kernel that cannot be built", { { "good", "--target=broken", .exit = 2, {
		SAYS("target broken: "), SAYS("building") } } } },
	USAGE("no such kernel", "--kernel=/proc/nonexistent/vmlinux",
	      "kernel /proc/nonexistent/vmlinux: No such file"),
	USAGE("kernel that is a directory", "--kernel=/tmp", "not a file"),
	USAGE("sample of what", "--sample", "--sample: needs --mutants"),
	USAGE("mutants of two targets", "--mutants --target=t1 --target=guilty",
	      "one target and no command"),
	USAGE("mutants and a command", "--mutants -- cat", "one target and no command"),
	USAGE("mutants of another line", "--mutants --target=mutants-6.12-debug --line=6.1",
	      "--line 6.1: mutants-6.12-debug is of another line; omit --line"),
	USAGE("no QEMU", "--target=t1",
	      "/proc/nonexistent/qemu: no such program; \"./deps.sh --how qemu-system-x86_64\" names the package",
	      .env = "QEMU=/proc/nonexistent/qemu"),
	USAGE("nothing built", "--target=t1",
	      "/proc/nonexistent",
	      .env = "VMTEST_BUILD=/proc/nonexistent"),
	USAGE("no source tree", "--list",
	      "is VMTEST_TOP the source tree?",
	      .env = "VMTEST_TOP=/proc/nonexistent"),
	USAGE("no such program", "--target=t1 -- no-such-program",
	      "no-such-program: no such program in PATH"),
	USAGE("no such file to add", "--target=t1 --add=/proc/nonexistent",
	      "--add /proc/nonexistent"),
	USAGE("a test that would end the kernel",
	      "--target=t1 --target=guilty --tests=failnth",
	      "--tests failnth: not on guilty, whose mode is seed; failnth is for every mode but seed"),
	USAGE("a test for another mode",
	      "--target=guilty --tests=stress --tests=races:init",
	      "--tests races:init: not on guilty, whose mode is seed; races is for mode join"),
	USAGE("a test for the seed", "--target=t1 --tests=dangerous",
	      "--tests dangerous: not on t1"),
	USAGE("no such image", "--target=t1",
	      "kernel /proc/nonexistent/bzImage: No such file",
	      .env = "BZIMAGE=/proc/nonexistent/bzImage"),
	USAGE("unwritable output", "--target=t1 --out=/proc/1/x",
	      "name another directory with --out"),
	USAGE("output below a file", "--target=t1 --out=/etc/passwd/x",
	      "name another directory with --out"),
	/* A broken file that the run needs is named before a kernel is built. */
	USAGE("interpreter that does not exist", T1 " -- $ROOT/script",
	      "its interpreter /proc/nonexistent/sh does not exist",
	      .before = "echo '#!/proc/nonexistent/sh' >script && chmod 755 script",
	      .after = "rm script"),
	USAGE("neither a script nor a program", T1 " -- $ROOT/script",
	      "neither an ELF file nor a script",
	      .before = "echo neither of them >script && chmod 755 script",
	      .after = "rm script"),
	BROKEN("vmtest/allow/kcsan", "no reason", " -- true",
	       "allow/kcsan:1: expected \"PATTERN | REASON\""),
	BROKEN("vmtest/allow/machine", "no reason", " -- true",
	       "allow/machine:1: expected \"PATTERN | REASON\""),
	BROKEN("vmtest/splats", "nonsense", " -- true", "splats:1"),
	USAGE("broken expectation", T1, "expect/t1:1: MAYBE is not a verdict",
	      .before = "echo verdict MAYBE >top/vmtest/expect/t1",
	      .after = "rm top/vmtest/expect/t1"),
	USAGE("failnth without its kernel options",
	      T1 " --tests=failnth --kernel $ROOT/debug/image",
	      "--tests failnth: allocations cannot be made to fail in "),
	USAGE("an image and a tree", "--accel=tcg",
	      "BZIMAGE and KERNEL_SRC name two kernels",
	      .env = "BZIMAGE=$ROOT/debug/image KERNEL_SRC=/tmp"),
	USAGE("missing product", T1,
	      "guest/stress: No such file or directory; build it with \"make programs\"",
	      .before = "mv build/guest/stress moved",
	      .after = "mv moved build/guest/stress"),
	{ "list", { { "good", "--list", .exit = 0, {
		PRINTS("t1 "), PRINTS("guilty ") } } } },
	{ "help", {
		{ "good", "-h", .exit = 0, { PRINTS("Usage: ") },
		  .after = "cp run.out help" },
		{ "good", "--help", .exit = 0, .after = "cmp help run.out" },
		{ "good", "help", .exit = 0, .after = "cmp help run.out" } } },
	{ "help of replay", {
		{ "good", "help replay", .exit = 0, { PRINTS("Usage: ") },
		  .after = "cp run.out help" },
		{ "good", "replay --help", .exit = 0, .after = "cmp help run.out" } } },
};

int main(void)
{
	return cases__run("vmtest usage", cases, ARRAY_SIZE(cases), NULL, 0);
}
