// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds the table of hooks from WIRE_HOOKS, and finds where to look for their targets
 * in BTF: a tracepoint is a typedef there, an iterator is a function. A program that
 * only collects data for another hook's records belongs to that hook.
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

/* Programs that collect data for another hook's records. */
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
	size_t kind;

	if (!slash)
		return -ENOENT;
	kind = slash - section;
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		const char *name = hooks[h].name;

		if (!strncmp(name, section, kind) && name[kind] == ':' &&
		    !strcmp(name + kind + 1, slash + 1))
			return h;
	}
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		if (!strcmp(section, helpers[i].section))
			return helpers[i].hook;
	return -ENOENT;
}

/* The BTF type of a hook's target, by the kind of the hook. */
static const struct {
	const char *hook;
	const char *prefix;
	int kind;
} kinds[] = {
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
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strlen(kinds[i].hook) != len || !section[len] ||
		    strncmp(section, kinds[i].hook, len))
			continue;
		snprintf(name, BTF_NAME_SIZE, "%s%s", kinds[i].prefix,
			 section + len + 1);
		return kinds[i].kind;
	}
	return BTF_KIND_UNKN;
}

const char *hook__explain(int error)
{
	/* a trace may have any value; INT_MIN cannot be negated */
	switch (error == INT_MIN ? INT_MAX : -error) {
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
		return strerror(error == INT_MIN ? INT_MAX : -error);
	}
}
