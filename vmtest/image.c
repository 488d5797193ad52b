// SPDX-License-Identifier: GPL-2.0-only
/* See image.h. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "paths.h"
#include "util.h"

/* What the guest's init and the channels cannot do without. */
static const char *const required[] = {
	"CONFIG_BLK_DEV_INITRD", "CONFIG_DEVTMPFS", "CONFIG_VIRTIO_CONSOLE",
	"CONFIG_SERIAL_8250_CONSOLE", "CONFIG_PROC_FS", "CONFIG_SYSFS",
	"CONFIG_PID_NS",
};

/* By which a test makes allocations fail. */
static const char *const for_faults[] = {
	"CONFIG_FAULT_INJECTION_DEBUG_FS", "CONFIG_FAILSLAB",
	"CONFIG_FAIL_PAGE_ALLOC",
};

/* Built in, or a module where modules can be loaded. */
static bool config_has(const struct image *img, const char *text,
		       const char *option)
{
	size_t len = strlen(option);

	for (const char *p = text; (p = strstr(p, option)); p += len) {
		if (p != text && p[-1] != '\n')
			continue;
		if (!strncmp(p + len, "=y", 2) ||
		    (img->modules && !strncmp(p + len, "=m", 2)))
			return true;
	}
	return false;
}

/* What is behind "OPTION=" at a line's start, or 0. */
static unsigned long config_number(const char *text, const char *option)
{
	const char *p = text;

	while ((p = strstr(p, option))) {
		if (p == text || p[-1] == '\n')
			return strtoul(p + strlen(option), NULL, 10);
		p++;
	}
	return 0;
}

/* Beside the image, as /boot has it, or in the build tree it lies in. */
static char *find_config(const char *path)
{
	char *copy = xstrdup(path), *dir = dirname(copy), *dash, *found = NULL;
	const char *base = strrchr(path, '/');
	char *try[4];

	base = base ? base + 1 : path;
	dash = strchr(base, '-');
	try[0] = xasprintf("%s/config", dir);
	try[1] = xasprintf("%s/config%s", dir, dash ? dash : "-");
	try[2] = xasprintf("%s/.config", dir);
	try[3] = xasprintf("%s/../../../.config", dir);
	for (size_t i = 0; i < ARRAY_SIZE(try); i++) {
		if (!found && !access(try[i], R_OK))
			found = try[i];
		else
			free(try[i]);
	}
	free(copy);
	return found;
}

static int judge_config(struct image *img)
{
	char *text;
	int err = 0;

	img->machine = MACHINE_PCI;
	if (!img->config) {
		msg_note("%s: no config beside it; a machine with ACPI and PCI is tried",
			 img->path);
		return 0;
	}
	err = read_file(img->config, &text, NULL);
	if (err) {
		msg_error("%s: %s", img->config, strerror(-err));
		return err;
	}
	for (size_t i = 0; i < ARRAY_SIZE(required); i++) {
		if (config_has(img, text, required[i]))
			continue;
		msg_error("%s: %s=y is missing; the guest cannot work without it",
			  img->config, required[i]);
		err = -ENOTSUP;
	}
	img->hz = config_number(text, "CONFIG_HZ=");
	img->faults = true;
	for (size_t i = 0; i < ARRAY_SIZE(for_faults); i++)
		img->faults &= config_has(img, text, for_faults[i]);
	if (config_has(img, text, "CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES") &&
	    config_has(img, text, "CONFIG_VIRTIO_MMIO")) {
		img->machine = MACHINE_MMIO;
	} else if (!config_has(img, text, "CONFIG_VIRTIO_PCI") ||
		   !config_has(img, text, "CONFIG_ACPI")) {
		msg_error("%s: set CONFIG_VIRTIO_MMIO and CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES, or CONFIG_VIRTIO_PCI and CONFIG_ACPI, to y",
			  img->config);
		err = -ENOTSUP;
	}
	for (size_t i = 0; i < sanitizers_nr; i++) {
		if (config_has(img, text, sanitizers[i].option))
			sanitizing__add(&img->san, &sanitizers[i]);
	}
	free(text);
	return err;
}

