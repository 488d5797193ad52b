// SPDX-License-Identifier: GPL-2.0-only
/* The kernel of each job: its image, the lists that apply to it, and its initramfs. */
#include "vmtest/cmd/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "vmtest/host/accel.h"
#include "vmtest/image/pack.h"
#include "vmtest/image/sanitizer.h"
#include "vmtest/run/repro.h"
#include "vmtest/wire/tests.h"

/* Refuses a kernel that is not the one of repro.sh's run, whatever its name. */
static int check_hash(const struct image *img)
{
	const char *want = getenv(KERNEL_HASH_ENV);
	uint64_t kernel, config;
	char have[17];
	int err;

	if (!want || !*want)
		return 0;
	err = image__hash(img, &kernel, &config);
	if (err) {
		msg__error("%s: %s", img->path, strerror(-err));
		return err;
	}
	snprintf(have, sizeof(have), "%016llx", (unsigned long long)kernel);
	if (strcmp(want, have)) {
		msg__error("%s is not the kernel of that run (%s, now %s); unset %s to run it anyway",
			  img->path, want, have, KERNEL_HASH_ENV);
		return -ESTALE;
	}
	return 0;
}

static int read_allow_list(struct vmtest *t, struct job *job, const char *name)
{
	auto_free char *path = xasprintf("%s/vmtest/allow/%s", t->paths.top, name);

	return allow__read(&job->allow, path);
}

/* Reads the lists in vmtest/allow for all kernels and for the debugging aids. */
static int read_allowed(struct vmtest *t, struct job *job)
{
	const struct strv *names = &job->image.san.allow;
	int err = read_allow_list(t, job, "machine");

	for (size_t i = 0; !err && i < names->n; i++)
		err = read_allow_list(t, job, names->v[i]);
	return err;
}

/* Checks features that some options need and that only the config shows. */
static int check_features(const struct vmtest *t, const struct image *img)
{
	const char *only;

	if (t->opt.icount && img->machine != MACHINE_MMIO) {
		msg__error("%s: --record and --icount need a kernel that boots on the machine without ACPI: one with CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y in the config beside it",
			  img->path);
		return -ENOTSUP;
	}
	for (size_t i = 0; img->config && i < t->opt.tests.n; i++) {
		const struct test *test = test__find(t->opt.tests.v[i], &only);

		if (!test->faults || img->faults)
			continue;
		msg__error("--tests %s: allocations cannot be made to fail in %s; it needs CONFIG_FAULT_INJECTION_DEBUG_FS, CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC",
			  t->opt.tests.v[i], img->path);
		return -ENOTSUP;
	}
	return 0;
}

/* Takes path over; path is NULL after a failure that has been reported. */
static int open_image(struct vmtest *t, struct job *job, char *path)
{
	int err = path ? image__open(&job->image, path) : -ENOENT;

	free(path);
	if (!err)
		err = check_hash(&job->image);
	if (!err)
		err = check_features(t, &job->image);
	return err ?: read_allowed(t, job);
}

/* Prints which rules a user's kernel is judged by, and why. */
static void show_rules(const struct job *job)
{
	const char *mode = job->target.mode, *own = job->image.mode;

	if (!own || (!job->by_image && !strcmp(mode, own)))
		msg__note("%s: judged by the rules of %s", job->target.name, mode);
	else if (!strcmp(own, "seed"))
		msg__note("%s: judged by the rules of %s; it is built with the seed",
			 job->target.name, mode);
	else
		msg__note("%s: judged by the rules of %s; the sysctl kernel.setns_pid_join is %s it",
			 job->target.name, mode,
			 strcmp(own, "mainline") ? "in" : "not in");
}

/* Reads expectations and checks tests, once the target's name and mode are known. */
static int check_job(struct vmtest *t, struct job *job)
{
	auto_free char *dir = xasprintf("%s/vmtest/expect", t->paths.top);
	int err;

	/*
	 * The expectations are about all the tests, and do not apply to a
	 * command or to some of the tests.
	 */
	err = expect__read(&job->expect, dir,
			   t->opt.cmd.n || t->opt.tests.n ?
			   "-" : job->target.name);
	return err ?: options__check_tests(&t->opt, job->target.name,
						job->target.mode);
}

/* Prepares a user's image, which takes seconds, before any kernel is built. */
static int take_user_image(struct vmtest *t, struct job *job)
{
	auto_free char *file = realpath(t->opt.kernel, NULL);
	int err;

	if (!file) {
		err = -errno;
		msg__error("kernel %s: %s", t->opt.kernel, strerror(-err));
		return err;
	}
	err = open_image(t, job,
			 image__build(&t->paths, job->by_image ?
				      NULL : job->target.name, file));
	if (err)
		return err;
	if (job->by_image && job->image.release)
		job->target.name = job->image.release;
	if (job->by_image && job->image.mode)
		job->target.mode = job->image.mode;
	if (!t->opt.bare)
		show_rules(job);
	return job->by_image ? check_job(t, job) : 0;
}

/* Checks the lists of all debugging aids: the kernel's are not known yet. */
static int check_allow_lists(struct vmtest *t)
{
	struct job any = { .by_image = false };
	int err = read_allow_list(t, &any, "machine");

	for (size_t i = 0; !err && i < sanitizers_nr; i++) {
		if (sanitizers[i].allow)
			err = read_allow_list(t, &any, sanitizers[i].allow);
	}
	allow__free(&any.allow);
	return err;
}

static struct strv no_words;

/* Returns the files to pack. The guest's shell is always packed. */
static struct pack files_to_pack(struct vmtest *t)
{
	return (struct pack){
		.add = &t->opt.add,
		.cmd = t->opt.shell ? &no_words : &t->opt.cmd,
	};
}

int kernels__check(struct vmtest *t)
{
	struct pack pack = files_to_pack(t);
	int err = t->opt.accel == ACCEL_KVM ? accel__check_kvm() : 0;

	if (!err)
		err = check_allow_lists(t);
	for (size_t i = 0; !err && i < t->n; i++) {
		if (!t->jobs[i].by_image)
			err = check_job(t, &t->jobs[i]);
	}
	if (!err)
		err = pack__check(&t->paths, &pack);
	for (size_t i = 0; !err && t->opt.kernel && i < t->n; i++)
		err = take_user_image(t, &t->jobs[i]);
	return err;
}

/* Returns the image's path. The times of runs exclude the build. */
static char *make_image(struct vmtest *t, const char *target)
{
	double before = now_s();
	time_t since = time(NULL);
	char *path = image__build(&t->paths, target, NULL);
	struct stat st;

	if (path && !stat(path, &st) && st.st_ctime >= since)
		t->making_s += now_s() - before;
	return path;
}

int kernels__prepare(struct vmtest *t, struct job *job)
{
	struct pack pack = files_to_pack(t);
	const char *name = job->target.name;
	int err = 0;

	if (!job->image.path)
		err = open_image(t, job, make_image(t, name));
	if (err)
		return err;
	options__tests(&t->opt, job->target.mode, job->image.faults,
		       &job->tests);
	msg__debug("%s: kernel %s", name, job->image.path);
	pack.modules = job->image.modules;
	job->initramfs = pack__initramfs(&t->paths, &pack);
	if (!job->initramfs)
		return -ENOENT;
	msg__debug("%s: initramfs %s", name, job->initramfs);
	return 0;
}
