/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the semantics program, which the files of the same names describe.
 * cases_life__add() also adds the cases of cases_end.c.
 */
#ifndef TESTS_GUEST_CASES_H
#define TESTS_GUEST_CASES_H

#include "program.h"

program_add_fn cases_refusal__add, cases_mainline__add, cases_gate__add, cases_view__add,
	       cases_trace__add, cases_ways__add, cases_pidfd__add, cases_life__add,
	       cases_end__add, cases_ending__add;

#endif /* TESTS_GUEST_CASES_H */
