// SPDX-License-Identifier: GPL-2.0-only
/*
 * hooks_test.c - the table of hooks, and looking for them in BTF.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/btf.h>

#include "hooks.h"

/* Sections are what libbpf knows programs by: each hook has exactly one. */
static void every_hook_has_a_section(void **state)
{
	(void)state;
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		char section[64];
		char *colon;

		strcpy(section, hooks[h].name);
		colon = strchr(section, ':');
		assert_non_null(colon);
		assert_string_equal(hook__target(h), colon + 1);
		*colon = '/';
		assert_int_equal(hook__of_section(section), h);
		assert_true(hooks[h].type < WIRE_KERNEL_TYPES);
	}
}

/* No type without a hook: nobody else makes kernel records. */
static void every_type_has_a_hook(void **state)
{
	(void)state;
	for (int type = 0; type < WIRE_KERNEL_TYPES; type++) {
		int n = 0;

		for (int h = 0; h < WIRE_NHOOKS; h++)
			n += hooks[h].type == (enum wire_type)type;
		assert_int_equal(n, 1);
	}
}

static void other_sections_are_no_hooks(void **state)
{
	static const char *const sections[] = {
		"", "/", "syscall", "fentry", "fentry/", "fentry/alloc_pid",
		"fexit/alloc_pi", "fexit/alloc_pid2", "fexi/alloc_pid",
		"fexitt/alloc_pid", ".text", "tp_btf/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		assert_int_equal(hook__of_section(sections[i]), -ENOENT);
}

/* A kernel with alloc_pid() of three arguments and the fork tracepoint. */
static struct btf *small_kernel(void)
{
	struct btf *btf = btf__new_empty();
	int i32, proto;

	assert_non_null(btf);
	i32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(btf, i32);
	assert_int_equal(btf__add_func_param(btf, "ns", i32), 0);
	assert_int_equal(btf__add_func_param(btf, "set_tid", i32), 0);
	assert_int_equal(btf__add_func_param(btf, "set_tid_size", i32), 0);
	assert_true(btf__add_func(btf, "alloc_pid", BTF_FUNC_STATIC, proto) > 0);
	assert_true(btf__add_typedef(btf, "btf_trace_sched_process_fork",
				     proto) > 0);
	/* names that must not be taken for hooks: of another kind */
	assert_true(btf__add_typedef(btf, "free_pid", i32) > 0);
	assert_true(btf__add_func(btf, "sched_process_exec", BTF_FUNC_STATIC,
				  proto) > 0);
	return btf;
}

static void what_is_in_btf(void **state)
{
	struct btf *btf = small_kernel();

	(void)state;
	for (int h = 0; h < WIRE_NHOOKS; h++)
		assert_int_equal(hook__in_btf(h, btf),
				 h == WIRE_HOOK_ALLOC_PID ||
				 h == WIRE_HOOK_FORK);
	btf__free(btf);
}

static void arguments_of_a_function(void **state)
{
	struct btf *btf = small_kernel();

	(void)state;
	assert_int_equal(btf__function_args(btf, "alloc_pid"), 3);
	assert_int_equal(btf__function_args(btf, "free_pid"), -ENOENT);
	assert_int_equal(btf__function_args(btf, "nothing"), -ENOENT);
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hook_has_a_section),
		cmocka_unit_test(every_type_has_a_hook),
		cmocka_unit_test(other_sections_are_no_hooks),
		cmocka_unit_test(what_is_in_btf),
		cmocka_unit_test(arguments_of_a_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
