// SPDX-License-Identifier: GPL-2.0-only
/* Packs the job into the initramfs; writes, reads and removes record.json. */
#include "vmtest/run/recording.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/image/cpio.h"
#include "vmtest/lib/json_file.h"
#include "vmtest/run/job.h"
#include "vmtest/run/run.h"
#include "vmtest/vm/icount.h"
#include "vmtest/vm/input.h"
#include "vmtest/wire/icount_channels.h"

#define VERSION 1
#define COPY_SIZE (256 * 1024)

char *recording__qemu_version(const char *program)
{
	char *word = shell_quote(program), line[256] = "";
	char *cmd = xasprintf("exec %s --version 2>/dev/null", word);
	FILE *f = popen(cmd, "re");
	bool whole = f && fgets(line, sizeof(line), f);

	if (f && pclose(f))
		whole = false;
	free(cmd);
	free(word);
	line[strcspn(line, "\n")] = '\0';
	return whole && *line ? xstrdup(line) : NULL;
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
	char *buf;
	int err = input__load(in, &buf, &len);

	if (!err)
		err = cpio__data(c, PACKED_INPUT, 0444, buf, len);
	free(buf);
	return err;
}

int recording__pack(const struct run_spec *spec, const char *dir)
{
	char *path = xasprintf("%s/" ICOUNT_INITRAMFS, dir);
	char *settings = job__settings(spec), *text = job__text(spec);
	char *job = xasprintf("%s\n%s\n", settings, text);
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
		err = err ? err : end;
		if (fclose(f) && !err)
			err = -errno;
	}
	free(job);
	free(text);
	free(settings);
	free(path);
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
	char *cpio = xasprintf("%s/" ICOUNT_INITRAMFS, dir);
	char *rr = xasprintf("%s/" ICOUNT_LOG, dir);
	char *path = xasprintf("%s/" RECORD_FILE, dir);
	char *qemu = recording__qemu_version(spec->program), *text = NULL;
	json_t *o;
	int err = image__hash(spec->image, &kernel, &config);

	if (!err)
		err = hash_file(cpio, &initramfs);
	if (!err)
		err = size_of(rr, &bytes);
	if (!err) {
		o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:o, s:f, s:o}",
			      "version", VERSION, "qemu", qemu ? qemu : "",
			      "program", spec->program, "target", spec->target,
			      "kernel", spec->image->path, "kernel_hash",
			      hex(kernel), "seed", (json_int_t)spec->seed,
			      "instructions", (json_int_t)instructions,
			      "log_bytes", (json_int_t)bytes, "initramfs_hash",
			      hex(initramfs), "seconds", seconds, "machine",
			      json_file__strings(machine));
		text = json_dumps(o, JSON_INDENT(1));
		json_decref(o);
		err = text ? write_file_atomic(path, text, strlen(text)) :
			     -EINVAL;
	}
	free(text);
	free(qemu);
	free(path);
	free(rr);
	free(cpio);
	return err;
}

void recording__drop(const char *dir)
{
	/* RECORD_FILE implies that the others exist, so it is removed first. */
	static const char *const names[] = {
		RECORD_FILE, ICOUNT_LOG, ICOUNT_INITRAMFS, ICOUNT_RESULT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);

		unlink(path);
		free(path);
	}
}

static uint64_t get_hex(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? strtoull(s, NULL, 16) : 0;
}

static uint64_t get_int(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

static int take(struct record *rec, const json_t *o)
{
	struct { const char *key; char **to; } texts[] = {
		{ "qemu", &rec->qemu }, { "program", &rec->program },
		{ "target", &rec->target }, { "kernel", &rec->kernel },
	};
	const json_t *argv = json_object_get(o, "machine"), *arg;
	size_t i;

	if (get_int(o, "version") != VERSION)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *s = json_string_value(json_object_get(o,
							texts[i].key));

		if (!s)
			return -EINVAL;
		*texts[i].to = xstrdup(s);
	}
	json_array_foreach(argv, i, arg) {
		if (!json_is_string(arg))
			return -EINVAL;
		strv__add(&rec->machine, json_string_value(arg));
	}
	rec->kernel_hash = get_hex(o, "kernel_hash");
	rec->initramfs_hash = get_hex(o, "initramfs_hash");
	rec->seed = get_int(o, "seed");
	rec->instructions = get_int(o, "instructions");
	rec->log_bytes = get_int(o, "log_bytes");
	rec->seconds = json_number_value(json_object_get(o, "seconds"));
	return rec->machine.n ? 0 : -EINVAL;
}

int recording__read(struct record *rec, const char *dir)
{
	char *path = xasprintf("%s/" RECORD_FILE, dir);
	json_t *o;
	int err;

	memset(rec, 0, sizeof(*rec));
	if (access(path, F_OK)) {
		free(path);
		return -ENOENT;
	}
	o = json_load_file(path, 0, NULL);
	err = o ? take(rec, o) : -EINVAL;
	json_decref(o);
	free(path);
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
