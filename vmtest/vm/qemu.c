// SPDX-License-Identifier: GPL-2.0-only
/* Builds QEMU's command line, starts QEMU with its channels, kills and reaps it. */
#include "vmtest/vm/qemu.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/image/needs.h"
#include "vmtest/lib/process.h"
#include "vmtest/wire/protocol.h"

#define GUEST_MIB 512
/* Buffers the guest's output while the runner is busy elsewhere. */
#define SOCKET_BUFFER (1024 * 1024)

static const struct {
	const char *machine, *serial_bus;
} machines[] = {
	/* acpi=off: else QEMU does not put virtio-mmio devices on the command line. */
	[MACHINE_MMIO] = { "microvm,acpi=off", "virtio-serial-device" },
	/*
	 * pic=off: Linux leaves the PIC alone on a machine with reduced ACPI
	 * hardware, and QEMU 10 begins with LINT0 unmasked. A tick of the PIT
	 * would come through it as vector 0, which is a divide error.
	 */
	[MACHINE_PCI] = { "microvm,acpi=on,pcie=on,rtc=on,pic=off",
			  "virtio-serial-pci" },
};

#define TCG_MULTI "tcg,thread=multi"
#define TCG_SINGLE "tcg,thread=single"

/*
 * qemu64 boots a quarter faster than max under TCG (no SMAP, XSAVE, PCID);
 * RDRAND seeds the guest's random numbers at once, the rest makes it an
 * x86-64-v2 for programs that need one.
 */
static const struct {
	const char *accel, *cpu;
} accels[] = {
	[ACCEL_KVM] = { "kvm", "host" },
	[ACCEL_TCG] = { TCG_MULTI,
			"qemu64,+rdrand,+ssse3,+sse4.1,+sse4.2,+popcnt" },
};

static const char *const channel_names[] = {
	[CHANNEL_CONSOLE] = "console",
	[CHANNEL_RESULT] = "result",
	[CHANNEL_TRACE] = "trace",
	[CHANNEL_QMP] = "qmp",
	[CHANNEL_INPUT] = "input",
};

char *qemu__program(void)
{
	const char *env = getenv("QEMU");
	const char *name = env && *env ? env : "qemu-system-x86_64";
	char *path = needs__which(name);

	if (!path)
		msg__error("%s: no such program; \"./deps.sh --how qemu-system-x86_64\" names the package, or set QEMU to a QEMU for x86_64",
			  name);
	return path;
}

/* Parameters of every guest's kernel. */
static const char *const params[] = {
	"console=ttyS0", "earlyprintk=ttyS0",
	/*
	 * reboot=t (triple fault) with -no-reboot: QEMU ends when the guest
	 * does. panic=-1: a panic ends the guest at once.
	 */
	"panic=-1", "reboot=t",
	/* RDRAND seeds random numbers at once, so no task waits for entropy. */
	"random.trust_cpu=on",
	/* Keeps addresses the same in all runs. */
	"nokaslr",
	/* Enables the dump of a hung guest. */
	"sysrq_always_enabled",
	/* vmtest/guest/cpus.c brings the other CPUs online when tests run. */
	"maxcpus=1",
	"mitigations=off",
	/* Skips a check ("timer doesn't work!") that fails on a busy host. */
	"no_timer_check",
	"tsc=reliable",
};

/*
 * Adds values that the kernel would measure, wrongly on a busy host. lpj= is for
 * the secondary CPUs, whose measurement would take a second.
 */
static void add_tsc(struct strv *words, const struct qemu_spec *spec)
{
	strv__addf(words, "tsc_early_khz=%lu", spec->tsc_khz);
	if (spec->image->hz)
		strv__addf(words, "lpj=%lu",
			   spec->tsc_khz * 1000 / spec->image->hz);
}

static char *kernel_cmdline(const struct qemu_spec *spec)
{
	auto_strv words = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(params); i++)
		strv__add(&words, params[i]);
	if (spec->accel == ACCEL_TCG && spec->tsc_khz)
		add_tsc(&words, spec);
	if (spec->icount)
		strv__add(&words, icount_params);
	/* The test failnth counts objects by their caches. */
	if (spec->image->faults)
		strv__add(&words, "slab_nomerge");
	for (size_t i = 0; i < spec->image->san.params.n; i++)
		strv__add(&words, spec->image->san.params.v[i]);
	/* Unchanged: the kernel's quoting differs from the shell's. */
	for (size_t i = 0; spec->append && i < spec->append->n; i++)
		strv__add(&words, spec->append->v[i]);
	return strv__join(&words, " ");
}

uint64_t qemu__mib(const struct qemu_spec *spec)
{
	return spec->mib ? spec->mib : GUEST_MIB + spec->image->san.mib;
}

/*
 * Backs guest memory by a file. A shared file is written to, and migration leaves
 * the memory out; a private file is only read, each page at its first access.
 */
