// SPDX-License-Identifier: GPL-2.0-only
/* Writes and removes the files with results, one for each format. */
#include "vmtest/run/result_files.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "vmtest/lib/util.h"

static const struct {
	const char *name, *ending;
	enum results_format format;
} files[] = {
	{ "results", "ktap", RESULTS_KTAP },
	{ "junit", "xml", RESULTS_JUNIT },
	{ "results", "json", RESULTS_JSON },
};

static char *path_of(size_t i, const char *dir, const char *suffix)
{
	return xasprintf("%s/%s%s.%s", dir, files[i].name, suffix,
			 files[i].ending);
}

static int write_one(const struct events *ev, const char *name,
		     enum results_format format, const char *path)
{
	auto_free char *text = NULL;
	size_t len;
	FILE *f = xmemstream(&text, &len);
	int err = results__write(ev, name, format, f);

	if (fclose(f))
		out_of_memory();
	if (!err)
		err = write_file_atomic(path, text, len);
	return err;
}

int result_files__write(const struct events *ev, const char *name, const char *dir,
		   const char *suffix)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++) {
		auto_free char *path = path_of(i, dir, suffix);

		err = write_one(ev, name, files[i].format, path);
	}
	return err;
}

int result_files__remove(const char *dir, const char *suffix)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++) {
		auto_free char *path = path_of(i, dir, suffix);

		if (unlink(path) && errno != ENOENT)
			err = -errno;
	}
	return err;
}
