/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the semantics program: each appends its cases to a list. */
#ifndef GUEST_CASES_H
#define GUEST_CASES_H

#include "run.h"

/* The errno table: each row, each alternative inside a row, their order. */
void cases_refusal__add(struct run_list *l);

/* Kernels (or a knob at 0) on which setns leaves the caller where it is. */
void cases_mainline__add(struct run_list *l);

/* kernel.setns_pid_join itself. */
void cases_gate__add(struct run_list *l);

/* A successful join, seen from everywhere. */
void cases_view__add(struct run_list *l);

/* The tracepoint of a join, in ftrace and perf. */
void cases_trace__add(struct run_list *l);

/* The ways in (nsfd, pidfd with flags), nested and repeated joins. */
void cases_ways__add(struct run_list *l);

/* Pidfds report a join, and a caller that one may kill is refused. */
void cases_pidfd__add(struct run_list *l);

/* What a joined task can do, and how it ends. */
void cases_life__add(struct run_list *l);

#endif
