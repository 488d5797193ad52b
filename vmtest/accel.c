// SPDX-License-Identifier: GPL-2.0-only
/* See accel.h. */
#include "accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "probe.h"

#define SILENT_S 10.0		/* a vCPU without output is not running */
#define PROBE_S 60.0		/* a guest that prints has shown enough by then */
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

enum answer {
	NOT_KNOWN,	/* the probe was interrupted, or KVM is not to be had now */
	WORKS,
	BROKEN,
};

struct kvm_probe {
	enum answer answer;
	char why[256];
};

/*
 * The device is opened: permission bits say little to root, or in a container.
 * Returns a descriptor, or -errno with the cause in why.
 */
static int open_kvm(char *why, size_t size)
{
	int fd = open(KVM_DEVICE, O_RDWR | O_CLOEXEC), err = errno;

	if (fd >= 0)
		return fd;
	snprintf(why, size, KVM_DEVICE ": %s%s", strerror(err),
		 err == EACCES || err == EPERM ?
		 " (is the user in the group kvm?)" : "");
	return -err;
}

/*
 * Another hypervisor has the CPU, or there is no memory: that passes. KVM also
 * returns EBUSY while a module is loaded or a CPU is brought up.
 */
static bool for_now(void)
{
	int fd = open(KVM_DEVICE, O_RDWR | O_CLOEXEC), vm, err;

	if (fd < 0)
		return false;
	vm = ioctl(fd, KVM_CREATE_VM, 0);
	err = vm < 0 ? errno : 0;
	if (vm >= 0)
		close(vm);
	close(fd);
	return err == EBUSY || err == ENOMEM || err == EAGAIN || err == EINTR;
}

/*
 * A guest that panics runs: the fault is its kernel's, not KVM's. So does one
 * that is slow, or hangs after it has printed.
 */
static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct kvm_probe *p = ctx;

	(void)run;
	if (err)
		return;
	if (out->boot_s > 0 || out->verdict == VERDICT_PANIC ||
	    (out->verdict == VERDICT_HANG && out->printed))
		p->answer = WORKS;
	else if (!for_now())
		p->answer = BROKEN;
	snprintf(p->why, sizeof(p->why), "%s", out->reason);
}

/*
 * The answer is kept as "BOOT_ID WHY": an empty WHY is that KVM works. Returns
 * the text for this boot, to be freed, or NULL.
 */
static char *record(const char *why)
{
	char *id, *text;

	if (read_file(BOOT_ID, &id, NULL))
		return NULL;
	id[strcspn(id, "\n")] = '\0';
	text = xasprintf("%s %s\n", id, why);
	free(id);
	return text;
}

static void keep(const char *cache, const char *path,
		 const struct kvm_probe *p)
{
	char *text = record(p->answer == WORKS ? "" : p->why);

	/* An answer that is not kept is found again. */
	if (text && !mkdir_p(cache))
		write_file_atomic(path, text, strlen(text));
	free(text);
}

static struct kvm_probe recall(const char *path)
{
	struct kvm_probe p = { 0 };
	char *begin = record(""), *text;
	size_t n;

	if (!begin || read_file(path, &text, NULL)) {
		free(begin);
		return p;
	}
	n = strlen(begin) - 1;
	if (!strncmp(text, begin, n)) {
		text[strcspn(text, "\n")] = '\0';
		snprintf(p.why, sizeof(p.why), "%s", text + n);
		p.answer = *p.why ? BROKEN : WORKS;
	}
	free(text);
	free(begin);
	return p;
}

static struct kvm_probe boot_under_kvm(struct loop *loop,
				       const struct run_spec *spec,
				       const int *stop)
{
	struct run_spec s = *spec;
	struct kvm_probe p = { .why = "the guest could not be started" };

	s.accel = ACCEL_KVM;
	s.limit_s = SILENT_S * spec->image->san.slower;
	if (s.limit_s < (double)spec->timeout_s)
		s.limit_s = (double)spec->timeout_s;
	s.total_s = PROBE_S * s.limit_s / SILENT_S;
	s.probe = s.boot_only = true;
	probe__boot(loop, &s, stop, on_done, &p);
	return p;
}

int accel__check_kvm(void)
{
	char why[256];
	int fd = open_kvm(why, sizeof(why));

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	msg_error("--accel kvm: %s", why);
	return fd;
}

/* Reports why not, and returns the accelerator. */
static enum accel conclude(const struct kvm_probe *p, const char *path,
			   bool kept)
{
	if (p->answer == WORKS)
		return ACCEL_KVM;
	if (kept)
		msg_note("KVM did not work when it was tried (%s); TCG is used, guests run slower; remove %s to try again",
			 p->why, path);
	else if (p->answer == BROKEN)
		msg_note("KVM does not work here (%s); TCG is used, guests run slower",
			 p->why);
	else
		msg_note("KVM is not available now (%s); TCG is used, guests run slower",
			 p->why);
	return ACCEL_TCG;
}

enum accel accel__probe(struct loop *loop, const struct run_spec *spec,
			const char *cache, const int *stop)
{
	char *path = xasprintf("%s/kvm", cache);
	struct kvm_probe p = { 0 };
	enum accel a = ACCEL_TCG;
	int fd = open_kvm(p.why, sizeof(p.why));
	bool kept;

	if (fd < 0) {
		msg_note("%s; TCG is used, guests run slower", p.why);
		free(path);
		return a;
	}
	close(fd);
	p = recall(path);
	kept = p.answer != NOT_KNOWN;
	if (!kept)
		p = boot_under_kvm(loop, spec, stop);
	if (!kept && p.answer != NOT_KNOWN)
		keep(cache, path, &p);
	a = *stop ? ACCEL_AUTO : conclude(&p, path, kept);
	free(path);
	return a;
}
