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

#define SILENT_S 10.0		/* a guest without progress for so long hangs */
#define PROBE_S 60.0		/* limit of the whole probe, if SILENT_S is not raised */
#define KVM_DEVICE "/dev/kvm"
#define KVM_FILE "kvm"		/* in the cache */
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
	NOT_KNOWN,	/* the probe was interrupted, or its failure may be temporary */
	WORKS,
	HANGS,		/* the guest has printed, and then hung; never cached */
	BROKEN,
};

struct kvm_probe {
	enum answer answer;
	char why[256];
};

/*
 * Opens /dev/kvm: its permission bits alone prove little for root or in a container.
 * Returns a descriptor, or -errno with the cause in @why.
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
 * Tries to create a VM. Returns true if that fails, and may succeed later: another
 * hypervisor uses the CPU, or memory is short. KVM also returns EBUSY while a module is
 * loaded or a CPU is brought up.
 */
static bool is_temporary(void)
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

/* If the guest panics, the accelerator works, and the fault is the kernel's. */
static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct kvm_probe *p = ctx;

	(void)run;
	if (err)
		return;
	if (out->boot_s > 0 || out->verdict == VERDICT_PANIC)
		p->answer = WORKS;
	else if (out->verdict == VERDICT_HANG && out->printed)
		p->answer = HANGS;
	else if (!is_temporary())
		p->answer = BROKEN;
	snprintf(p->why, sizeof(p->why), "%s", out->reason);
}

/* Returns the ID of this boot of the host, or NULL; free it. */
static char *boot_id(void)
{
	char *id;

	if (read_file(BOOT_ID, &id, NULL))
		return NULL;
	id[strcspn(id, "\n")] = '\0';
	return id;
}

/* Keeps the reason for which KVM does not work; an empty one means that it works. */
static void keep(const char *cache, const struct kvm_probe *p)
{
	auto_free char *boot = boot_id();

	if (boot && p->answer != NOT_KNOWN)
		probe__keep(cache, KVM_FILE, boot, p->answer == WORKS ? "" : p->why);
}

/* Returns the answer of an earlier probe in this boot of the host, or NOT_KNOWN. */
static struct kvm_probe recall(const char *cache)
{
	auto_free char *boot = boot_id();
	auto_free char *why = boot ? probe__recall(cache, KVM_FILE, boot) : NULL;
	struct kvm_probe p = { 0 };

	if (!why)
		return p;
	snprintf(p.why, sizeof(p.why), "%s", why);
	p.answer = *p.why ? BROKEN : WORKS;
	return p;
}

static struct kvm_probe boot_under(enum accel accel, struct loop *loop,
				   const struct run_spec *spec, const int *stop)
{
	struct run_spec s = *spec;
	struct kvm_probe p = { .why = "the guest could not be started" };

	s.accel = accel;
	s.limit_s = SILENT_S * spec->image->san.slower;
	if (s.limit_s < (double)spec->timeout_s)
		s.limit_s = (double)spec->timeout_s;
	s.total_s = PROBE_S * s.limit_s / SILENT_S;
	s.probe = s.boot_only = true;
	probe__boot(loop, &s, stop, on_done, &p);
	return p;
}

/*
 * A guest that hangs under KVM is booted under TCG, too. If it hangs there as well, the
 * fault is the kernel's, and KVM works.
 */
static struct kvm_probe probe_kvm(struct loop *loop, const struct run_spec *spec,
				  const int *stop)
{
	struct kvm_probe p = boot_under(ACCEL_KVM, loop, spec, stop);

	if (p.answer != HANGS)
		return p;
	switch (boot_under(ACCEL_TCG, loop, spec, stop).answer) {
	case WORKS:
		p.answer = BROKEN;
		strncat(p.why, ", but not under TCG", sizeof(p.why) - strlen(p.why) - 1);
		break;
	case HANGS:
		p.answer = WORKS;
		break;
	default:
		p.answer = NOT_KNOWN;
	}
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
static enum accel conclude(const struct kvm_probe *p, const char *cache,
			   bool kept)
{
	if (p->answer == WORKS)
		return ACCEL_KVM;
	if (kept)
		msg__note("KVM did not work when it was tried (%s); TCG is used, guests run slower; remove %s/" KVM_FILE " to try again",
			 p->why, cache);
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
	struct kvm_probe p = { 0 };
	int fd = open_kvm(p.why, sizeof(p.why));
	bool kept;

	if (fd < 0) {
		msg__note("%s; TCG is used, guests run slower", p.why);
		return ACCEL_TCG;
	}
	close(fd);
	p = recall(cache);
	kept = p.answer != NOT_KNOWN;
	if (!kept) {
		p = probe_kvm(loop, spec, stop);
		keep(cache, &p);
	}
	return *stop ? ACCEL_AUTO : conclude(&p, cache, kept);
}
