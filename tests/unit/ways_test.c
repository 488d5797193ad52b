// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests which ways to attach a hook are tried, in which order, and what remains when
 * the kernel refuses them.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/capture/hooks.h"
#include "loader/capture/ways.h"
#include "test.h"

#define T WAY_TRAMPOLINE
#define M WAY_KPROBE_MULTI
#define K WAY_KPROBE
#define S WAY_SYSCALL

static const struct ways_choice by_default;

struct order_case {
	struct ways_choice choice;
	enum wire_hook hook;
	enum way ways[HOOK_WAYS_MAX + 1];
	int left_out;	/* number of better ways that are excluded */
};

static const struct order_case orders[] = {
	{ {}, WIRE_HOOK_SETNS_ENTER, { T, M, K, S }, 0 },
	{ {}, WIRE_HOOK_SETNS_EXIT, { T, M, K, S }, 0 },
	{ {}, WIRE_HOOK_ALLOC_PID, { T, M, K }, 0 },
	{ {}, WIRE_HOOK_CHANGE_PID, { T, M, K }, 0 },
	{ {}, WIRE_HOOK_FORK, { WAY_TRACEPOINT, M }, 0 },
	{ {}, WIRE_HOOK_EXIT, { WAY_TRACEPOINT, WAY_PERF }, 0 },
	{ {}, WIRE_HOOK_SWEEP, { WAY_ITERATOR }, 0 },
	/* a kernel that preempts programs on trampolines */
	{ { .in_functions = true }, WIRE_HOOK_SETNS_ENTER, { M, T, K, S }, 0 },
	{ { .in_functions = true }, WIRE_HOOK_ALLOC_PID, { M, T, K }, 0 },
	{ { .in_functions = true }, WIRE_HOOK_CHANGE_PID, { T, M, K }, 0 },
	{ { .in_functions = true }, WIRE_HOOK_PUT_PID, { T, M, K }, 0 },
	{ { .in_functions = true }, WIRE_HOOK_EXIT, { WAY_TRACEPOINT, WAY_PERF }, 0 },
	{ { .in_functions = true }, WIRE_HOOK_FORK, { WAY_TRACEPOINT, M }, 0 },
	/* ... and on tracepoints */
	{ { .in_tracepoints = true }, WIRE_HOOK_EXIT, { WAY_PERF, WAY_TRACEPOINT }, 0 },
	{ { .in_tracepoints = true }, WIRE_HOOK_FORK, { M, WAY_TRACEPOINT }, 0 },
	{ { .in_tracepoints = true }, WIRE_HOOK_PID_REWRITE, { WAY_TRACEPOINT }, 0 },
	{ { .in_tracepoints = true }, WIRE_HOOK_ALLOC_PID, { T, M, K }, 0 },
	/* --attach */
	{ { .attach = ATTACH_TRAMPOLINE, .in_functions = true },
	  WIRE_HOOK_ALLOC_PID, { T, M, K }, 0 },
	{ { .attach = ATTACH_KPROBE }, WIRE_HOOK_ALLOC_PID, { M, K }, 1 },
	{ { .attach = ATTACH_KPROBE }, WIRE_HOOK_CHANGE_PID, { M, K }, 1 },
	{ { .attach = ATTACH_KPROBE }, WIRE_HOOK_SETNS_EXIT, { M, K, S }, 1 },
	{ { .attach = ATTACH_SYSCALL }, WIRE_HOOK_SETNS_EXIT, { S }, 3 },
	{ { .attach = ATTACH_SYSCALL }, WIRE_HOOK_ALLOC_PID, {}, 3 },
	{ { .attach = ATTACH_SYSCALL }, WIRE_HOOK_FORK, { WAY_TRACEPOINT }, 0 },
	{ { .attach = ATTACH_TRAMPOLINE, .in_tracepoints = true },
	  WIRE_HOOK_EXIT, { WAY_TRACEPOINT, WAY_PERF }, 0 },
	/* kernel.ftrace_enabled is 0 */
	{ { .ftrace_is_off = true }, WIRE_HOOK_SETNS_ENTER, { S }, 3 },
	{ { .ftrace_is_off = true }, WIRE_HOOK_ALLOC_PID, {}, 3 },
	{ { .ftrace_is_off = true }, WIRE_HOOK_EXEC, { WAY_TRACEPOINT, WAY_PERF }, 0 },
	{ { .ftrace_is_off = true }, WIRE_HOOK_FORK, { WAY_TRACEPOINT }, 0 },
	{ { .ftrace_is_off = true, .in_tracepoints = true },
	  WIRE_HOOK_FORK, { WAY_TRACEPOINT }, 1 },
	{ { .ftrace_is_off = true }, WIRE_HOOK_SWEEP, { WAY_ITERATOR }, 0 },
};

/* The order of ways, each tried after the kernel has refused the previous one. */
static void order(void **)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		const struct order_case *c = &orders[i];
		struct hook_ways w;

		hook_ways__init(&w, c->hook, &c->choice);
		if (w.nrefused != c->left_out)
			fail_msg("case %zu: %d better ways", i, w.nrefused);
		for (int n = 0; n <= HOOK_WAYS_MAX; n++) {
			if (hook_ways__now(&w) != c->ways[n])
				fail_msg("case %zu, way %d: %d", i, n,
					 hook_ways__now(&w));
			hook_ways__refuse(&w, -EPERM);
		}
	}
}

/* Each hook has a way, and the best way fits the kind of the hook. */
static void every_hook_has_a_way(void **)
{
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		enum way first;
		struct hook_ways w;

		hook_ways__init(&w, h, &by_default);
		first = hook_ways__now(&w);
		assert_int_not_equal(first, WAY_NONE);
		assert_int_equal(first == WAY_TRAMPOLINE, hook__is_on_function(h));
		assert_int_equal(hook_ways__error(&w), 0);
		/* the hook has the name of a program on its best way */
		assert_int_equal(strncmp(hooks[h].name, way__name(h, first),
					 strlen(way__name(h, first))), 0);
	}
}

