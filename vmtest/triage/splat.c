// SPDX-License-Identifier: GPL-2.0-only
/* Writes splat.txt from the kernel's text: summary, symbols, lines by addr2line. */
#include "vmtest/triage/splat.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/capped_file.h"
#include "vmtest/lib/process.h"
#include "vmtest/lib/util.h"
#include "vmtest/triage/console.h"
#include "vmtest/triage/fault.h"
#include "vmtest/triage/hang_site.h"
#include "vmtest/triage/symtab.h"

#define FILE_MAX (64ULL * 1024 * 1024)
/* Most faults in the summary, for a kernel that reports without end. */
#define HEAD_FAULTS 5

struct lines_of {
	struct strv text;
	uint64_t *addr;		/* per line; 0: unknown */
	char **where;
};

/* Returns the address of the line's "symbol+0xoff/0xsize", or 0. */
static uint64_t address_in(const char *line, const struct symtab *t)
{
	const char *text = console__skip_stamp(line), *plus, *name;
	unsigned long long off, size;
	uint64_t addr;
	int end = 0;

	for (plus = text; (plus = strstr(plus, "+0x")); plus++) {
		if (sscanf(plus, "+0x%llx/0x%llx%n", &off, &size, &end) == 2)
			break;
	}
	/* "[name]" after it: a symbol of a module, which is not in this file. */
	if (!plus || (plus[end] == ' ' && plus[end + 1] == '[' &&
		      isalpha((unsigned char)plus[end + 2])))
		return 0;
	for (name = plus; name > text && fault__of_name(name[-1]);)
		name--;
	addr = symtab__find(t, name, (size_t)(plus - name), size);
	if (!addr)
		return 0;
	/* A stack has return addresses, which may belong to the next line. */
	if (off && (name == text || (name == text + 2 && *text == '?')))
		off--;
	return addr + off;
}

/* Replaces the address in "CPU 1: 0xffffffff81339b48" by its symbol. */
static uint64_t address_of_cpu(char **line, const struct symtab *t)
{
	unsigned long long addr;
	const char *name;
	uint64_t off;
	int cpu, end = 0;

	if (sscanf(*line, "CPU %d: 0x%llx%n", &cpu, &addr, &end) != 2 ||
	    (*line)[end])
		return 0;
	name = symtab__at(t, addr, &off);
	if (!name)
		return 0;
	free(*line);
	*line = xasprintf("CPU %d: %s+0x%llx", cpu, name,
			  (unsigned long long)off);
	return addr;
}

/* Shortens "/build/directory/src/kernel/pid.c:1 (discriminator 2)". */
static char *shorten(char *place)
{
	char *p, *from = place;

	place[strcspn(place, " ")] = '\0';
	for (p = place; (p = strstr(p, "/src/")); p++)
		from = p + strlen("/src/");
	if (!strncmp(from, "./", 2))
		from += 2;
	return *from == '?' ? NULL : from;
}

/* Takes output of addr2line -a -i: address, line, lines where it is inlined. */
static void take_places(struct lines_of *l, char *out)
{
	size_t i = 0, next = 0;
	char *line, *place;

	while ((line = strsep(&out, "\n"))) {
		if (!strncmp(line, "0x", 2)) {
			while (next < l->text.n && !l->addr[next])
				next++;
			if (next == l->text.n)
				return;
			i = next++;
		} else if (next && *line && (place = shorten(line))) {
			auto_free char *was = l->where[i];

			l->where[i] = was ? xasprintf("%s, inlined at %s", was,
						      place) :
					    xstrdup(place);
		}
	}
}

