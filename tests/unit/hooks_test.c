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
#include "loader/capture/btf_scan.h"
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
		enum btf_want_kind kind;
	} expected[] = {
		{ WIRE_HOOK_FREE_PID, "free_pid", BTF_WANT_FUNC },
		{ WIRE_HOOK_ALLOC_PID, "alloc_pid", BTF_WANT_FUNC },
		{ WIRE_HOOK_FORK, "btf_trace_task_newtask",
		  BTF_WANT_TYPEDEF },
		{ WIRE_HOOK_PID_GONE, "put_pid", BTF_WANT_FUNC },
		{ WIRE_HOOK_SWEEP, "bpf_iter_task", BTF_WANT_FUNC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct btf_want want;

		hook__want(expected[i].hook, &want);
		assert_string_equal(want.name, expected[i].name);
		assert_int_equal(want.kind, expected[i].kind);
	}
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		struct btf_want want;

		hook__want(h, &want);
		assert_true(want.name[0]);
	}
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

	for (int h = 0; h < WIDEN_NHOOKS; h++) {
		struct btf_want want;

		section__want(widened[h].section, &want);
		assert_true(want.name[0]);
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

/* Returns BTF with alloc_pid() of three arguments and the fork tracepoint. */
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
	assert_true(btf__add_typedef(btf, "btf_trace_task_newtask",
				     proto) > 0);
	/* names of another kind, which must not be taken for hooks */
	assert_true(btf__add_typedef(btf, "free_pid", i32) > 0);
	assert_true(btf__add_func(btf, "sched_process_exec", BTF_FUNC_STATIC,
				  proto) > 0);
	return btf;
}

static void what_is_in_btf(void **)
{
	struct btf *btf = small_kernel();
	struct btf_want wants[WIRE_NHOOKS];
	const void *raw;
	__u32 size;

	for (int h = 0; h < WIRE_NHOOKS; h++)
		hook__want(h, &wants[h]);
	raw = btf__raw_data(btf, &size);
	assert_int_equal(btf_scan(raw, size, wants, WIRE_NHOOKS), 0);
	for (int h = 0; h < WIRE_NHOOKS; h++) {
		assert_int_equal(wants[h].found, h == WIRE_HOOK_ALLOC_PID ||
						 h == WIRE_HOOK_FORK);
		assert_int_equal(wants[h].args,
				 h == WIRE_HOOK_ALLOC_PID ? 3 : 0);
	}
	btf__free(btf);
}

/* With one type of each kind before it, the scan must skip the right sizes. */
static void steps_over_every_kind(void **)
{
	struct btf_want want = { .name = "f", .kind = BTF_WANT_FUNC };
	struct btf *btf = btf__new_empty();
	const void *raw;
	int i32, proto;
	__u32 size;

	i32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	btf__add_ptr(btf, i32);
	btf__add_array(btf, i32, i32, 7);
	btf__add_struct(btf, "s", 8);
	btf__add_field(btf, "a", i32, 0, 0);
	btf__add_field(btf, "b", i32, 32, 0);
	btf__add_union(btf, "u", 4);
	btf__add_field(btf, "a", i32, 0, 0);
	btf__add_enum(btf, "e", 4);
	btf__add_enum_value(btf, "E0", 0);
	btf__add_enum_value(btf, "E1", 1);
	btf__add_enum64(btf, "e64", 8, false);
	btf__add_enum64_value(btf, "F0", 0);
	btf__add_fwd(btf, "fwd", BTF_FWD_STRUCT);
	btf__add_typedef(btf, "f", i32);
	btf__add_volatile(btf, i32);
	btf__add_const(btf, i32);
	btf__add_restrict(btf, i32);
	btf__add_float(btf, "double", 8);
	btf__add_type_tag(btf, "tag", i32);
	btf__add_var(btf, "v", BTF_VAR_STATIC, i32);
	btf__add_datasec(btf, ".data", 4);
	btf__add_datasec_var_info(btf, 15, 0, 4);
	btf__add_decl_tag(btf, "decl", 4, -1);
	proto = btf__add_func_proto(btf, 0);
	btf__add_func_param(btf, "a", i32);
	btf__add_func_param(btf, "b", i32);
	btf__add_func_param(btf, "c", i32);
	btf__add_func_param(btf, "d", i32);
	assert_true(btf__add_func(btf, "f", BTF_FUNC_STATIC, proto) > 0);
	raw = btf__raw_data(btf, &size);
	assert_int_equal(btf_scan(raw, size, &want, 1), 0);
	assert_true(want.found);
	assert_int_equal(want.args, 4);
	btf__free(btf);
}

/* Truncated anywhere, or with any byte changed: a result or an error, no crash. */
static void damaged_btf(void **)
{
	struct btf *btf = small_kernel();
	struct btf_want want = { .name = "alloc_pid", .kind = BTF_WANT_FUNC };
	const void *raw;
	__u32 size;

	raw = btf__raw_data(btf, &size);
	for (__u32 cut = 0; cut < size; cut++) {
		void *copy = malloc(cut ? cut : 1);

		memcpy(copy, raw, cut);
		assert_int_equal(btf_scan(copy, cut, &want, 1), -EBADMSG);
		free(copy);
	}
	for (__u32 at = 0; at < size; at++) {
		char *copy = malloc(size);

		memcpy(copy, raw, size);
		copy[at] ^= 0xff;
		btf_scan(copy, size, &want, 1);
		free(copy);
	}
	btf__free(btf);
}

static void files(void **)
{
	struct btf_want want = { .name = "alloc_pid", .kind = BTF_WANT_FUNC };

	assert_int_equal(btf_scan__file("/nonexistent", &want, 1), -ENOENT);
	assert_int_equal(btf_scan__file("/dev/null", &want, 1), -EBADMSG);
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
		cmocka_unit_test(steps_over_every_kind),
		cmocka_unit_test(damaged_btf),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
