// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the visit of a process by a sweep. The visit of the leader shows the process: its
 * struct pid is that of the process, also when it has exited and other threads have not.
 */
#include "loader/view/visit.h"

#include <signal.h>
#include <string.h>

#include "loader/model/state.h"
#include "loader/view/printer_parts.h"

/* Values of task_struct.exit_state, in the kernel. */
#define EXIT_DEAD	16
#define EXIT_ZOMBIE	32

#define INIT_NR		1

/* The process exits, or will as soon as it runs. */
#define DYING (WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING | WIRE_T_EXITING)

bool visit__is_leader(const struct wire_sweep_task *r)
{
	return r->task.pid == r->task.tgid && !(r->exit_state & EXIT_DEAD);
}

/* Returns the number of the visited task in its own namespace, if that is below level 0. */
static const struct wire_upid *inner(const struct wire_sweep_task *r)
{
	const struct wire_pid *img = record__pid(&r->hdr, 0);
	unsigned int levels = record__levels(&r->hdr, img);

	return levels > 1 ? &img->upid[levels - 1] : NULL;
}

static struct kin kin_of(const struct wire_relative *r)
{
	return (struct kin){ .tgid = r->tgid, .ns = r->ns };
}

void visit__set(struct visit *v, const struct wire_sweep_task *r)
{
	const struct wire_upid *own = inner(r);
	uint32_t state = r->task.state;

	*v = (struct visit){ .parent = kin_of(&r->real_parent) };
	memcpy(v->comm, r->task.comm, sizeof(v->comm));
	if (state & WIRE_T_TRACED && r->parent.tgid != r->real_parent.tgid)
		v->tracer = kin_of(&r->parent);
	v->zombie = r->exit_state == EXIT_ZOMBIE && r->task.nr_threads <= 1;
	v->leaderless = r->exit_state == EXIT_ZOMBIE && !v->zombie;
	v->threads = r->task.nr_threads > 1 ? r->task.nr_threads - 1 : 0;
	v->init = own && own->nr == INIT_NR;
	/* An init forbids new processes first of all in zap_pid_ns_processes(). */
	v->zapping = v->init && !v->zombie && !(own->allocated & MODEL_ADDING);
	v->dying = !v->zombie && state & (v->leaderless ? WIRE_T_GROUP_EXIT : DYING);
	if (v->zombie || v->dying || v->zapping)
		v->status = r->status;
	/* The signal is pending, and the process has not begun to exit. */
	if (v->dying && !(state & (WIRE_T_GROUP_EXIT | WIRE_T_EXITING)))
		v->status = SIGKILL;
}

void visit__put_end(const struct visit *v, FILE *out)
{
	if (v->dying && !v->zapping)
		fputs(v->status & 0x7f ? "being " : "exiting: ", out);
	put_exit_code(out, v->status);
}
