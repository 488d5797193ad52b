// SPDX-License-Identifier: GPL-2.0-only
/* The files of a run: those it writes, and which of them are kept. */
#include "vmtest/run/state.h"

#include <stddef.h>
#include <unistd.h>

#define MIB (1024ULL * 1024)

/* A limit of a text, besides the tail that is kept beyond the limit. */
#define TEXT (64 * MIB)

static const struct {
	size_t file;		/* offset in struct run_files */
	const char *name;
	uint64_t limit;
	bool text;
	mode_t mode;
} files[] = {
#define FILE_ROW(member, ...) { offsetof(struct run_files, member), __VA_ARGS__ }
	FILE_ROW(console_log, "console.log", TEXT, true, 0666),
	FILE_ROW(kernel_log, "kernel.log", TEXT, true, 0666),
	/* Several reports repeat what is in this file. */
	FILE_ROW(ktap, "tests.ktap", 16 * MIB, true, 0666),
	/* A trace has addresses of the kernel. */
	FILE_ROW(trace, "trace.bin", 4096 * MIB, false, 0600),
	FILE_ROW(log, "log", 16 * MIB, true, 0666),
	FILE_ROW(output, "output", TEXT, true, 0666),
	FILE_ROW(registers, "registers", 1 * MIB, true, 0666),
	FILE_ROW(counts, "counts", TEXT, false, 0666),
#undef FILE_ROW
};

static struct capped_file *file(struct run *r, size_t i)
{
	return (struct capped_file *)((char *)&r->files + files[i].file);
}

static int open_file(struct run *r, size_t i)
{
	struct capped_file *f = file(r, i);
	int err = capped_file__open(f, r->files.dir.path, files[i].name, files[i].limit,
				    files[i].mode);

	f->keep_tail = files[i].text;
	if (err)
		run__fail(r, f->path, err);
	return err;
}

int run_files__open(struct run *r)
{
	auto_free char *name = NULL;
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		capped_file__open(file(r, i), NULL, NULL, files[i].limit, 0);
	if (r->spec.probe)
		return 0;
	name = xasprintf("%s-%llu",
			 r->spec.label ? r->spec.label : r->spec.target,
			 (unsigned long long)r->spec.seed);
	err = rundir__open(&r->files.dir, r->spec.out, name);
	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++)
		err = open_file(r, i);
	return err;
}

void run_files__settle(struct run *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (file(r, i) != &r->files.log)
			capped_file__settle(file(r, i));
}

void run_files__close(struct run *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct capped_file *f = file(r, i);
		auto_free char *path = f->path ? xstrdup(f->path) : NULL;
		int err = capped_file__close(f);

		if (err && path)
			run__fail(r, path, err);
	}
}

void run_files__remove_unused(struct run *r)
{
	if (!r->files.dir.path)
		return;
	if (!r->files.registers.bytes)
		unlinkat(r->files.dir.fd, "registers", 0);
	if (!r->files.counts.bytes)
		unlinkat(r->files.dir.fd, "counts", 0);
	if (!r->spec.cmd->n)
		unlinkat(r->files.dir.fd, "output", 0);
	if (r->spec.bare)
		unlinkat(r->files.dir.fd, "trace.bin", 0);
	if (!r->spec.icount)
		return;
	/* console.log and trace.bin have the same bytes. */
	unlinkat(r->files.dir.fd, ICOUNT_CONSOLE, 0);
	unlinkat(r->files.dir.fd, ICOUNT_TRACE, 0);
	if (r->spec.icount != ICOUNT_RECORD) {
		unlinkat(r->files.dir.fd, ICOUNT_RESULT, 0);
		unlinkat(r->files.dir.fd, ICOUNT_INITRAMFS, 0);
	}
}
