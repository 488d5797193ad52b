// SPDX-License-Identifier: GPL-2.0-only
/* See accel.h. */
#include "accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROBE_S 5.0
#define KVM_DEVICE "/dev/kvm"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static const char *const names[] = {
	[ACCEL_AUTO] = "auto", [ACCEL_KVM] = "kvm", [ACCEL_TCG] = "tcg",
};

int accel__parse(const char *name, enum accel *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(name, names[i])) {
			*out = (enum accel)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *accel__name(enum accel a)
{
	return names[a];
}

struct probe {
	bool done;
	bool booted;
	char why[256];
};

static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct probe *p = ctx;

	(void)run;
	p->done = true;
	/* A guest that panics runs: its kernel is at fault, not KVM. */
	p->booted = !err && (out->boot_s > 0 || out->verdict == VERDICT_PANIC);
	snprintf(p->why, sizeof(p->why), "%s", out->reason);
}

/* "BOOT_ID ACCEL\n", as the file in the cache has it; free it. */
static char *record(enum accel a)
{
	char *id, *text;

	if (read_file(BOOT_ID, &id, NULL))
		return NULL;
	id[strcspn(id, "\n")] = '\0';
	text = xasprintf("%s %s\n", id, names[a]);
	free(id);
	return text;
}

static enum accel recall(const char *path)
{
	enum accel found = ACCEL_AUTO;
	char *text;

	if (read_file(path, &text, NULL))
		return ACCEL_AUTO;
	for (int a = ACCEL_KVM; a <= ACCEL_TCG; a++) {
		char *want = record((enum accel)a);

		if (want && !strcmp(text, want))
			found = (enum accel)a;
		free(want);
	}
	free(text);
	return found;
}

static enum accel boot_under_kvm(struct loop *loop, const struct run_spec *spec,
				 const int *stop)
{
	struct run_spec s = *spec;
	struct probe p = { 0 };
	struct run *run;
	int err;

	s.accel = ACCEL_KVM;
	s.limit_s = PROBE_S * spec->image->san.slower;
	s.probe = s.boot_only = true;
	run = run__start(loop, &s, on_done, &p, &err);
	while (run && !p.done && !*stop && !loop__turn(loop))
		;
	if (run && !p.done) {
		run__abort(run);
		return ACCEL_AUTO;
	}
	if (p.booted)
		return ACCEL_KVM;
	msg_note("KVM does not work here (%s); TCG is used, guests run slower",
		 p.why);
	return ACCEL_TCG;
}

/* By opening it: permission bits say little to root, or in a container. */
static int open_kvm(void)
{
	int fd = open(KVM_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

enum accel accel__probe(struct loop *loop, const struct run_spec *spec,
			const char *cache, const int *stop)
{
	char *path = xasprintf("%s/accel", cache), *text;
	enum accel a = recall(path);
	int err = open_kvm();

	if (err) {
		msg_note("%s: %s%s; TCG is used, guests run slower", KVM_DEVICE,
			 strerror(-err), err == -EACCES || err == -EPERM ?
			 " (is the user in the group kvm?)" : "");
		a = ACCEL_TCG;
	} else if (a == ACCEL_AUTO) {
		a = boot_under_kvm(loop, spec, stop);
		text = a == ACCEL_AUTO ? NULL : record(a);
		/* Not kept, it is only found out again. */
		if (text && !mkdir_p(cache))
			write_file_atomic(path, text, strlen(text));
		free(text);
	}
	free(path);
	return a;
}
