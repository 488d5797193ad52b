// SPDX-License-Identifier: GPL-2.0-only
/*
 * hooks.c - the hooks by name, and which of them a kernel has.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "btf_scan.h"
#include "hooks.h"

#define TP_BTF "tp_btf:"
#define TP_BTF_TYPE "btf_trace_"	/* a tracepoint is a typedef in BTF */

const struct hook hooks[WIRE_NHOOKS] = {
#define X(e, s, t) [WIRE_HOOK_##e] = { .name = s, .type = WIRE_##t },
	WIRE_HOOKS(X)
#undef X
};

const char *hook__target(enum wire_hook hook)
{
	return strchr(hooks[hook].name, ':') + 1;
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
	return -ENOENT;
}

void hook__want(enum wire_hook hook, struct btf_want *want)
{
	bool tp = !strncmp(hooks[hook].name, TP_BTF, strlen(TP_BTF));

	memset(want, 0, sizeof(*want));
	want->kind = tp ? BTF_WANT_TYPEDEF : BTF_WANT_FUNC;
	snprintf(want->name, sizeof(want->name), "%s%s",
		 tp ? TP_BTF_TYPE : "", hook__target(hook));
}

const char *hook__explain(int error)
{
	switch (-error) {
	case 0:
		return "attached";
	case ENOENT:
		return "this kernel has no such function or tracepoint in BTF";
	case ECANCELED:
		return "not asked for";
	case EBUSY:
	case ENODEV:
		return "the function cannot be traced (notrace, or another tracer holds it)";
	case EINVAL:
		return "refused by the verifier, or cannot be traced; --verbose tells";
	case ENOTSUP:
		return "no BPF trampolines here (CONFIG_FUNCTION_TRACER, CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)";
	case EPERM:
	case EACCES:
		return "refused";
	default:
		return strerror(-error);
	}
}
