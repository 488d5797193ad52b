// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the files that kernel/build.sh puts beside a target's kernel or a user's
 * image. The config determines the guest's machine; without a config, the most
 * common machine is tried.
 */
#include "vmtest/image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/image/paths.h"
#include "vmtest/lib/process.h"
#include "vmtest/lib/util.h"

/* Options that init and the channels need. A driver may also be a packed module. */
static const struct need {
	const char *option, *module;
} required[] = {
	{ "CONFIG_BLK_DEV_INITRD", NULL }, { "CONFIG_DEVTMPFS", NULL },
	{ "CONFIG_VIRTIO_CONSOLE", "virtio_console" },
	{ "CONFIG_SERIAL_8250_CONSOLE", NULL }, { "CONFIG_PROC_FS", NULL },
	{ "CONFIG_SYSFS", NULL }, { "CONFIG_PID_NS", NULL },
};

/* Options with which a test makes allocations fail. */
static const char *const for_faults[] = {
	"CONFIG_FAULT_INJECTION_DEBUG_FS", "CONFIG_FAILSLAB",
	"CONFIG_FAIL_PAGE_ALLOC",
};

/* Returns the text after "OPTION=" at the start of a line, or NULL. */
static const char *config_value(const char *text, const char *option)
{
	size_t len = strlen(option);

	for (const char *p = text; (p = strstr(p, option)); p += len) {
		if ((p == text || p[-1] == '\n') && p[len] == '=')
			return p + len + 1;
	}
	return NULL;
}

static bool config_has(const char *text, const char *option)
{
	const char *val = config_value(text, option);

	return val && *val == 'y';
}

/* Returns true if the driver is built in, or its module exists. */
static bool has_driver(const struct image *img, const char *text,
		       const char *option, const char *module)
{
	const char *val = config_value(text, option);
	auto_free char *path = NULL;

	if (!val || *val != 'm' || !module || !img->modules)
		return config_has(text, option);
	path = xasprintf("%s/%s.ko", img->modules, module);
	return !access(path, R_OK);
}

static int check_required(const struct image *img, const char *text)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(required); i++) {
		if (has_driver(img, text, required[i].option,
			       required[i].module))
			continue;
		msg__error("%s: %s=y is missing; the guest cannot work without it",
			  img->config, required[i].option);
		err = -ENOTSUP;
	}
	return err;
}

/* Chooses a machine for which the kernel has the drivers. */
static int choose_machine(struct image *img, const char *text)
{
	if (config_has(text, "CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES") &&
	    config_has(text, "CONFIG_VIRTIO_MMIO")) {
		img->machine = MACHINE_MMIO;
		return 0;
	}
	img->machine = MACHINE_PCI;
	if (config_has(text, "CONFIG_ACPI") &&
	    has_driver(img, text, "CONFIG_VIRTIO_PCI", "virtio_pci"))
		return 0;
	msg__error("%s: set CONFIG_VIRTIO_MMIO and CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES, or CONFIG_VIRTIO_PCI and CONFIG_ACPI, to y",
		  img->config);
	return -ENOTSUP;
}

static void take_features(struct image *img, const char *text)
{
	const char *hz = config_value(text, "CONFIG_HZ");

	img->hz = hz ? strtoul(hz, NULL, 10) : 0;
	img->faults = true;
	for (size_t i = 0; i < ARRAY_SIZE(for_faults); i++)
		img->faults &= config_has(text, for_faults[i]);
	for (size_t i = 0; i < sanitizers_nr; i++) {
		if (config_has(text, sanitizers[i].option))
			sanitizing__add(&img->san, &sanitizers[i]);
	}
}

/* Returns true if the file has options; without a config, build.sh writes none. */
static bool config_known(const char *text)
{
	return !strncmp(text, "CONFIG_", 7) || strstr(text, "\nCONFIG_");
}

/* A kernel with an unknown config is tried: no option counts as missing. */
static int judge_config(struct image *img)
{
	char *text = NULL;
	int err = 0, machine_err;

	if (img->config)
		err = read_file(img->config, &text, NULL);
	if (err) {
		msg__error("%s: %s", img->config, strerror(-err));
		return err;
	}
	if (!text || !config_known(text)) {
		msg__note("%s: its config is not known; trying a machine with ACPI and PCI",
			 img->path);
		if (text && *text)
			msg__debug("%s", text);
		img->machine = MACHINE_PCI;
		free(img->config);
		img->config = NULL;
	} else {
		err = check_required(img, text);
		take_features(img, text);
		machine_err = choose_machine(img, text);
		err = err ?: machine_err;
	}
	free(text);
	return err;
}

/* Returns the path of a file beside the image, or NULL. */
static char *beside(const char *path, const char *name)
{
	char *found = xasprintf("%.*s%s", (int)(strrchr(path, '/') + 1 - path),
				path, name);

	if (!access(found, R_OK))
		return found;
	free(found);
	return NULL;
}

