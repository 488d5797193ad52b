/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes all that pidnstrace can write of a trace, into memory: reports, lines, views,
 * exports and the page. Checks the syntax of the outputs and their size, and that text
 * is safe to print on a terminal.
 */
#ifndef TESTS_FUZZ_OUTPUTS_H
#define TESTS_FUZZ_OUTPUTS_H

#include "loader/judge/judge.h"
#include "loader/trace/trace.h"
#include "stream.h"

struct input {
	const struct stream *stream;
	const struct judge_result *result;
	const struct trace_info *info;
	struct judge *(*new_judge)(enum semantics semantics);
};

/* Checks one output, selected by @which, or all of them for 0. */
void outputs__check(const struct input *input, uint64_t which);

#endif /* TESTS_FUZZ_OUTPUTS_H */
