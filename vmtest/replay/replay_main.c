// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts QEMU with rr=replay on the files of a recorded run, follows its
 * progress, and compares its console, results and trace with the recorded ones.
 */
#include "vmtest/replay/replay_main.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/arguments.h"
#include "vmtest/image/needs.h"
#include "vmtest/lib/util.h"
#include "vmtest/lib/process.h"
#include "vmtest/options/options.h"
#include "vmtest/run/recording.h"
#include "vmtest/triage/gdbinit.h"
#include "vmtest/vm/debugger.h"
#include "vmtest/vm/icount.h"
#include "vmtest/vm/qemu.h"
#include "vmtest/wire/protocol.h"

#define TURN_MS 200
#define PROGRESS_S 2.0
/* A replay that writes nothing for so long has diverged from the recording. */
#define STUCK_S 60.0
/*
 * The longest wait for QEMU's end once all output is complete: a replay does not
 * always reach the end of a guest that slept when it was ended.
 */
#define ALL_THERE_S 5.0
/* The longest replay, as a multiple of the recording's time. */
#define SLOWER 20.0

struct replay {
	const char *dir;	/* directory of the recorded run */
	bool gdb;
	struct record rec;
	char *program, *own;	/* paths: QEMU, DIR/replay */
	int lock, signals, stop;
	pid_t qemu, debugger;
};

/*
 * The streams to compare: the file in DIR and in DIR/replay, the name in
 * messages, and the bytes at the end that only a replay may have.
 */
static const struct {
	const char *recorded, *replayed, *name, *tail;
} streams[] = {
	{ "console.log", ICOUNT_CONSOLE, "console", NULL },
	{ "trace.bin", ICOUNT_TRACE, "trace", TRACE_TRAILER },
	{ ICOUNT_RESULT, ICOUNT_RESULT, "results", NULL },
};

static const char *const own_files[] = {
	ICOUNT_CONSOLE, ICOUNT_RESULT, ICOUNT_TRACE, GDB_SOCKET, GDB_INIT, "log",
};

static uint64_t size_of(const char *dir, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", dir, name);
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

static int refuse(const struct replay *a, const char *what, const char *mend)
{
	msg__error("%s: %s; %s", a->dir, what, mend);
	return -EINVAL;
}

static int check_kernel(const struct replay *a)
{
	uint64_t hash;
	auto_free char *what = NULL;
	int err = hash_file(a->rec.kernel, &hash);

	if (!err && hash == a->rec.kernel_hash)
		return 0;
	what = xasprintf("its kernel %s %s", a->rec.kernel,
			 err ? "no longer exists" :
			       "has changed");
	return refuse(a, what, "rebuild the recorded kernel (make kernel), or record again with this one");
}

static int check_qemu(struct replay *a)
{
	auto_free char *have = NULL, *what = NULL;

	a->program = qemu__program();
	if (!a->program)
		return -ENOENT;
	have = recording__qemu_version(a->program);
	if (have && !strcmp(have, a->rec.qemu))
		return 0;
	what = xasprintf("recorded by \"%s\", but %s is \"%s\"",
			 a->rec.qemu, a->program, have ? have : "not a QEMU");
	return refuse(a, what, "set QEMU to the program that recorded it, or record again");
}

static int check_files(const struct replay *a)
{
	uint64_t have = size_of(a->dir, ICOUNT_LOG), hash;
	auto_free char *path = NULL, *what = NULL;

	if (have != a->rec.log_bytes) {
		what = have ? xasprintf("its recording " ICOUNT_LOG " has %llu bytes instead of %llu",
					(unsigned long long)have,
					(unsigned long long)a->rec.log_bytes) :
			      xstrdup("its recording " ICOUNT_LOG " is missing");
		return refuse(a, what, "record again with vmtest --record");
	}
	path = xasprintf("%s/" ICOUNT_INITRAMFS, a->dir);
	if (hash_file(path, &hash) || hash != a->rec.initramfs_hash)
		return refuse(a, "its " ICOUNT_INITRAMFS " is missing, or not the recorded one",
			      "record again with vmtest --record");
	return 0;
}

static int check(struct replay *a)
{
	int err = recording__read(&a->rec, a->dir);

	if (err == -ENOENT)
		return refuse(a, "not a recorded run: there is no " RECORD_FILE,
			      "name the directory of a run made with vmtest --record");
	if (err)
		return refuse(a, RECORD_FILE " cannot be parsed",
			      "record again with vmtest --record");
	return check_files(a) ?: check_kernel(a) ?: check_qemu(a);
}

static void remove_own(const struct replay *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_files); i++) {
		auto_free char *path = xasprintf("%s/%s", a->own, own_files[i]);

		unlink(path);
	}
}

/* Locks DIR/replay, as two replays would write the same files. */
static int take_own(struct replay *a)
{
	a->own = xasprintf("%s/replay", a->dir);
	a->lock = dirlock__take(a->own);
	if (a->lock < 0) {
		msg__error("%s: %s", a->own, a->lock == -EWOULDBLOCK ?
			  "another replay uses this directory" :
			  strerror(-a->lock));
		return a->lock;
	}
	remove_own(a);
	return 0;
}

