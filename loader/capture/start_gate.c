// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the JSON file or pipe of --hold to its end. An unknown key or a file of 4096
 * bytes or more is an error.
 */
#include "loader/capture/start_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/msg.h"

/* Upper bound of the file's size, far more than needed. */
#define HOLD_MAX 4096

/* Reads the file to its end. A signal that ends the run interrupts the read. */
static int read_all(const char *path, char *buf, size_t size, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	for (*len = 0; !err && n > 0 && *len < size; *len += n) {
		n = read(fd, buf + *len, size - *len);
		if (n < 0) {
			err = -errno;
			n = 0;
		}
	}
	close(fd);
	return err ? err : *len == size ? -E2BIG : 0;
}

static int take(const char *buf, size_t len, struct start_gate *out, json_error_t *e)
{
	json_t *root = json_loadb(buf, len, 0, e);
	const char *expect = NULL;
	json_int_t seed;
	int err = 0;

	if (!root || json_unpack_ex(root, e, JSON_STRICT, "{s:I, s?s}", "seed",
				    &seed, "expect", &expect))
		err = -EINVAL;
	if (!err && expect)
		out->expect = xstrdup(expect);
	if (!err)
		out->seed = (uint64_t)seed;
	json_decref(root);
	return err;
}

int start_gate__wait(const char *path, struct start_gate *out)
{
	json_error_t e = { .text = "" };
	char buf[HOLD_MAX];
	size_t len = 0;
	int err;

	memset(out, 0, sizeof(*out));
	err = read_all(path, buf, sizeof(buf), &len);
	if (!err)
		err = take(buf, len, out, &e);
	if (err)
		msg__error("--hold %s: %s%s%s", path, strerror(-err),
			   *e.text ? ": " : "", e.text);
	return err;
}

void start_gate__free(struct start_gate *gate)
{
	free(gate->expect);
	gate->expect = NULL;
}
