// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the table of hooks, built from WIRE_HOOKS. Finds the hook of a BPF program, and
 * the name and kind of a hook's target in BTF, where a tracepoint is a typedef and an
 * iterator is a function.
 */
#include "loader/capture/hooks.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <linux/btf.h>

#include "lib/array.h"

/* The kernel's own ENOTSUPP, which has no name in user space. */
#define KERNEL_ENOTSUPP 524

const struct hook hooks[WIRE_NHOOKS] = {
#define X(e, s, t, w) [WIRE_HOOK_##e] = { .name = s, .type = WIRE_##t },
	WIRE_HOOKS(X)
#undef X
};

/* Programs that only collect data for the records of the hook that they belong to. */
static const struct {
	const char *section;
	enum wire_hook hook;
} helpers[] = {
	{ "fexit/proc_flush_pid", WIRE_HOOK_FLUSH_PID },
	{ "fexit/put_pid", WIRE_HOOK_PID_GONE },
	{ "fentry/" KNOB_HANDLER, WIRE_HOOK_PIDNS_INSTALL },
	{ "fexit/" KNOB_HANDLER, WIRE_HOOK_PIDNS_INSTALL },
};

const char *hook__target(enum wire_hook hook)
{
	return strchr(hooks[hook].name, ':') + 1;
}

bool hook__is_on_function(enum wire_hook hook)
{
	return hooks[hook].name[0] == 'f';	/* fentry:, fexit: */
}

int hook__of_section(const char *section)
{
	const char *slash = strchr(section, '/');
	size_t kind_len;

	if (!slash)
		return -ENOENT;
	kind_len = slash - section;
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		const char *name = hooks[h].name;

		if (!strncmp(name, section, kind_len) && name[kind_len] == ':' &&
		    !strcmp(name + kind_len + 1, slash + 1))
			return h;
	}
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		if (!strcmp(section, helpers[i].section))
			return helpers[i].hook;
	return -ENOENT;
}

/* The BTF type of a hook's target, by the kind of the hook. */
static const struct {
	const char *hook_kind;
	const char *prefix;	/* before the target's name */
	int btf_kind;
} btf_types[] = {
	{ "fentry", "", BTF_KIND_FUNC },
	{ "fexit", "", BTF_KIND_FUNC },
	{ "tp_btf", "btf_trace_", BTF_KIND_TYPEDEF },
	{ "raw_tp", "btf_trace_", BTF_KIND_TYPEDEF },
	{ "iter", "bpf_iter_", BTF_KIND_FUNC },
};

int section__btf_type(const char *section, char name[BTF_NAME_SIZE])
{
	size_t len = strcspn(section, ":/");

	*name = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(btf_types); i++) {
		if (strlen(btf_types[i].hook_kind) != len || !section[len] ||
		    strncmp(section, btf_types[i].hook_kind, len))
			continue;
		snprintf(name, BTF_NAME_SIZE, "%s%s", btf_types[i].prefix,
			 section + len + 1);
		return btf_types[i].btf_kind;
	}
	return BTF_KIND_UNKN;
}

const char *hook__explain(int error)
{
	/* a trace may have any value; INT_MIN cannot be negated */
	int number = error == INT_MIN ? INT_MAX : -error;

	switch (number) {
	case 0:
		return "attached";
	case ENOENT:
		return "this kernel has no such function, tracepoint or iterator in BTF";
	case ESRCH:
		return "this kernel has no such symbol";
	case ECANCELED:
		return "not requested";
	case EUNATCH:
		return "left out by --attach";
	case ESHUTDOWN:
		return "the sysctl kernel.ftrace_enabled is 0: programs would be attached but never called";
	case E2BIG:
		return "the function already has as many programs as the kernel allows";
	case EMFILE:
		return "each program is an open file, and the limit of open files is too low: raise it with `ulimit -n'";
	case EBUSY:
	case ENODEV:
		return "the function cannot be traced (notrace, or in use by another tracer)";
	case EINVAL:
		return "refused by the verifier, or cannot be traced; --verbose shows why";
	case ENOTSUP:
	case KERNEL_ENOTSUPP:
		return "not in this kernel: needs CONFIG_FUNCTION_TRACER and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, or CONFIG_FPROBE for kprobe.multi";
	case EPERM:
	case EACCES:
		return "refused by lockdown or another security module";
	default:
		return strerror(number);
	}
}