static void build_argv(const struct replay *a, struct strv *argv)
{
	strv__add(argv, a->program);
	for (size_t i = 1; i < a->rec.machine.n; i++)
		strv__add(argv, a->rec.machine.v[i]);
	strv__pair(argv, "-icount", "shift=%d,rr=replay,rrfile=../" ICOUNT_LOG,
		   ICOUNT_SHIFT);
	strv__pair(argv, "-initrd", "../" ICOUNT_INITRAMFS);
	if (!a->gdb)
		return;
	strv__add(argv, "-S");
	strv__pair(argv, "-gdb", "unix:" GDB_SOCKET ",server=on,wait=off");
}

static void qemu_child(const struct replay *a, char **argv, pid_t parent)
{
	child__begin(parent, SIGKILL);
	if (chdir(a->own) || setenv("TMPDIR", ".", 1))
		_exit(127);
	umask(077);	/* QEMU writes a trace */
	child__redirect(open("log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
	execv(argv[0], argv);
	msg__error("%s: %s", argv[0], strerror(errno));
	_exit(127);
}

static int start_qemu(struct replay *a)
{
	auto_strv argv = { 0 };
	pid_t parent = getpid();

	build_argv(a, &argv);
	a->qemu = fork();
	if (a->qemu == 0)
		qemu_child(a, argv.v, parent);
	if (a->qemu < 0) {
		msg__error("fork: %s", strerror(errno));
		return -errno;
	}
	setpgid(a->qemu, a->qemu);
	return 0;
}

static int write_gdbinit(const struct replay *a)
{
	const struct gdb_guest guest = {
		.kernel = a->rec.kernel,
		.replayed = true,
		.instructions = a->rec.instructions,
	};

	return gdbinit__write(&guest, a->own);
}

static int start_debugger(struct replay *a)
{
	auto_free char *init = xasprintf("%s/" GDB_INIT, a->own);
	int err = 0;

	if (debugger__has_terminal()) {
		a->debugger = debugger__start(init, NULL);
		err = a->debugger < 0 ? a->debugger : 0;
	} else {
		printf("gdb -nx -x %s\n", init);
		err = fflush(stdout) ? -errno : 0;
	}
	return err;
}

static void kill_all(struct replay *a)
{
	if (a->debugger > 0)
		debugger__reap(a->debugger, true);
	if (a->qemu > 0) {
		kill(-a->qemu, SIGKILL);
		kill(a->qemu, SIGKILL);
		waitpid(a->qemu, NULL, 0);
	}
	a->debugger = a->qemu = 0;
}

static uint64_t written(const struct replay *a)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		n += size_of(a->own, streams[i].replayed);
	return n;
}

/* Returns true if each stream is as long as recorded; compare() reads the bytes. */
static bool all_there(const struct replay *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		if (size_of(a->own, streams[i].replayed) <
		    size_of(a->dir, streams[i].recorded))
			return false;
	}
	return true;
}

static void print_progress(const struct replay *a)
{
	msg__note("replaying: console %llu of %llu bytes, trace %llu of %llu",
		 (unsigned long long)size_of(a->own, ICOUNT_CONSOLE),
		 (unsigned long long)size_of(a->dir, "console.log"),
		 (unsigned long long)size_of(a->own, ICOUNT_TRACE),
		 (unsigned long long)size_of(a->dir, "trace.bin"));
}

/* Returns true if QEMU has ended, or gdb if gdb runs on this terminal. */
static bool ended(struct replay *a)
{
	siginfo_t info = { 0 };

	if (a->qemu > 0 && waitpid(a->qemu, NULL, WNOHANG) == a->qemu) {
		a->qemu = 0;
		/* gdb reports this itself, and the user quits gdb. */
		if (a->debugger <= 0)
			return true;
	}
	if (a->debugger > 0 && !waitid(P_PID, (id_t)a->debugger, &info,
				       WEXITED | WNOHANG | WNOWAIT) &&
	    info.si_pid) {
		debugger__reap(a->debugger, false);
		a->debugger = 0;
		return true;
	}
	return false;
}

/*
 * Waits for the end of the session. Returns 0, -EINTR after a signal, or, without
 * a debugger, -ETIME if the replay is stuck or too slow.
 */
static int follow(struct replay *a)
{
	double began = now_s(), moved = began, printed = began;
	double limit = began + STUCK_S + SLOWER * a->rec.seconds;
	struct pollfd p = { .fd = a->signals, .events = POLLIN };
	struct signalfd_siginfo si;
	uint64_t before = 0;

	while (!ended(a)) {
		double now = now_s();

		if (poll(&p, 1, TURN_MS) > 0 &&
		    read(a->signals, &si, sizeof(si)) == sizeof(si)) {
			/* A gdb on this terminal handles Ctrl-C itself. */
			if (si.ssi_signo == SIGINT && a->debugger > 0)
				continue;
			a->stop = (int)si.ssi_signo;
			return -EINTR;
		}
		if (a->gdb)
			continue;
		if (written(a) != before) {
			before = written(a);
			moved = now;
		}
		if (now - moved > (all_there(a) ? ALL_THERE_S : STUCK_S) ||
		    now > limit)
			return -ETIME;
		if (now - printed >= PROGRESS_S) {
			print_progress(a);
			printed = now;
		}
	}
	return 0;
}

