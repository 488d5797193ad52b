// SPDX-License-Identifier: GPL-2.0-only
/* Prepares the system for the first program: mounts, modules, console, ports. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

#define MODULE_DIR "/modules"
#define PORT_DIR "/sys/class/virtio-ports"
#define PORT_WAIT_MS 10000
#define PORT_STEP_MS 2

static const struct {
	const char *type, *dir, *data;
	bool needed;
} mounts[] = {
	{ "proc", "/proc", NULL, true },
	{ "sysfs", "/sys", NULL, true },
	{ "devtmpfs", "/dev", NULL, true },
	{ "devpts", "/dev/pts", "ptmxmode=0666", true },
	/*
	 * Some kernels lack the following ones, and the guest works without
	 * them. /tmp gets no mount, which would hide the user's packed files.
	 */
	{ "tmpfs", "/dev/shm", "mode=1777", false },
	{ "debugfs", "/sys/kernel/debug", NULL, false },
	{ "tracefs", "/sys/kernel/tracing", NULL, false },
	{ "cgroup2", "/sys/fs/cgroup", NULL, false },
	{ "bpf", "/sys/fs/bpf", NULL, false },
};

static void mount_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].dir, 0755);
		if (mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0,
			  mounts[i].data) &&
		    mounts[i].needed)
			fprintf(stderr, "vmtest-init: mount %s: %s\n",
				mounts[i].dir, strerror(errno));
	}
}

int setup__write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* A kernel may lack the sysctl. */
static void set_sysctl(const char *path, const char *text)
{
	int err = setup__write(path, text);

	if (err && err != -ENOENT)
		fprintf(stderr, "vmtest-init: %s: %s\n", path, strerror(-err));
}

static void load_module(const char *name)
{
	auto_free char *path = xasprintf(MODULE_DIR "/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		fprintf(stderr, "vmtest-init: module %s: %s\n", name,
			strerror(errno));
	if (fd >= 0)
		close(fd);
}

/*
 * Loads the modules in the order of the file "order"; dependencies are not
 * resolved here.
 */
static void load_modules(void)
{
	auto_free char *order = NULL;
	char *rest, *line;

	if (read_file(MODULE_DIR "/order", &order, NULL))
		return;
	for (rest = order; (line = strsep(&rest, "\n"));) {
		if (*line)
			load_module(line);
	}
}

void setup__system(void)
{
	int fd;

	mount_all();
	/* The kernel may have opened the initramfs's own node of the console. */
	fd = open("/dev/console", O_RDWR);
	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	set_sysctl("/proc/sys/kernel/sysrq", "1");
	set_sysctl("/proc/sys/kernel/hostname", "vmtest");
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	load_modules();
}

/* Does a port such as "vport0p1" have this name? */
static bool port_is(const char *dev, const char *name)
{
	auto_free char *path = xasprintf(PORT_DIR "/%s/name", dev), *have = NULL;

	if (read_file(path, &have, NULL))
		return false;
	have[strcspn(have, "\n")] = '\0';
	return !strcmp(have, name);
}

/* Creates the same link as udev, since pidnstrace gets this name. */
static bool link_port(const char *name, const char *to)
{
	DIR *d = opendir(PORT_DIR);
	struct dirent *de;
	bool found = false;

	while (d && !found && (de = readdir(d))) {
		auto_free char *from = xasprintf("../%s", de->d_name);

		if (!port_is(de->d_name, name))
			continue;
		mkdir("/dev/virtio-ports", 0755);
		found = !symlink(from, to) || errno == EEXIST;
	}
	if (d)
		closedir(d);
	return found;
}

int setup__port(const char *name, int flags)
{
	const struct timespec step = { .tv_nsec = PORT_STEP_MS * 1000000 };
	auto_free char *path = xasprintf("/dev/virtio-ports/%s", name);
	int fd, err = ENOENT;

	if (packed__is())
		return packed__port(name, flags);
	/* The device may announce its ports late. */
	for (int ms = 0; ms < PORT_WAIT_MS; ms += PORT_STEP_MS) {
		if (link_port(name, path)) {
			fd = open(path, flags | O_CLOEXEC);
			if (fd >= 0)
				return fd;
			err = errno;
		}
		nanosleep(&step, NULL);
	}
	return -err;
}