static void add_ram(struct strv *a, const struct qemu_spec *spec)
{
	strv__pair(a, "-object", "memory-backend-file,id=ram,size=%lluM,mem-path=%s,share=%s",
		   (unsigned long long)qemu__mib(spec), spec->ram,
		   spec->incoming ? "off" : "on");
	if (!spec->incoming)
		return;
	strv__pair(a, "-incoming", "defer");
}

static void add_sockets(struct strv *a, const struct qemu_spec *spec,
			const int fd[CHANNEL_NR])
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		strv__pair(a, "-chardev", "socket,id=%s,fd=%d", channel_names[i], fd[i]);
	}
	strv__pair(a, "-serial", "chardev:console");
	strv__pair(a, "-qmp", "chardev:qmp");
	strv__pair(a, "-device", "%s,id=ports",
		   machines[spec->image->machine].serial_bus);
	strv__pair(a, "-device", "virtserialport,chardev=result,name=" PORT_RESULT);
	strv__pair(a, "-device", "virtserialport,chardev=trace,name=" PORT_TRACE);
	strv__pair(a, "-device", "virtserialport,chardev=input,name=" PORT_INPUT);
	if (!spec->gdb)
		return;
	strv__pair(a, "-chardev", "socket,id=gdb,server=on,wait=off,fd=%d", spec->gdb);
	strv__pair(a, "-gdb", "chardev:gdb");
}

static size_t add_files(struct strv *a, const struct qemu_spec *spec, int qmp)
{
	size_t machine;

	icount__machine(a);
	machine = a->n;
	icount__mode(a, spec->icount, spec->icount_shift, spec->seed);
	strv__pair(a, "-initrd", ICOUNT_INITRAMFS);
	strv__pair(a, "-chardev", "socket,id=qmp,fd=%d", qmp);
	strv__pair(a, "-qmp", "chardev:qmp");
	return machine;
}

static unsigned int cpus_of(const struct qemu_spec *spec)
{
	return spec->icount ? 1 : spec->cpus ? spec->cpus : GUEST_CPUS;
}

static bool one_thread(const struct qemu_spec *spec)
{
	return spec->icount || (spec->accel == ACCEL_TCG && spec->tcg.one_thread);
}

static bool no_cmpxchg16b(const struct qemu_spec *spec)
{
	return spec->accel == ACCEL_TCG && spec->tcg.no_cmpxchg16b;
}

unsigned int qemu__threads(const struct qemu_spec *spec)
{
	return one_thread(spec) ? 1 : cpus_of(spec);
}

static const char *accel_of(const struct qemu_spec *spec)
{
	if (spec->icount || (one_thread(spec) && cpus_of(spec) > 1))
		return TCG_SINGLE;
	return accels[spec->accel].accel;
}

/* Returns how many arguments describe the machine; the others say how to run it. */
static size_t build_argv(struct strv *a, const struct qemu_spec *spec,
			 const int fd[CHANNEL_NR])
{
	strv__add(a, spec->program);
	strv__add(a, "-nodefaults");
	strv__add(a, "-no-user-config");
	strv__add(a, "-no-reboot");
	strv__pair(a, "-display", "none");
	strv__pair(a, "-machine", "%s%s", machines[spec->image->machine].machine,
		   spec->ram ? ",memory-backend=ram" : "");
	strv__pair(a, "-accel", "%s", accel_of(spec));
	strv__pair(a, "-cpu", "%s%s", accels[spec->accel].cpu,
		   no_cmpxchg16b(spec) ? ",-cx16" : "");
	strv__pair(a, "-smp", "%u", cpus_of(spec));
	strv__pair(a, "-m", "%llu", (unsigned long long)qemu__mib(spec));
	if (spec->ram)
		add_ram(a, spec);
	strv__pair(a, "-kernel", "%s", spec->image->path);
	strv__add(a, "-append");
	strv__take(a, kernel_cmdline(spec));
	if (spec->icount)
		return add_files(a, spec, fd[CHANNEL_QMP]);
	strv__pair(a, "-initrd", "%s", spec->initramfs);
	add_sockets(a, spec, fd);
	return a->n;
}

char *qemu__inputs(const struct qemu_spec *spec)
{
	const int no_fds[CHANNEL_NR] = { 0 };
	struct qemu_spec plain = *spec;
	auto_strv lines = { 0 }, argv = { 0 };
	char *text;

	/* Left out: the measured value varies on the same host. */
	plain.tsc_khz = 0;
	plain.ram = NULL;
	plain.incoming = false;
	build_argv(&argv, &plain, no_fds);
	strv__take(&lines, strv__quote(&argv));
	strv__take(&lines, file_state(spec->program));
	strv__take(&lines, file_state(spec->image->path));
	/* The initramfs, in argv, is named by its contents. */
	if (read_file("/proc/sys/kernel/random/boot_id", &text, NULL))
		text = xstrdup("");
	strv__take(&lines, text);
	return strv__join(&lines, "\n");
}