static int take_property(void *ctx, const char *path, int nr, char *line)
{
	static const char release[] = "release=", mode[] = "mode=";
	struct image *img = ctx;

	(void)path;
	(void)nr;
	if (!strncmp(line, release, strlen(release)) && !img->release)
		img->release = xstrdup(line + strlen(release));
	else if (!strncmp(line, mode, strlen(mode)) && !img->mode)
		img->mode = xstrdup(line + strlen(mode));
	return 0;
}

/* Finds the parts that build.sh puts beside an image. */
static int take_parts(struct image *img)
{
	auto_free char *properties = beside(img->path, "target");
	int err;

	img->config = beside(img->path, "config");
	img->modules = beside(img->path, "modules");
	err = properties ? each_line(properties, take_property, img) : 0;
	return err ?: judge_config(img);
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
		msg__error("kernel %s: %s", path, strerror(-err));
	} else if (!S_ISREG(st.st_mode)) {
		msg__error("kernel %s: not a file; a vmlinux or bzImage is needed",
			  path);
		err = -EINVAL;
	} else {
		err = take_parts(img);
	}
	if (err)
		image__free(img);
	return err;
}

void image__free(struct image *img)
{
	free(img->path);
	free(img->config);
	free(img->modules);
	free(img->release);
	free(img->mode);
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

/* Arguments of build.sh. The file replaces the tree in KERNEL_SRC. */
struct script {
	const char *path, *option, *target;
	const char *file;	/* value of BZIMAGE, or NULL */
};

static void build_child(const struct script *s, int out, pid_t parent)
{
	const char *script = s->path;

	child__begin(parent, SIGTERM);
	dup2(out, STDOUT_FILENO);
	if (s->file) {
		setenv("BZIMAGE", s->file, 1);
		unsetenv("KERNEL_SRC");
	}
	if (s->option)
		execl(script, script, s->option, s->target, (char *)NULL);
	else
		execl(script, script, s->target, (char *)NULL);
	msg__error("%s: %s", script, strerror(errno));
	_exit(127);
}

/* Reads the output to its end. Returns false if a signal came first. */
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

/* Runs the script. Returns its wait status, or -1 if it was interrupted. */
static int run_script(const struct script *s, char **text, size_t *len)
{
	sigset_t stop, old;
	int pipefd[2], sigfd, status = -1;
	pid_t pid, parent = getpid();
	bool whole;

	if (pipe2(pipefd, O_CLOEXEC)) {
		msg__error("%s: %s", s->path, strerror(errno));
		return -1;
	}
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, &old);
	sigfd = signalfd(-1, &stop, SFD_CLOEXEC);
	pid = fork();
	if (pid == 0)
		build_child(s, pipefd[1], parent);
	/* A signal may be pending: the group has to exist before the kill. */
	if (pid > 0)
		setpgid(pid, pid);
	close(pipefd[1]);
	whole = pid > 0 && collect(pipefd[0], sigfd, text, len);
	if (pid > 0) {
		if (!whole)
			kill(-pid, SIGTERM);
		waitpid(pid, &status, 0);
	}
	/* The signal was not read, and is still pending for the caller. */
	close(sigfd);
	close(pipefd[0]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return whole ? status : -1;
}

/* Returns the path in the script's last line, or NULL with a message. */
static char *path_of(const char *script, const char *what, int status,
		     char *text, size_t len)
{
	if (status < 0)
		msg__error("%s: interrupted while its kernel was built; the next run continues the build",
			  what);
	else if (!WIFEXITED(status) || WEXITSTATUS(status))
		msg__error("%s: %s did not build a kernel; see its messages above",
			  what, script);
	else if (*last_line(text, len) != '/')
		msg__error("%s: the last line that %s printed is not a path", what,
			  script);
	else
		return xstrdup(last_line(text, len));
	return NULL;
}

/* Returns the script's path, or NULL with a message; free it. */
static char *find_script(const struct paths *paths)
{
	char *script = xasprintf("%s/kernel/build.sh", paths->top);

	if (!access(script, X_OK))
		return script;
	msg__error("%s: %s; is VMTEST_TOP the source tree?", script,
		  strerror(errno));
	free(script);
	return NULL;
}

char *image__build(const struct paths *paths, const char *target,
		   const char *file)
{
	auto_free char *script = find_script(paths), *text = NULL, *what = NULL;
	struct script s = { .path = script, .target = target, .file = file };
	size_t len = 0;
	int status;

	if (!script)
		return NULL;
	what = target ? xasprintf("target %s", target) :
			xasprintf("kernel %s", file);
	status = run_script(&s, &text, &len);
	return path_of(script, what, status, text, len);
}

/* Returns true if build.sh exits with 0. */
static bool ask_script(const struct paths *paths, const char *option,
		       const char *target)
{
	auto_free char *script = find_script(paths), *text = NULL;
	struct script s = { .path = script, .option = option,
			    .target = target };
	size_t len = 0;
	int status = script ? run_script(&s, &text, &len) : -1;

	return status >= 0 && WIFEXITED(status) && !WEXITSTATUS(status);
}

bool image__is_made(const struct paths *paths, const char *target)
{
	return ask_script(paths, "--cached", target);
}

bool image__applies(const struct paths *paths, const char *target)
{
	return ask_script(paths, "--applies", target);
}
