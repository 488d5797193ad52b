// SPDX-License-Identifier: GPL-2.0-only
/* The files of a run: those it writes, and which of them are kept. */
#include "vmtest/run/state.h"

#include <unistd.h>

#define MIB (1024ULL * 1024)

int run_files__open(struct run *r)
{
	struct { struct capped_file *s; const char *name; uint64_t limit; } files[] = {
		{ &r->files.console_log, "console.log", 64 * MIB },
		{ &r->files.kernel_log, "kernel.log", 64 * MIB },
		{ &r->files.ktap, "tests.ktap", 64 * MIB },
		{ &r->files.trace, "trace.bin", 4096 * MIB },
		{ &r->files.log, "log", 16 * MIB },
		{ &r->files.output, "output", 64 * MIB },
		{ &r->files.registers, "registers", 1 * MIB },
		{ &r->files.counts, "counts", 64 * MIB },
	};
	auto_free char *name = NULL;
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		capped_file__open(files[i].s, NULL, NULL, files[i].limit);
	if (r->spec.probe)
		return 0;
	name = xasprintf("%s-%llu",
			 r->spec.label ? r->spec.label : r->spec.target,
			 (unsigned long long)r->spec.seed);
	err = rundir__open(&r->files.dir, r->spec.out, name);
	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++) {
		err = capped_file__open(files[i].s, r->files.dir.path, files[i].name,
				 files[i].limit);
		if (err)
			run__fail(r, files[i].s->path, err);
	}
	return err;
}

void run_files__close(struct run *r)
{
	struct capped_file *sinks[] = { &r->files.console_log, &r->files.kernel_log,
				 &r->files.ktap, &r->files.trace, &r->files.log, &r->files.output, &r->files.registers,
				 &r->files.counts };

	for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
		auto_free char *path = sinks[i]->path ? xstrdup(sinks[i]->path) : NULL;
		int err = capped_file__close(sinks[i]);

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
