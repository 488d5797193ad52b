// SPDX-License-Identifier: GPL-2.0-only
/* Tests the table of hooks, and the search for them in BTF. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "lib/array.h"
#include "bpf/widen.h"
#include "loader/capture/hooks.h"
#include "test.h"

/* libbpf finds programs by section: each hook has exactly one. */
static void every_hook_has_a_section(void **)
{
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

/* Types that are recorded by the programs of other types' hooks. */
static bool is_byproduct(enum wire_type type)
{
	return type == WIRE_STACK || type == WIRE_SWEEP;
}

/* Only hooks make kernel records: every type but a by-product has one. */
static void every_type_has_a_hook(void **)
{
	for (int type = 0; type < WIRE_KERNEL_TYPES; type++) {
		int n = 0;

		for (int h = 0; h < WIRE_NHOOKS; h++)
			n += hooks[h].type == (enum wire_type)type;
		assert_int_equal(n, !is_byproduct(type));
	}
}

/* The kind of the hook decides what is looked up in BTF. */
static void wants_by_kind(void **)
{
	static const struct {
		enum wire_hook hook;
		const char *name;
		int kind;
	} expected[] = {
		{ WIRE_HOOK_FREE_PID, "free_pid", BTF_KIND_FUNC },
		{ WIRE_HOOK_ALLOC_PID, "alloc_pid", BTF_KIND_FUNC },
		{ WIRE_HOOK_FORK, "btf_trace_task_newtask", BTF_KIND_TYPEDEF },
		{ WIRE_HOOK_PID_GONE, "put_pid", BTF_KIND_FUNC },
		{ WIRE_HOOK_SWEEP, "bpf_iter_task", BTF_KIND_FUNC },
	};
	char name[BTF_NAME_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(section__btf_type(hooks[expected[i].hook].name, name),
				 expected[i].kind);
		assert_string_equal(name, expected[i].name);
	}
	for (int h = 0; h < WIRE_NHOOKS; h++)
		assert_true(section__btf_type(hooks[h].name, name) && *name);
}

/* Every widened function is looked up in BTF, and spins for milliseconds at most. */
static void races_are_widened_somewhere(void **)
{
	static const struct {
		const char *section, *why;
		unsigned int one_in, us;
	} widened[] = {
#define X(e, section, who, lock, one_in, us, why) { section, why, one_in, us },
		WIDEN_HOOKS(X)
#undef X
	};
	char name[BTF_NAME_SIZE];

	for (int h = 0; h < WIDEN_NHOOKS; h++) {
		assert_true(section__btf_type(widened[h].section, name) && *name);
		assert_true(widened[h].why[0]);
		assert_in_range(widened[h].one_in, 1, 255);
		assert_in_range(widened[h].us, 1, 2000);
	}
}

/* A program without its own record type belongs to a hook, too. */
static void helpers_have_a_hook(void **)
{
	assert_int_equal(hook__of_section("fexit/proc_flush_pid"),
			 WIRE_HOOK_FLUSH_PID);
}

/* In a damaged trace the error may be any number. */
static void any_error_is_explained(void **)
{
	static const int errors[] = { 0, -ENOENT, -EPERM, -4095, INT_MAX, INT_MIN };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		assert_true(*hook__explain(errors[i]));
}

static void other_sections_are_no_hooks(void **)
{
	static const char *const sections[] = {
		"", "/", "syscall", "fentry", "fentry/", "fentry/alloc_pid",
		"fexit/alloc_pi", "fexit/alloc_pid2", "fexi/alloc_pid",
		"fexitt/alloc_pid", ".text", "tp_btf/", "iter/", "iter/tas",
		"raw_tp/kmem_cache_free",
	};

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		assert_int_equal(hook__of_section(sections[i]), -ENOENT);
}

/* Names of another kind in BTF are not taken for hooks. */
static void what_is_in_btf(void **)
{
	struct btf *btf = btf__new_empty();
	int i32, proto;

	assert_non_null(btf);
	i32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(btf, i32);
	assert_true(btf__add_func(btf, "alloc_pid", BTF_FUNC_STATIC, proto) > 0);
	assert_true(btf__add_typedef(btf, "btf_trace_task_newtask", proto) > 0);
	assert_true(btf__add_typedef(btf, "free_pid", i32) > 0);
	assert_true(btf__add_func(btf, "sched_process_exec", BTF_FUNC_STATIC, proto) > 0);
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		char name[BTF_NAME_SIZE];
		int kind = section__btf_type(hooks[h].name, name);

		assert_int_equal(btf__find_by_name_kind(btf, name, kind) > 0,
				 h == WIRE_HOOK_ALLOC_PID || h == WIRE_HOOK_FORK);
	}
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hook_has_a_section),
		cmocka_unit_test(every_type_has_a_hook),
		cmocka_unit_test(wants_by_kind),
		cmocka_unit_test(races_are_widened_somewhere),
		cmocka_unit_test(helpers_have_a_hook),
		cmocka_unit_test(other_sections_are_no_hooks),
		cmocka_unit_test(any_error_is_explained),
		cmocka_unit_test(what_is_in_btf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
