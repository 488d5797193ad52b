// SPDX-License-Identifier: GPL-2.0-only
/* Records calls that fail to make a process or a namespace. */
#include <string.h>

#include "tracegen_parts.h"

void gen__fails(struct gen *g, struct gen_task *cur, unsigned int type,
		const struct wire_call_failed *facts)
{
	struct wire_call_failed *r = gen__record(g, type, cur);
	const struct wire_hdr hdr = r->hdr;

	*r = *facts;
	r->hdr = hdr;
	gen__fill_task(&r->task, cur);
	if (facts->task.nr_threads)
		r->task.nr_threads = facts->task.nr_threads;
	if (!facts->children_level)
		r->children_level = cur->children_ns->level;
	r->children_allocated = cur->children_ns->pid_allocated;
	gen__fill_image(g, 0, cur->thread_pid);
	gen__emit(g);
}
