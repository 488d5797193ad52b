// SPDX-License-Identifier: GPL-2.0-only
/* Has the names of kernel constants in tables, one for all CLONE_NEW* flags. */
#include "loader/trace/names.h"

#include <stdio.h>
#include <linux/types.h>

#include "lib/array.h"
#include "bpf/wire.h"

static const struct {
	uint32_t flag;
	const char *name, *flag_name;
} ns_types[] = {
	{ 0x20000000, "pid", "CLONE_NEWPID" },
	{ 0x10000000, "user", "CLONE_NEWUSER" },
	{ 0x00020000, "mnt", "CLONE_NEWNS" },
	{ 0x02000000, "cgroup", "CLONE_NEWCGROUP" },
	{ 0x04000000, "uts", "CLONE_NEWUTS" },
	{ 0x08000000, "ipc", "CLONE_NEWIPC" },
	{ 0x40000000, "net", "CLONE_NEWNET" },
	{ 0x00000080, "time", "CLONE_NEWTIME" },
};

const char *ns_type__name(uint32_t flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(ns_types); i++)
		if (ns_types[i].flag == flag)
			return ns_types[i].name;
	return "?";
}

const char *clone_flags__text(uint32_t flags, char *buf, size_t len)
{
	size_t n = 0;

	if (!flags)
		return "0";
	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(ns_types) && n < len; i++) {
		if (!(flags & ns_types[i].flag))
			continue;
		n += snprintf(buf + n, len - n, "%s%s", n ? "|" : "",
			      ns_types[i].flag_name);
		flags &= ~ns_types[i].flag;
	}
	if (flags && n < len)
		snprintf(buf + n, len - n, "%s0x%x", n ? "|" : "", flags);
	return buf;
}

const char *fd_kind__name(uint32_t kind)
{
	static const char *const names[] = {
		[WIRE_FD_BAD] = "bad", [WIRE_FD_NSFS] = "nsfs",
		[WIRE_FD_PIDFD] = "pidfd", [WIRE_FD_OTHER] = "other",
	};

	return names[kind <= WIRE_FD_OTHER ? kind : WIRE_FD_OTHER];
}