/* Returns addr2line's exit status, or -errno. */
static int run_addr2line(const char *debug, int in, int out)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid == 0) {
		child__begin(parent, SIGKILL);
		if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
			execlp("addr2line", "addr2line", "-a", "-i", "-e",
			       debug, (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		return -errno;
	status = child__reap(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* Returns NULL, or the reason why source lines are missing. */
static char *resolve(struct lines_of *l, const char *debug)
{
	struct symtab t;
	char *missing = NULL, *text, path[32];
	int err = symtab__load(&t, debug);
	int in = memfd_create("addresses", MFD_CLOEXEC);
	int out = memfd_create("places", MFD_CLOEXEC);

	for (size_t i = 0; !err && i < l->text.n; i++) {
		l->addr[i] = address_of_cpu(&l->text.v[i], &t);
		if (!l->addr[i])
			l->addr[i] = address_in(l->text.v[i], &t);
		if (l->addr[i])
			dprintf(in, "0x%llx\n", (unsigned long long)l->addr[i]);
	}
	symtab__free(&t);
	lseek(in, 0, SEEK_SET);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", out);
	if (err) {
		missing = xasprintf("%s: %s (a distribution's kernel comes without)",
				    debug, strerror(-err));
	} else if ((err = run_addr2line(debug, in, out))) {
		missing = err == 127 ? xstrdup("addr2line is missing; install binutils") :
				       xstrdup("addr2line failed");
	} else if (!read_file(path, &text, NULL)) {
		take_places(l, text);
		free(text);
	}
	close(in);
	close(out);
	return missing;
}

/* Adds the summary and an empty line, or nothing if no fault and place is known. */
static void add_summary(struct lines_of *l, const char *console,
			const char *registers, const struct scanner *s,
			const struct allow *allow)
{
	struct faults faults = { 0 };

	faults__find(&faults, console, s, allow);
	for (size_t i = 0; i < faults.n && i < HEAD_FAULTS; i++) {
		const struct fault *f = &faults.v[i];

		strv__addf(&l->text, "fault %s: %s", f->fingerprint, f->title);
		for (size_t k = 0; k < f->frames.n; k++)
			strv__add(&l->text, f->frames.v[k]);
	}
	hang_site__find(&l->text, console, registers, s);
	if (l->text.n)
		strv__add(&l->text, "");
	faults__free(&faults);
}

struct search {
	struct strv *out;
	const struct scanner *scanner;
	const struct allow *allow;
	bool on;
};

static void take_line(void *ctx, char *line)
{
	struct search *w = ctx;

	w->on |= console__classify(line, w->scanner, w->allow) > CONSOLE_ALLOWED ||
		 console__is_dump(console__skip_stamp(line));
	if (w->on)
		strv__add(w->out, line);
}

/* Takes the lines from the first splat on, or from the dump that sysrq printed. */
static void take_lines(struct lines_of *l, const char *text, const struct scanner *s,
		       const struct allow *allow)
{
	struct search w = { .out = &l->text, .scanner = s, .allow = allow };

	console_lines__each(text, take_line, &w);
	l->addr = xcalloc(l->text.n + 1, sizeof(*l->addr));
	l->where = xcalloc(l->text.n + 1, sizeof(*l->where));
}

static int put_lines(const struct lines_of *l, const char *dir,
		     const char *missing)
{
	struct capped_file s;
	int err = capped_file__open(&s, dir, "splat.txt", FILE_MAX, 0666);

	if (err)
		return err;
	if (missing)
		capped_file__printf(&s, "# not symbolised: %s\n", missing);
	for (size_t i = 0; i < l->text.n; i++) {
		capped_file__printf(&s, "%s", l->text.v[i]);
		if (l->where[i])
			capped_file__printf(&s, " (%s)", l->where[i]);
		capped_file__printf(&s, "\n");
	}
	return capped_file__close(&s);
}

int splat__write(const char *dir, const char *image, const char *text,
		 const struct scanner *s, const struct allow *allow)
{
	auto_free char *path = xasprintf("%s/registers", dir), *registers = NULL;
	auto_free char *missing = NULL;
	const char *slash = strrchr(image, '/');
	auto_free char *debug = xasprintf("%.*svmlinux.debug",
					  slash ? (int)(slash + 1 - image) : 0, image);
	struct lines_of l = { 0 };
	int err = 0;

	read_file(path, &registers, NULL);
	add_summary(&l, text, registers, s, allow);
	take_lines(&l, text, s, allow);
	if (l.text.n) {
		/* This text remains if addr2line takes too long. */
		err = put_lines(&l, dir, "addr2line was stopped");
		missing = resolve(&l, debug);
		if (!err)
			err = put_lines(&l, dir, missing);
	}
	for (size_t i = 0; i < l.text.n; i++)
		free(l.where[i]);
	free(l.where);
	free(l.addr);
	strv__free(&l.text);
	return err;
}