/* The error reported for a hook that could not be attached. */
static void errors(void **)
{
	static const struct {
		struct ways_choice choice;
		int refused[3], error;
	} cases[] = {
		{ {}, { 0 }, 0 },
		{ {}, { -EPERM }, 0 },
		{ {}, { -EPERM, -E2BIG }, 0 },
		{ {}, { -EPERM, -E2BIG, -ENOENT }, -EPERM },
		{ { .ftrace_is_off = true }, { 0 }, -ESHUTDOWN },
		{ { .attach = ATTACH_SYSCALL }, { 0 }, -EUNATCH },
		{ { .attach = ATTACH_KPROBE }, { -ESRCH, -ENOENT }, -ESRCH },
		{ { .attach = ATTACH_KPROBE, .ftrace_is_off = true }, { 0 },
		  -ESHUTDOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hook_ways w;

		hook_ways__init(&w, WIRE_HOOK_ALLOC_PID, &cases[i].choice);
		for (int n = 0; n < 3 && cases[i].refused[n]; n++)
			hook_ways__refuse(&w, cases[i].refused[n]);
		if (hook_ways__error(&w) != cases[i].error)
			fail_msg("case %zu: %d", i, hook_ways__error(&w));
	}
}

/* Ways that need not be tried, since a prerequisite is missing. */
static void dropped(void **)
{
	struct hook_ways w;

	hook_ways__init(&w, WIRE_HOOK_SETNS_ENTER, &by_default);
	hook_ways__drop(&w, 1U << WAY_SYSCALL, -ENOENT);
	assert_int_equal(hook_ways__now(&w), WAY_SYSCALL);
	assert_int_equal(w.nrefused, 3);
	hook_ways__init(&w, WIRE_HOOK_SETNS_ENTER, &by_default);
	hook_ways__drop(&w, ~(1U << WAY_TRAMPOLINE), -ENOENT);
	assert_int_equal(hook_ways__now(&w), WAY_KPROBE_MULTI);
	hook_ways__drop(&w, 0, -ECANCELED);
	assert_int_equal(hook_ways__now(&w), WAY_NONE);
	hook_ways__refuse(&w, -EPERM);	/* no way is left to refuse */
	assert_int_equal(w.nrefused, w.n);
	assert_int_equal(hook_ways__error(&w), -ENOENT);
}

/*
 * A kprobe misses events in an interrupt, and not every kernel counts the misses. A
 * missed system call cannot be identified as setns().
 */
static void partial(void **)
{
	static const struct {
		enum attach_way attach;
		enum wire_hook hook;
		bool counted, preempts, partial;
		bool in_tracepoints;
	} cases[] = {
		{ ATTACH_AUTO, WIRE_HOOK_PUT_PID, false, true, false, false },
		{ ATTACH_AUTO, WIRE_HOOK_PID_GONE, false, true, false, false },
		{ ATTACH_KPROBE, WIRE_HOOK_PUT_PID, true, true, false, false },
		{ ATTACH_KPROBE, WIRE_HOOK_PUT_PID, false, false, true, false },
		{ ATTACH_KPROBE, WIRE_HOOK_PID_GONE, true, false, true, false },
		{ ATTACH_KPROBE, WIRE_HOOK_FORK, false, true, false, false },
		{ ATTACH_AUTO, WIRE_HOOK_FORK, false, true, true, true },
		{ ATTACH_AUTO, WIRE_HOOK_FORK, true, true, false, true },
		{ ATTACH_AUTO, WIRE_HOOK_EXIT, false, true, true, true },
		{ ATTACH_AUTO, WIRE_HOOK_EXIT, true, true, false, true },
		{ ATTACH_SYSCALL, WIRE_HOOK_SETNS_ENTER, true, false, false, false },
		{ ATTACH_SYSCALL, WIRE_HOOK_SETNS_ENTER, true, true, true, false },
		{ ATTACH_SYSCALL, WIRE_HOOK_PID_GONE, false, true, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ways_choice choice = {
			.attach = cases[i].attach,
			.in_tracepoints = cases[i].in_tracepoints,
		};
		struct hook_ways w;

		hook_ways__init(&w, cases[i].hook, &choice);
		if (hook_ways__is_partial(&w, cases[i].counted, cases[i].preempts) !=
		    cases[i].partial)
			fail_msg("case %zu", i);
	}
}

static void names(void **)
{
	assert_string_equal(way__name(WIRE_HOOK_SETNS_ENTER, WAY_SYSCALL),
			    "tp_btf:sys_enter");
	assert_string_equal(way__name(WIRE_HOOK_SETNS_EXIT, WAY_SYSCALL),
			    "tp_btf:sys_exit");
	assert_string_equal(way__name(WIRE_HOOK_ALLOC_PID, WAY_KPROBE_MULTI),
			    "kretprobe.multi");
	assert_string_equal(way__name(WIRE_HOOK_FREE_PID, WAY_KPROBE), "kprobe");
	assert_string_equal(way__name(WIRE_HOOK_EXIT, WAY_PERF), "tp");
	assert_string_equal(way__explain(WAY_PERF, -ENOENT), "tracefs is not mounted");
	assert_string_equal(way__explain(WAY_PERF, -EPERM), hook__explain(-EPERM));
	assert_string_equal(way__name(WIRE_HOOK_FREE_PID, WAY_NONE), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(every_hook_has_a_way),
		cmocka_unit_test(errors),
		cmocka_unit_test(dropped),
		cmocka_unit_test(partial),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
