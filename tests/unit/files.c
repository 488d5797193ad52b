// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads, writes and compares whole files. A file that cannot be opened fails the test
 * with its path and the reason.
 */
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static FILE *opened(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (!f)
		fail_msg("%s: %s; tests run from the top directory", path,
			 strerror(errno));
	return f;
}

char *file__read(const char *path, size_t *len)
{
	FILE *f = opened(path, "re");
	char *bytes;
	long size;

	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	assert_true(size >= 0);
	rewind(f);
	bytes = malloc(size + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, size, f), size);
	fclose(f);
	bytes[size] = '\0';
	if (len)
		*len = size;
	return bytes;
}

void file__write(const char *path, const void *bytes, size_t len)
{
	FILE *f = opened(path, "we");

	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

#define LICENCE "# SPDX-License-Identifier: GPL-2.0-only\n"

void file__golden(const char *text, const char *name)
{
	char path[128], *want;
	FILE *f;

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		f = opened(path, "we");
		fprintf(f, "%s%s", LICENCE, text);
		assert_int_equal(fclose(f), 0);
	}
	want = file__read(path, NULL);
	assert_int_equal(strncmp(want, LICENCE, strlen(LICENCE)), 0);
	assert_string_equal(text, want + strlen(LICENCE));
	free(want);
}
