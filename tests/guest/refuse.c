// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command on a kernel that refuses some ways to attach BPF programs.
 *
 *	refuse WAY... -- COMMAND [ARGUMENT...]
 *
 *	fentry		a security module refuses to load trampoline programs
 *	kprobe		a security module refuses to load kprobe programs
 *	multi		a security module refuses to load kprobe.multi programs,
 *			but not plain kprobes
 *	full:FUNCTION[:ROOM]
 *			the trampoline of FUNCTION is full: as many programs as the
 *			kernel allows are attached to it, less ROOM (default 0)
 *
 * The refusals are real: the security module is a program on the LSM hook of bpf(2),
 * for which the kernel needs lsm=...,bpf, and the programs on a full trampoline do
 * nothing. All of them end with the command. Ways take effect in the given order:
 * "full:" must precede "fentry".
 */
#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/array.h"
#include "command.h"

#define EXIT_USAGE 2
#define LINKS_MAX 1024	/* more than any kernel allows (38, BPF_MAX_TRAMP_LINKS) */

/* SKIP skips n instructions if the condition holds; RETURN is two instructions. */
#define LOAD(size, dst, src, offset)					\
	{ .code = BPF_LDX | BPF_MEM | (size), .dst_reg = (dst),		\
	  .src_reg = (src), .off = (offset) }
#define SKIP(condition, reg, value, n)					\
	{ .code = BPF_JMP32 | (condition) | BPF_K, .dst_reg = (reg),	\
	  .imm = (value), .off = (n) }
#define RETURN(value)							\
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = (value) },	\
	{ .code = BPF_JMP | BPF_EXIT }

/* Attaches a program. This process holds the link that keeps the program attached. */
static int attach(enum bpf_prog_type type, enum bpf_attach_type how, int btf_id,
		  const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts,
		.expected_attach_type = how, .attach_btf_id = btf_id);
	int prog = bpf_prog_load(type, "refuse", "GPL", insns, n, &opts), link;

	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(NULL, prog);
	close(prog);	/* the link holds a reference */
	return link < 0 ? -errno : link;
}

static int function_id(const char *name, enum bpf_attach_type how)
{
	int id = libbpf_find_vmlinux_btf_id(name, how);

	if (id < 0)
		errx(EXIT_FAILURE, "%s: %s", name, strerror(-id));
	return id;
}

/* Attaches a program to the hook int bpf_lsm_bpf(int cmd, union bpf_attr *attr, ...). */
static void refuse_load(const char *what, const struct bpf_insn *insns, size_t n)
{
	int id = function_id("bpf", BPF_LSM_MAC);
	int err = attach(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, id, insns, n);

	if (err < 0)
		errx(EXIT_FAILURE, "%s: %s", what, strerror(-err));
}

enum { R1 = 1, R2, R3, R4, R5 };

/*
 * Allows all commands of bpf(2) but BPF_PROG_LOAD; for this one, sets R4 to the type of
 * the program and R5 to its expected attach type.
 */
#define ALLOW_OTHER_COMMANDS						\
	LOAD(BPF_DW, R2, R1, 0),					\
	LOAD(BPF_DW, R3, R1, 8),					\
	SKIP(BPF_JEQ, R2, BPF_PROG_LOAD, 2),				\
	RETURN(0),							\
	LOAD(BPF_W, R4, R3, offsetof(union bpf_attr, prog_type)),	\
	LOAD(BPF_W, R5, R3, offsetof(union bpf_attr, expected_attach_type))

static const struct bpf_insn fentry[] = {
	ALLOW_OTHER_COMMANDS,
	SKIP(BPF_JNE, R4, BPF_PROG_TYPE_TRACING, 4),
	SKIP(BPF_JEQ, R5, BPF_TRACE_FENTRY, 1),
	SKIP(BPF_JNE, R5, BPF_TRACE_FEXIT, 2),
	RETURN(-EPERM),
	RETURN(0),
};

static const struct bpf_insn multi[] = {
	ALLOW_OTHER_COMMANDS,
	SKIP(BPF_JNE, R4, BPF_PROG_TYPE_KPROBE, 3),
	SKIP(BPF_JNE, R5, BPF_TRACE_KPROBE_MULTI, 2),
	RETURN(-EPERM),
	RETURN(0),
};

static const struct bpf_insn kprobe[] = {
	ALLOW_OTHER_COMMANDS,
	SKIP(BPF_JNE, R4, BPF_PROG_TYPE_KPROBE, 2),
	RETURN(-EPERM),
	RETURN(0),
};

/* The ways that need a program on the hook of bpf(2). */
static const struct {
	const char *name;
	const struct bpf_insn *insns;
	size_t n;
} ways[] = {
	{ "fentry", fentry, ARRAY_SIZE(fentry) },
	{ "kprobe", kprobe, ARRAY_SIZE(kprobe) },
	{ "multi", multi, ARRAY_SIZE(multi) },
};

/* @argument is FUNCTION[:ROOM]. Attaches as many programs as possible, less ROOM. */
static void fill_trampoline(const char *argument)
{
	static const struct bpf_insn nothing[] = { RETURN(0) };
	int links[LINKS_MAX], n = 0, id, room = 0, link;
	char function[64];

	if (sscanf(argument, "%63[^:]:%d", function, &room) < 1 || room < 0)
		errx(EXIT_USAGE, "full:%s: not FUNCTION[:ROOM]", argument);
	id = function_id(function, BPF_TRACE_FENTRY);
	while ((link = attach(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, id, nothing,
			      ARRAY_SIZE(nothing))) >= 0 && n < LINKS_MAX)
		links[n++] = link;
	if (link != -E2BIG)
		errx(EXIT_FAILURE, "%s: %s after %d programs", function,
		     link < 0 ? strerror(-link) : "no limit", n);
	while (room-- && n)
		close(links[--n]);
}

static void refuse(const char *way)
{
	if (!strncmp(way, "full:", strlen("full:"))) {
		fill_trampoline(way + strlen("full:"));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (!strcmp(way, ways[i].name)) {
			refuse_load(way, ways[i].insns, ways[i].n);
			return;
		}
	errx(EXIT_USAGE, "%s: not fentry, kprobe, multi or full:FUNCTION[:ROOM]", way);
}

/* fill_trampoline() holds a file descriptor for each program. */
static void raise_file_limit(void)
{
	struct rlimit limit = { 65536, 65536 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(EXIT_FAILURE, "RLIMIT_NOFILE");
}

int main(int argc, char **argv)
{
	int i;

	raise_file_limit();
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		refuse(argv[i]);
	if (i + 1 >= argc)
		errx(EXIT_USAGE, "usage: refuse WAY... -- COMMAND [ARGUMENT...]");
	return command__run(argv + i + 1);
}
