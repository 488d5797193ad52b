// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the container of a task by the path of its cgroup: with systemd, runtimes make a
 * scope RUNTIME-ID.scope; without, a directory with the id as its name.
 *
 * Bad at: runtimes that let the user choose the path, as runc and crun alone do.
 */
#include "loader/view/container.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/param.h>

#include <jansson.h>

#include "lib/array.h"
#include "lib/escape.h"
#include "loader/lib/json_text.h"

#define HEX_ID_LEN 64	/* digits, with Docker, containerd, CRI-O and Podman */
#define SHORT_LEN 12

static const struct {
	const char *prefix, *suffix;
	bool hex;
} names[] = {
	{ "docker-", ".scope", true },
	{ "cri-containerd-", ".scope", true },
	{ "nerdctl-", ".scope", true },
	{ "crio-", ".scope", true },
	{ "libpod-", ".scope", true },
	{ "crio-", "", true },
	{ "libpod-", "", true },
	{ "", "", true },
	{ "lxc.payload.", "", false },
	{ "machine-", ".scope", false },
};

static bool is_hex_id(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)s[i]))
			return false;
	return len == HEX_ID_LEN;
}

/* Looks at one name of a path. */
static struct container of_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t before = strlen(names[i].prefix), after = strlen(names[i].suffix);
		const char *id = name + before;
		size_t n = len - before - after;

		if (len <= before + after || memcmp(name, names[i].prefix, before) ||
		    memcmp(id + n, names[i].suffix, after) ||
		    (names[i].hex && !is_hex_id(id, n)))
			continue;
		return (struct container){ id, n, names[i].hex ? SHORT_LEN : n };
	}
	return (struct container){ NULL, 0, 0 };
}

struct container container__of(const char *path)
{
	struct container found = { NULL, 0, 0 };

	while (*path) {
		size_t len = strcspn(path, "/");
		struct container c = of_name(path, len);

		if (c.len)
			found = c;
		path += len + (path[len] == '/');
	}
	return found;
}

void container__print(const char *path, FILE *out)
{
	struct container c = container__of(path ?: "");
	char id[ESCAPED_SIZE(NAME_MAX)];

	if (!c.len)
		return;
	escape__name(id, c.id, MIN(c.short_len, (size_t)NAME_MAX));
	fprintf(out, "  in container %s", id);
}

void container__json(const char *path, json_t *o)
{
	struct container c = container__of(path ?: "");

	json_object_set_new(o, "cgroup", path && *path ?
			    json_text__of_bytes(path, strlen(path)) : json_null());
	json_object_set_new(o, "container",
			    c.len ? json_text__of_bytes(c.id, c.len) : json_null());
}
