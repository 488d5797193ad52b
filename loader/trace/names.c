// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the names of kernel constants in tables, one for all CLONE_* flags; and prints the
 * names of tasks.
 */
#include "loader/trace/names.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/array.h"

/* The flags by value, with the name of the kind of namespace that a flag is for. */
static const struct {
	uint64_t flag;
	const char *flag_name, *name;
} clone_flags[] = {
	{ 0x00000080, "CLONE_NEWTIME", "time" },
	{ 0x00000100, "CLONE_VM", NULL },
	{ 0x00000200, "CLONE_FS", NULL },
	{ 0x00000400, "CLONE_FILES", NULL },
	{ 0x00000800, "CLONE_SIGHAND", NULL },
	{ 0x00001000, "CLONE_PIDFD", NULL },
	{ 0x00002000, "CLONE_PTRACE", NULL },
	{ 0x00004000, "CLONE_VFORK", NULL },
	{ 0x00008000, "CLONE_PARENT", NULL },
	{ 0x00010000, "CLONE_THREAD", NULL },
	{ 0x00020000, "CLONE_NEWNS", "mnt" },
	{ 0x00040000, "CLONE_SYSVSEM", NULL },
	{ 0x00080000, "CLONE_SETTLS", NULL },
	{ 0x00100000, "CLONE_PARENT_SETTID", NULL },
	{ 0x00200000, "CLONE_CHILD_CLEARTID", NULL },
	{ 0x00400000, "CLONE_DETACHED", NULL },
	{ 0x00800000, "CLONE_UNTRACED", NULL },
	{ 0x01000000, "CLONE_CHILD_SETTID", NULL },
	{ 0x02000000, "CLONE_NEWCGROUP", "cgroup" },
	{ 0x04000000, "CLONE_NEWUTS", "uts" },
	{ 0x08000000, "CLONE_NEWIPC", "ipc" },
	{ 0x10000000, "CLONE_NEWUSER", "user" },
	{ 0x20000000, "CLONE_NEWPID", "pid" },
	{ 0x40000000, "CLONE_NEWNET", "net" },
	{ 0x80000000, "CLONE_IO", NULL },
	{ 1ULL << 32, "CLONE_CLEAR_SIGHAND", NULL },
	{ 1ULL << 33, "CLONE_INTO_CGROUP", NULL },
	{ 1ULL << 34, "CLONE_AUTOREAP", NULL },
	{ 1ULL << 35, "CLONE_NNP", NULL },
	{ 1ULL << 36, "CLONE_PIDFD_AUTOKILL", NULL },
	{ 1ULL << 37, "CLONE_EMPTY_MNTNS", NULL },
};

const char *ns_type__name(uint32_t flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(clone_flags); i++)
		if (clone_flags[i].flag == flag && clone_flags[i].name)
			return clone_flags[i].name;
	return "?";
}

const char *clone_flags__text(uint64_t flags, char *buf, size_t len)
{
	size_t n = 0;

	if (!flags)
		return "0";
	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(clone_flags) && n < len; i++) {
		if (!(flags & clone_flags[i].flag))
			continue;
		n += snprintf(buf + n, len - n, "%s%s", n ? "|" : "",
			      clone_flags[i].flag_name);
		flags &= ~clone_flags[i].flag;
	}
	if (flags && n < len)
		snprintf(buf + n, len - n, "%s0x%" PRIx64, n ? "|" : "", flags);
	return buf;
}

const char *comm__text(const char *comm, char text[COMM_TEXT])
{
	escape__name(text, comm, WIRE_COMM_LEN);
	return text;
}

const char *fd_kind__name(uint32_t kind)
{
	static const char *const names[] = {
		[WIRE_FD_BAD] = "bad", [WIRE_FD_NSFS] = "nsfs",
		[WIRE_FD_PIDFD] = "pidfd", [WIRE_FD_OTHER] = "other",
	};

	return names[kind <= WIRE_FD_OTHER ? kind : WIRE_FD_OTHER];
}