static void child(struct qemu *q, const struct qemu_spec *spec,
		  const int theirs[CHANNEL_NR], pid_t parent)
{
	const struct rlimit no_core = { 0, 0 };

	/* QEMU aborts if KVM does not work; avoids the core dump. */
	setrlimit(RLIMIT_CORE, &no_core);
	child__begin(parent, SIGKILL);
	for (int i = 0; i < CHANNEL_NR; i++)
		fcntl(theirs[i], F_SETFD, 0);
	if (spec->gdb)
		fcntl(spec->gdb, F_SETFD, 0);
	child__redirect(spec->log_fd);
	if (spec->icount && (chdir(spec->dir) || setenv("TMPDIR", ".", 1)))
		_exit(127);
	execv(q->argv.v[0], q->argv.v);
	msg__error("%s: %s", q->argv.v[0], strerror(errno));
	_exit(127);
}

/* QEMU appends to files which the runner reads, so neither side ever waits. */
static int make_files(struct qemu *q, const char *dir)
{
	for (size_t i = 0; i < ARRAY_SIZE(icount_files); i++) {
		auto_free char *path = xasprintf("%s/%s", dir, icount_files[i]);
		int fd = open(path, O_RDONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			      0600);

		if (fd < 0)
			return -errno;
		close(q->fd[i]);
		q->fd[i] = fd;
	}
	return 0;
}

static int make_channels(struct qemu *q, int theirs[CHANNEL_NR])
{
	int size = SOCKET_BUFFER;

	for (int i = 0; i < CHANNEL_NR; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			return -errno;
		q->fd[i] = pair[0];
		theirs[i] = pair[1];
		/* Best effort: net.core.wmem_max may limit the size. */
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		fcntl(pair[0], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static void close_all(int fd[CHANNEL_NR])
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

int qemu__start(struct qemu *q, const struct qemu_spec *spec)
{
	int theirs[CHANNEL_NR] = { -1, -1, -1, -1, -1 };
	pid_t parent = getpid();
	int err;

	memset(q, 0, sizeof(*q));
	q->pidfd = -1;
	memset(q->fd, -1, sizeof(q->fd));
	err = make_channels(q, theirs);
	if (!err && spec->icount)
		err = make_files(q, spec->dir);
	if (!err) {
		q->machine = build_argv(&q->argv, spec, theirs);
		q->pid = fork();
		if (q->pid == 0)
			child(q, spec, theirs, parent);
		if (q->pid < 0)
			err = -errno;
	}
	close_all(theirs);
	if (!err) {
		/* Repeats the child's setpgid(), so that any kill finds the group. */
		setpgid(q->pid, q->pid);
		q->pidfd = child__pidfd(q->pid);
		if (q->pidfd < 0)
			err = -errno;
	}
	if (err) {
		msg__error("%s: cannot be started: %s", spec->program,
			  strerror(-err));
		qemu__kill(q);
		qemu__free(q);
	}
	return err;
}

void qemu__kill(struct qemu *q)
{
	char how[64];

	if (q->pid <= 0)
		return;
	kill(-q->pid, SIGKILL);
	kill(q->pid, SIGKILL);
	qemu__reap(q, how, sizeof(how));
}

/* Returns the thread's second number in schedstat, in seconds. */
static double thread_waited_s(const char *tasks, const char *tid)
{
	auto_free char *path = xasprintf("%s/%s/schedstat", tasks, tid), *text = NULL;
	unsigned long long ns;

	if (read_file(path, &text, NULL) || sscanf(text, "%*u %llu", &ns) != 1)
		return 0;
	return (double)ns / 1e9;
}

double qemu__waited_s(const struct qemu *q)
{
	auto_free char *tasks = xasprintf("/proc/%d/task", q->pid);
	double most = 0;
	struct dirent *e;
	DIR *dir;

	dir = q->pid > 0 ? opendir(tasks) : NULL;
	while (dir && (e = readdir(dir))) {
		double s = thread_waited_s(tasks, e->d_name);

		if (s > most)
			most = s;
	}
	if (dir)
		closedir(dir);
	return most;
}

int qemu__reap(struct qemu *q, char *how, size_t size)
{
	int status = child__reap(q->pid);

	/* Kills processes that a wrapper of QEMU left behind. */
	kill(-q->pid, SIGKILL);
	q->pid = 0;
	if (WIFSIGNALED(status))
		snprintf(how, size, "signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(how, size, "exit status %d", WEXITSTATUS(status));
	return status;
}

void qemu__free(struct qemu *q)
{
	if (q->pidfd >= 0)
		close(q->pidfd);
	q->pidfd = -1;
	close_all(q->fd);
	strv__free(&q->argv);
}