static char *find_modules(const char *path)
{
	char *copy = xstrdup(path), *dir;
	struct stat st;

	dir = xasprintf("%s/modules", dirname(copy));
	free(copy);
	if (!stat(dir, &st) && S_ISDIR(st.st_mode))
		return dir;
	free(dir);
	return NULL;
}

int image__open(struct image *img, const char *path)
{
	struct stat st;
	int err;

	memset(img, 0, sizeof(*img));
	sanitizing__init(&img->san);
	img->path = realpath(path, NULL);
	if (!img->path || stat(img->path, &st) || access(img->path, R_OK)) {
		err = -errno;
		msg_error("kernel %s: %s", path, strerror(-err));
		image__free(img);
		return err;
	}
	if (!S_ISREG(st.st_mode)) {
		msg_error("kernel %s: not a file; a vmlinux or bzImage is wanted",
			  path);
		image__free(img);
		return -EINVAL;
	}
	img->config = find_config(img->path);
	img->modules = find_modules(img->path);
	err = judge_config(img);
	if (err)
		image__free(img);
	return err;
}

void image__free(struct image *img)
{
	free(img->path);
	free(img->config);
	free(img->modules);
	sanitizing__free(&img->san);
	memset(img, 0, sizeof(*img));
}

int image__hash(const struct image *img, uint64_t *kernel, uint64_t *config)
{
	*config = 0;
	if (img->config)
		hash_file(img->config, config);
	return hash_file(img->path, kernel);
}

static void build_child(const char *script, const char *target, int out,
			pid_t parent)
{
	child__begin(parent, SIGTERM);
	dup2(out, STDOUT_FILENO);
	execl(script, script, target, (char *)NULL);
	msg_error("%s: %s", script, strerror(errno));
	_exit(127);
}

/* Collects the output until it ends. Returns false when a signal came. */
static bool collect(int out, int sigfd, char **text, size_t *len)
{
	struct pollfd p[2] = {
		{ .fd = out, .events = POLLIN },
		{ .fd = sigfd, .events = POLLIN },
	};

	*text = xcalloc(1, 1);
	*len = 0;
	for (;;) {
		char buf[4096];
		ssize_t n;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return false;
		if (p[1].revents)
			return false;
		if (!p[0].revents)
			continue;
		n = read(out, buf, sizeof(buf));
		if (n <= 0)
			return true;
		*text = xrealloc(*text, *len + (size_t)n + 1);
		memcpy(*text + *len, buf, (size_t)n);
		*len += (size_t)n;
		(*text)[*len] = '\0';
	}
}

static char *last_line(char *text, size_t len)
{
	char *nl;

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	nl = strrchr(text, '\n');
	return nl ? nl + 1 : text;
}

char *image__build(const struct paths *paths, const char *target)
{
	char *script = xasprintf("%s/kernel/build.sh", paths->top);
	char *text = NULL, *path = NULL;
	sigset_t stop, old;
	int pipefd[2], sigfd, status = 0;
	size_t len;
	pid_t pid, parent = getpid();
	bool whole;

	if (access(script, X_OK)) {
		msg_error("%s: %s; is VMTEST_TOP the source tree?", script,
			  strerror(errno));
		free(script);
		return NULL;
	}
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, &old);
	sigfd = signalfd(-1, &stop, SFD_CLOEXEC);
	if (sigfd < 0 || pipe2(pipefd, O_CLOEXEC)) {
		msg_error("%s: %s", script, strerror(errno));
		free(script);
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		build_child(script, target, pipefd[1], parent);
	close(pipefd[1]);
	whole = pid > 0 && collect(pipefd[0], sigfd, &text, &len);
	if (pid > 0) {
		if (!whole)
			kill(-pid, SIGTERM);
		waitpid(pid, &status, 0);
	}
	/* The signal itself was not read: it is still there for our caller. */
	close(sigfd);
	close(pipefd[0]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (!whole)
		msg_error("target %s: interrupted while its kernel was made; the next time goes on from here",
			  target);
	else if (!WIFEXITED(status) || WEXITSTATUS(status))
		msg_error("target %s: %s did not make a kernel; see its messages above",
			  target, script);
	else if (*last_line(text, len) != '/')
		msg_error("target %s: %s printed no path as its last line",
			  target, script);
	else
		path = xstrdup(last_line(text, len));
	free(text);
	free(script);
	return path;
}