int compare__files(const char *a, const char *b, const char *tail,
		   struct difference *d)
{
	size_t na, nb, n = tail ? strlen(tail) : 0, at = 0;
	auto_free char *ta = NULL, *tb = NULL;
	int err = read_file(a, &ta, &na) ?: read_file(b, &tb, &nb);

	if (err)
		return err;
	if (n && nb >= n && !memcmp(tb + nb - n, tail, n))
		nb -= n;
	while (at < na && at < nb && ta[at] == tb[at])
		at++;
	*d = (struct difference){ .a_bytes = na, .b_bytes = nb,
				  .same = at == na && at == nb, .at = at };
	return 0;
}

/* Reports the streams that differ. Returns 1 if any does, else 0, or -errno. */
static int compare(const struct replay *a)
{
	auto_free char *list = NULL;
	auto_strv same = { 0 };
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(streams) && ret >= 0; i++) {
		auto_free char *then = xasprintf("%s/%s", a->dir, streams[i].recorded);
		auto_free char *now = xasprintf("%s/%s", a->own, streams[i].replayed);
		struct difference d;
		int err = compare__files(then, now, streams[i].tail, &d);

		if (err) {
			msg__error("%s, %s: %s", then, now, strerror(-err));
			ret = err;
		} else if (d.same) {
			strv__addf(&same, "%s %llu bytes identical", streams[i].name,
				   (unsigned long long)d.a_bytes);
		} else {
			msg__error("%s differs at offset %llu: %s has %llu bytes, %s has %llu",
				  streams[i].name, (unsigned long long)d.at,
				  then, (unsigned long long)d.a_bytes, now,
				  (unsigned long long)d.b_bytes);
			ret = 1;
		}
	}
	list = strv__join(&same, ", ");
	if (same.n)
		printf("%s\n", list);
	return ret ?: fflush(stdout) ? -errno : 0;
}

static void print_log(const struct replay *a)
{
	auto_free char *path = xasprintf("%s/log", a->own), *text = NULL;
	char *rest, *line;

	if (read_file(path, &text, NULL))
		return;
	for (rest = text; (line = strsep(&rest, "\n"));)
		if (*line)
			msg__note("QEMU printed: %s", line);
}

static int replay(struct replay *a)
{
	int err = 0, ret;
	bool all;

	if (a->gdb)
		err = write_gdbinit(a);
	if (!err)
		err = start_qemu(a);
	if (!err && a->gdb)
		err = start_debugger(a);
	if (err)
		return EXIT_USAGE;
	err = follow(a);
	kill_all(a);
	if (err == -EINTR || a->gdb)
		return 0;
	all = all_there(a);
	if (err && !all)
		msg__error("%s: the replay stopped before the end of the recording; it stops where the next event is not a recorded one",
			  a->dir);
	ret = compare(a);
	if (ret)
		print_log(a);
	if (ret < 0)
		return EXIT_USAGE;
	if (err && all)
		msg__note("the recorded guest was killed from outside; the replay does not repeat that");
	return ret || (err && !all) ? 1 : 0;
}

static error_t parse_opt(int key, char *arg, struct argp_state *st)
{
	struct replay *a = st->input;

	switch (key) {
	case 'g':
		a->gdb = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->dir) {
			msg__error("replay: more than one directory; see --help");
			return EINVAL;
		}
		a->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->dir) {
			msg__error("replay: name the directory of a recorded run; see --help");
			return EINVAL;
		}
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int parse(struct replay *a, int argc, char **argv)
{
	static const struct argp_option opts[] = {
		{ "gdb", 'g', NULL, 0, "Stop before the first instruction, and connect gdb, which can run the guest forwards and backwards", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = opts, .parser = parse_opt, .args_doc = "DIR",
		.doc = "Replays the run recorded in DIR (vmtest --record) bit for bit, and compares the output.\v"
		       "Exit status: 0 all output is identical, 1 some output differs, 2 the run cannot be replayed.",
	};

	argp_err_exit_status = EXIT_USAGE;
	if (options__unknown(&argp, argc, argv))
		return EINVAL;
	return arguments__parse(&argp, argc, argv, 0, a);
}

int replay__main(int argc, char **argv)
{
	struct replay a = { .lock = -1, .signals = -1 };
	int status = EXIT_USAGE, stop;

	if (parse(&a, argc, argv))
		return EXIT_USAGE;
	a.signals = signals__open(0);
	if (a.signals >= 0 && !check(&a) && !take_own(&a)) {
		status = replay(&a);
		kill_all(&a);
		/* Files that differ are kept for inspection. */
		if (status != 1)
			remove_own(&a);
		rmdir(a.own);
	}
	stop = a.stop;
	if (a.lock >= 0)
		close(a.lock);
	if (a.signals >= 0)
		close(a.signals);
	recording__free(&a.rec);
	free(a.program);
	free(a.own);
	if (stop)
		signals__die_of(stop);
	return status;
}
