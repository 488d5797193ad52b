/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the semantics program: each function appends its cases to a list. */
#ifndef TESTS_GUEST_CASES_H
#define TESTS_GUEST_CASES_H

#include "run.h"

/* The errno table: each row, each alternative inside a row, their order. */
void cases_refusal__add(struct run_list *l);

/* Kernels (or the sysctl at 0) on which setns leaves the caller where it is. */
void cases_mainline__add(struct run_list *l);

/* kernel.setns_pid_join itself. */
void cases_gate__add(struct run_list *l);

/* The views of a successful join from all sides. */
void cases_view__add(struct run_list *l);

/* The tracepoint of a join, in ftrace and perf. */
void cases_trace__add(struct run_list *l);

/* The ways in (nsfd, pidfd with flags), nested and repeated joins. */
void cases_ways__add(struct run_list *l);

/* Pidfds report a join; a caller that another may kill through a pidfd is refused. */
void cases_pidfd__add(struct run_list *l);

/* The abilities of a joined task, and its end; adds the cases on the target's, too. */
void cases_life__add(struct run_list *l);

/* The end of the target, and of its namespace. */
void cases_end__add(struct run_list *l);

#endif /* TESTS_GUEST_CASES_H */
