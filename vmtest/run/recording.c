// SPDX-License-Identifier: GPL-2.0-only
/* Packs the job into the initramfs; writes, reads and removes record.json. */
#include "vmtest/run/recording.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/image/cpio.h"
#include "vmtest/lib/json_file.h"
#include "vmtest/lib/process.h"
#include "vmtest/run/job.h"
#include "vmtest/run/run.h"
#include "vmtest/vm/icount.h"
#include "vmtest/vm/input.h"
#include "vmtest/wire/icount_channels.h"

#define VERSION 1
#define COPY_SIZE (256 * 1024)

char *recording__qemu_version(const char *program)
{
	auto_free char *word = shell_quote(program);
	auto_free char *cmd = xasprintf("exec %s --version 2>/dev/null", word);

	return child__first_line(cmd);
}

static int copy(const char *from, FILE *to)
{
	static char buf[COPY_SIZE];
	FILE *f = fopen(from, "re");
	size_t n;
	int err = 0;

	if (!f)
		return -errno;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
		if (fwrite(buf, 1, n, to) != n)
			err = -errno;
	}
	if (ferror(f))
		err = -EIO;
	fclose(f);
	return err;
}

static int pack_input(const struct input *in, struct cpio *c)
{
	size_t len = RECORD_INPUT_MAX;
	auto_free char *buf = NULL;
	int err = input__load(in, &buf, &len) ?:
		  cpio__data(c, PACKED_INPUT, 0444, buf, len);

	return err;
}

int recording__pack(const struct run_spec *spec, const char *dir)
{
	auto_free char *path = xasprintf("%s/" ICOUNT_INITRAMFS, dir);
	auto_free char *settings = job__settings(spec), *text = job__text(spec);
	auto_free char *job = xasprintf("%s\n%s\n", settings, text);
	FILE *f = fopen(path, "we");
	struct cpio *c;
	int err = f ? copy(spec->initramfs, f) : -errno, end;

	if (f) {
		/* The kernel unpacks all of several concatenated archives. */
		c = cpio__new(f);
		if (!err)
			err = cpio__data(c, PACKED_JOB, 0444, job, strlen(job));
		if (!err && spec->input)
			err = pack_input(spec->input, c);
		end = cpio__finish(c);
		err = err ?: end;
		if (fclose(f) && !err)
			err = -errno;
	}
	return err;
}

static int size_of(const char *path, uint64_t *bytes)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	*bytes = (uint64_t)st.st_size;
	return 0;
}

static json_t *hex(uint64_t n)
{
	char text[17];

	snprintf(text, sizeof(text), "%016llx", (unsigned long long)n);
	return json_string(text);
}

int recording__write(const struct run_spec *spec, const char *dir,
		  const struct strv *machine, uint64_t instructions,
		  double seconds)
{
	uint64_t kernel, config, initramfs, bytes = 0;
	auto_free char *cpio = xasprintf("%s/" ICOUNT_INITRAMFS, dir);
	auto_free char *rr = xasprintf("%s/" ICOUNT_LOG, dir);
	auto_free char *path = xasprintf("%s/" RECORD_FILE, dir);
	auto_free char *qemu = recording__qemu_version(spec->program), *text = NULL;
	json_t *o;
	int err = image__hash(spec->image, &kernel, &config) ?:
		  hash_file(cpio, &initramfs) ?: size_of(rr, &bytes);

	if (err)
		return err;
	o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:o, s:f, s:o}",
		      "version", VERSION, "qemu", qemu ? qemu : "", "program", spec->program,
		      "target", spec->target, "kernel", spec->image->path, "kernel_hash",
		      hex(kernel), "seed", (json_int_t)spec->seed, "instructions",
		      (json_int_t)instructions, "log_bytes", (json_int_t)bytes,
		      "initramfs_hash", hex(initramfs), "seconds", seconds, "machine",
		      json_file__strings(machine));
	text = json_dumps(o, JSON_INDENT(1));
	json_decref(o);
	return text ? write_file_atomic(path, text, strlen(text)) : -EINVAL;
}

void recording__drop(const char *dir)
{
	/* RECORD_FILE implies that the others exist, so it is removed first. */
	static const char *const names[] = {
		RECORD_FILE, ICOUNT_LOG, ICOUNT_INITRAMFS, ICOUNT_RESULT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *path = xasprintf("%s/%s", dir, names[i]);

		unlink(path);
	}
}

static int take(struct record *rec, json_t *o)
{
	const char *qemu, *program, *target, *kernel, *kernel_hash, *initramfs_hash;
	json_int_t seed, instructions, log_bytes;
	json_t *machine, *arg;
	int version;
	size_t i;

	if (json_unpack(o, "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:F, s:o}",
			"version", &version, "qemu", &qemu, "program", &program, "target",
			&target, "kernel", &kernel, "kernel_hash", &kernel_hash,
			"initramfs_hash", &initramfs_hash, "seed", &seed, "instructions",
			&instructions, "log_bytes", &log_bytes, "seconds", &rec->seconds,
			"machine", &machine) ||
	    version != VERSION)
		return -EINVAL;
	rec->qemu = xstrdup(qemu);
	rec->program = xstrdup(program);
	rec->target = xstrdup(target);
	rec->kernel = xstrdup(kernel);
	rec->kernel_hash = strtoull(kernel_hash, NULL, 16);
	rec->initramfs_hash = strtoull(initramfs_hash, NULL, 16);
	rec->seed = (uint64_t)seed;
	rec->instructions = (uint64_t)instructions;
	rec->log_bytes = (uint64_t)log_bytes;
	json_array_foreach(machine, i, arg) {
		if (!json_is_string(arg))
			return -EINVAL;
		strv__add(&rec->machine, json_string_value(arg));
	}
	return rec->machine.n ? 0 : -EINVAL;
}

int recording__read(struct record *rec, const char *dir)
{
	auto_free char *path = xasprintf("%s/" RECORD_FILE, dir);
	json_t *o;
	int err;

	memset(rec, 0, sizeof(*rec));
	if (access(path, F_OK))
		return -ENOENT;
	o = json_load_file(path, 0, NULL);
	err = o ? take(rec, o) : -EINVAL;
	json_decref(o);
	return err;
}

void recording__free(struct record *rec)
{
	free(rec->qemu);
	free(rec->program);
	free(rec->target);
	free(rec->kernel);
	strv__free(&rec->machine);
	memset(rec, 0, sizeof(*rec));
}
