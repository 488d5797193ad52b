// SPDX-License-Identifier: GPL-2.0-only
/* Reads ELF headers and "#!" lines, and asks the dynamic loader for libraries. */
#include "vmtest/image/needs.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPT_DEPTH_MAX 4

static bool is_executable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

char *needs__which(const char *cmd)
{
	const char *path = getenv("PATH"), *next;

	if (strchr(cmd, '/')) {
		char *real = is_executable(cmd) ? realpath(cmd, NULL) : NULL;

		/* An absolute link stays as given: busybox acts by its name. */
		if (real && *cmd == '/') {
			free(real);
			return xstrdup(cmd);
		}
		return real;
	}
	for (path = path ? path : "/usr/bin:/bin"; path; path = next) {
		size_t len = strcspn(path, ":");
		char *full = xasprintf("%.*s/%s", (int)len, path, cmd);

		if (*full == '/' && is_executable(full))
			return full;
		free(full);
		next = path[len] ? path + len + 1 : NULL;
	}
	return NULL;
}

/* Returns 1 and the PT_INTERP in *interp, 0 if the file has none, or -errno. */
static int elf_interp(const char *path, int fd, char **interp)
{
	size_t n = 0;
	Elf *elf;
	int ret = 0;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &n)) {
		msg__error("%s: neither an ELF file nor a script", path);
		ret = -ENOEXEC;
	}
	for (size_t i = 0; !ret && i < n; i++) {
		GElf_Phdr ph;
		char buf[PATH_MAX];

		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_INTERP)
			continue;
		if (!ph.p_filesz || ph.p_filesz >= sizeof(buf) ||
		    pread(fd, buf, ph.p_filesz, (off_t)ph.p_offset) !=
			    (ssize_t)ph.p_filesz) {
			msg__error("%s: damaged ELF file", path);
			ret = -ENOEXEC;
			break;
		}
		buf[ph.p_filesz] = '\0';
		*interp = xstrdup(buf);
		ret = 1;
	}
	elf_end(elf);
	return ret;
}

/* Takes "libc.so.6 => /lib/libc.so.6 (0x..)" or "/lib64/ld.. (0x..)". */
static int take_listed(const char *path, char *line, struct strv *out)
{
	char *arrow = strstr(line, "=> "), *p = arrow ? arrow + 3 : line, *end;

	while (isspace((unsigned char)*p))
		p++;
	if (arrow && !strncmp(p, "not found", 9)) {
		while (isspace((unsigned char)*line))
			line++;
		msg__error("%s: its library %.*s is not found; set LD_LIBRARY_PATH or install it",
			  path, (int)strcspn(line, " "), line);
		return -ENOENT;
	}
	if (*p != '/')
		return 0;
	end = strstr(p, " (0x");
	if (end)
		*end = '\0';
	strv__add(out, p);
	return 0;
}

static int list_libraries(const char *interp, const char *path,
			  struct strv *out)
{
	auto_free char *line = NULL;
	size_t cap = 0;
	int pipefd[2], status, err = 0;
	FILE *f;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		dup2(pipefd[1], STDOUT_FILENO);
		dup2(pipefd[1], STDERR_FILENO);
		execl(interp, interp, "--list", path, (char *)NULL);
		_exit(127);
	}
	close(pipefd[1]);
	if (pid < 0) {
		err = -errno;
		close(pipefd[0]);
		return err;
	}
	f = fdopen(pipefd[0], "r");
	while (f && getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!err)
			err = take_listed(path, line, out);
	}
	if (f)
		fclose(f);
	if (waitpid(pid, &status, 0) == pid && !err &&
	    !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
		msg__error("%s: its loader %s cannot list its libraries", path,
			  interp);
		err = -ENOEXEC;
	}
	return err;
}

static int needs_at(const char *path, struct strv *out, int depth);

static int script_needs(const char *path, char *line, struct strv *out,
			int depth)
{
	char *interp = line + 2, *arg;
	int err;

	interp += strspn(interp, " \t");
	interp[strcspn(interp, "\n")] = '\0';
	arg = interp + strcspn(interp, " \t");
	if (*arg)
		*arg++ = '\0';
	if (*interp != '/' || access(interp, X_OK)) {
		msg__error("%s: its interpreter %s does not exist", path, interp);
		return -ENOENT;
	}
	strv__add(out, interp);
	err = needs_at(interp, out, depth + 1);
	if (err || strcmp(strrchr(interp, '/') + 1, "env"))
		return err;
	/* "#!/usr/bin/env [-S] prog": prog is needed as well. */
	arg += strspn(arg, " \t");
	if (!strncmp(arg, "-S", 2))
		arg += 2 + strspn(arg + 2, " \t");
	arg[strcspn(arg, " \t")] = '\0';
	interp = needs__which(arg);
	if (!interp) {
		msg__error("%s: its interpreter %s is not in PATH", path, arg);
		return -ENOENT;
	}
	strv__add(out, interp);
	err = needs_at(interp, out, depth + 1);
	free(interp);
	return err;
}

static int needs_at(const char *path, struct strv *out, int depth)
{
	char head[512], *interp;
	ssize_t n;
	int fd, ret;

	if (depth > SCRIPT_DEPTH_MAX) {
		msg__error("%s: interpreters nested too deeply", path);
		return -ELOOP;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		msg__error("%s: %s", path, strerror(-ret));
		return ret;
	}
	n = pread(fd, head, sizeof(head) - 1, 0);
	head[n < 0 ? 0 : n] = '\0';
	if (!strncmp(head, "#!", 2)) {
		close(fd);
		return script_needs(path, head, out, depth);
	}
	ret = elf_interp(path, fd, &interp);
	close(fd);
	if (ret <= 0)
		return ret;
	ret = 0;
	if (access(interp, X_OK)) {
		msg__error("%s: its loader %s does not exist", path, interp);
		ret = -ENOENT;
	}
	strv__add(out, interp);
	if (!ret)
		ret = list_libraries(interp, path, out);
	free(interp);
	return ret;
}

int needs__of(const char *path, struct strv *out)
{
	return needs_at(path, out, 0);
}
