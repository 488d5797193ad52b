/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of hooks, a bit each. HOOK(FORK) is the set of one hook. */
#ifndef LOADER_TRACE_HOOK_MASK_H
#define LOADER_TRACE_HOOK_MASK_H

#include "loader/trace/record.h"

typedef __u64 hook_mask;
_Static_assert(WIRE_NHOOKS < 64, "a mask holds them");

#define HOOK_BIT(hook) ((hook_mask)1 << (hook))
#define HOOK(e) HOOK_BIT(WIRE_HOOK_##e)
#define HOOKS_ALL (HOOK_BIT(WIRE_NHOOKS) - 1)

#endif /* LOADER_TRACE_HOOK_MASK_H */
