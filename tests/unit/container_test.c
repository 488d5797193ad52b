// SPDX-License-Identifier: GPL-2.0-only
/* Tests which container a path of a cgroup names, and which paths --cgroup selects. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "loader/view/container.h"
#include "loader/view/filter.h"
#include "hostile.h"
#include "test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void test_container(void **)
{
	static const struct {
		const char *path, *id, *brief;
	} rows[] = {
		{ "/system.slice/docker-" ID ".scope", ID, "0123456789ab" },
		{ "/docker/" ID, ID, "0123456789ab" },
		{ "/system.slice/docker-" ID ".scope/init/sub", ID, "0123456789ab" },
		{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice/cri-containerd-"
		  ID ".scope", ID, "0123456789ab" },
		{ "/kubepods/besteffort/pod1-2/" ID, ID, "0123456789ab" },
		{ "/kubepods.slice/crio-" ID ".scope", ID, "0123456789ab" },
		{ "/machine.slice/libpod-" ID ".scope/container", ID, "0123456789ab" },
		{ "/libpod_parent/libpod-" ID, ID, "0123456789ab" },
		/* The innermost one counts. */
		{ "/docker/" OTHER "/docker/" ID, ID, "0123456789ab" },
		{ "/lxc.payload.web/init.scope", "web", "web" },
		{ "/machine.slice/machine-deb\\x2dian.scope", "deb\\x2dian", "deb\\x2dian" },
		{ "/machine.slice/libpod-conmon-" ID ".scope", "", "" },
		{ "/system.slice/docker-" ID, "", "" },
		{ "/system.slice/docker.service", "", "" },
		{ "/docker/0123", "", "" },
		{ "/lxc.payload.", "", "" },
		{ "/machine.slice/machine-.scope", "", "" },
		{ "/", "", "" },
		{ "", "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct container c = container__of(rows[i].path);

		if (c.len != strlen(rows[i].id) ||
		    (c.len && memcmp(c.id, rows[i].id, c.len)))
			fail_msg("%s: %.*s", rows[i].path, (int)c.len, c.id ?: "");
		assert_int_equal(c.short_len, strlen(rows[i].brief));
	}
}

/* An id is a name within a line, and a path a text of JSON. */
static void test_hostile(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		char *path = xasprintf("/lxc.payload.%s", hostile[i].bytes);
		char *want = xasprintf("  in container %s", hostile__name(&hostile[i]));
		char *want_path = xasprintf("/lxc.payload.%s", hostile__text(&hostile[i]));
		json_t *o = json_object();
		char *text;
		size_t len;
		FILE *out = xmemstream(&text, &len);

		container__print(path, out);
		fclose(out);
		container__json(path, o);
		assert_string_equal(json_string_value(json_object_get(o, "cgroup")), want_path);
		/* A slash ends the name of a cgroup, and so the id. */
		if (!strchr(hostile[i].bytes, '/')) {
			assert_string_equal(text, want);
			assert_string_equal(json_string_value(json_object_get(o, "container")),
					    hostile__text(&hostile[i]));
		}
		json_decref(o);
		free(text);
		free(want_path);
		free(want);
		free(path);
	}
}

static bool selects(const char *argument, const char *path)
{
	struct filter f = {};
	char why[256];
	bool selected;

	assert_int_equal(filter__add_cgroup(&f, argument, why, sizeof(why)), 0);
	filter__note_cgroup(&f, 7, path);
	selected = f.ncgroup_ids == 1 && f.cgroup_ids[0] == 7;
	filter__free(&f);
	return selected;
}

static void test_filter(void **)
{
	struct filter f = {};
	char why[256];

	assert_true(selects("/a", "/a"));
	assert_true(selects("/a", "/a/b/c"));
	assert_true(selects("/a/", "/a/b"));
	assert_true(selects("/sys/fs/cgroup/a", "/a/b"));
	assert_true(selects("/sys/fs/cgroup", "/a"));
	assert_true(selects("/", "/"));
	assert_false(selects("/a", "/ab"));
	assert_false(selects("/a/b", "/a"));
	/* The path of a cgroup that was not found */
	assert_false(selects("/", ""));
	assert_int_not_equal(filter__add_cgroup(&f, "a", why, sizeof(why)), 0);
	assert_int_not_equal(filter__add_cgroup(&f, "", why, sizeof(why)), 0);
	assert_int_not_equal(filter__add_cgroup(&f, "/sys/fs/cgroups", why, sizeof(why)), 0);
}

/* A cgroup of which no task was seen is named, also beside one above it. */
static void test_unmatched(void **)
{
	struct filter f = {};
	char why[256], *text;

	assert_int_equal(filter__add_cgroup(&f, "/a", why, sizeof(why)), 0);
	assert_int_equal(filter__add_cgroup(&f, "/a/b/", why, sizeof(why)), 0);
	filter__note_cgroup(&f, 7, "/a");
	text = filter__unmatched(&f);
	assert_string_equal(text, "--cgroup /a/b: no task was seen in it");
	free(text);
	filter__note_cgroup(&f, 8, "/a/b");
	assert_int_equal(f.ncgroup_ids, 2);
	assert_null(filter__unmatched(&f));
	filter__free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_unmatched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
