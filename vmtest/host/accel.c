// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boots a guest under KVM, and caches the answer for this boot of the host. See
 * accel.h.
 */
#include "vmtest/host/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "vmtest/host/probe.h"

#define SILENT_S 10.0		/* a vCPU silent for so long is not running */
#define PROBE_S 60.0		/* the longest probe of a guest that prints */
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
	NOT_KNOWN,	/* interrupted probe, or KVM is unavailable for now */
	WORKS,
	BROKEN,
};

struct kvm_probe {
	enum answer answer;
	char why[256];
};

/*
 * Opens the device, as its permission bits prove little for root or in a
 * container. Returns a descriptor, or -errno with the cause in @why.
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
 * Tries to create a VM. Returns true if the failure may pass: another hypervisor
 * uses the CPU, or memory is short. KVM also returns EBUSY while a module is
 * loaded or a CPU is brought up.
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
 * KVM works if the guest panics, is slow, or hangs after it has printed: the
 * fault is then the kernel's.
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
 * Returns the cached form of an answer for this boot, "BOOT_ID WHY", or NULL;
 * free it. An empty WHY means that KVM works.
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

	/* After a failure the next runner repeats the probe. */
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
	msg__error("--accel kvm: %s", why);
	return fd;
}

/* Returns the accelerator, with a message if KVM is not used. */
static enum accel conclude(const struct kvm_probe *p, const char *path,
			   bool kept)
{
	if (p->answer == WORKS)
		return ACCEL_KVM;
	if (kept)
		msg__note("KVM did not work when it was tried (%s); TCG is used, guests run slower; remove %s to try again",
			 p->why, path);
	else if (p->answer == BROKEN)
		msg__note("KVM does not work here (%s); TCG is used, guests run slower",
			 p->why);
	else
		msg__note("KVM is not available now (%s); TCG is used, guests run slower",
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
		msg__note("%s; TCG is used, guests run slower", p.why);
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
