/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of failnth that is not about joins. */
#ifndef TESTS_GUEST_FAILNTH_CALLS_H
#define TESTS_GUEST_FAILNTH_CALLS_H

#include "program.h"

program_add_fn failnth_calls__add;

#endif /* TESTS_GUEST_FAILNTH_CALLS_H */
