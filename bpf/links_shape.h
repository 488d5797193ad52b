/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes a record of gathered calls: in the programs and, at the end of a session, in the
 * loader.
 */
#ifndef BPF_LINKS_SHAPE_H
#define BPF_LINKS_SHAPE_H

/* Fills a record whose type, size, cpu, seq and ts_ns are set. @n: calls */
static inline __attribute__((always_inline)) void
gathered__fill(struct wire_links_pid *r, const struct gathered *g, __u32 n)
{
	r->hdr.flags = g->flags;
	r->hdr.current_task = g->current_task;
	r->hdr.current_start = g->current_start;
	r->task = g->task;
	r->start = g->start;
	r->task_pid = g->task_pid;
	for (int i = 0; i < WIRE_PIDTYPES; i++) {
		r->pid[i] = g->pid[i];
		r->pidtype[i] = g->pidtype[i];
	}
	r->n = n;
	r->reserved = 0;
}

#endif /* BPF_LINKS_SHAPE_H */
