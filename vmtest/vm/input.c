// SPDX-License-Identifier: GPL-2.0-only
/*
 * The runner shares the open file of its standard input with its parent, and so
 * never makes the file nonblocking: a pipe or a terminal is reopened. Where
 * reopening is not allowed, a read follows a poll.
 *
 * Limits: such a read may block if another process reads the same input.
 */
#include "vmtest/vm/input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/lib/terminal.h"
#include "vmtest/lib/util.h"

#define STR_(x) #x
#define STR(x) STR_(x)
#define READ_SIZE (64 * 1024)
#define MIB (1024ULL * 1024)
#define BACKGROUND_S 0.5	/* between checks of the terminal */
#define NOTE_MS 2000

struct input {
	struct loop *loop;
	struct loop_watch watch;
	struct timer retry;
	int fd;
	bool terminal, socket, file;
	off_t start;		/* offset at which a file begins */
	char *dir;
	int kept;		/* file of the bytes kept; -1: none */
	uint64_t got;		/* bytes read, unless from a file */
	bool several, ended, dropped;
	int err;
	struct input_reader *readers;
};

static int open_again(int fd, const struct stat *st)
{
	char path[32];
	int again;

	if (S_ISSOCK(st->st_mode) || S_ISREG(st->st_mode))
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (again < 0)
		return fd;
	close(fd);
	return again;
}

/* Children get an empty standard input, as CMD reads the runner's. */
static int take_over(void)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0)
		return -errno;
	close(null);
	return fd;
}

void input__repair(void)
{
	int fd = fcntl(STDIN_FILENO, F_GETFD) < 0 ?
		 open("/dev/null", O_RDONLY) : STDIN_FILENO;

	if (fd > STDIN_FILENO)
		close(fd);
}

static void wake(struct input *in)
{
	struct input_reader *next;

	for (struct input_reader *r = in->readers; r; r = next) {
		next = r->next;
		if (!r->waits)
			continue;
		r->waits = false;
		r->more(r->ctx);
	}
}

static void on_input(void *ctx)
{
	struct input *in = ctx;

	loop__del(in->loop, &in->watch);
	wake(in);
}

static void on_retry(void *ctx)
{
	wake(ctx);
}

struct input *input__new(struct loop *loop, const char *dir, bool several)
{
	struct input *in = xcalloc(1, sizeof(*in));
	struct stat st;
	int err = 0;

	in->loop = loop;
	in->several = several;
	in->dir = xstrdup(dir);
	in->kept = -1;
	in->fd = take_over();
	if (in->fd < 0)
		err = in->fd;
	else if (fstat(in->fd, &st))
		err = -errno;
	if (!err) {
		in->terminal = isatty(in->fd);
		in->socket = S_ISSOCK(st.st_mode);
		in->file = S_ISREG(st.st_mode);
		in->start = in->file ? lseek(in->fd, 0, SEEK_CUR) : 0;
		in->fd = open_again(in->fd, &st);
		err = timer__start(&in->retry, loop, on_retry, in);
	}
	if (err) {
		msg__error("standard input: %s", strerror(-err));
		input__free(in);
		return NULL;
	}
	return in;
}

void input__free(struct input *in)
{
	if (!in)
		return;
	loop__del(in->loop, &in->watch);
	timer__stop(&in->retry, in->loop);
	if (in->fd >= 0)
		close(in->fd);
	if (in->kept >= 0)
		close(in->kept);
	free(in->dir);
	free(in);
}

int input__terminal(const struct input *in)
{
	return in->terminal ? in->fd : -1;
}

void input__open(struct input_reader *r, struct input *in, input_fn *more,
		 void *ctx)
{
	*r = (struct input_reader){ .in = in, .more = more, .ctx = ctx,
				    .next = in->readers };
	in->readers = r;
}

void input__close(struct input_reader *r)
{
	struct input_reader **p;

	if (!r->in)
		return;
	for (p = &r->in->readers; *p != r; p = &(*p)->next)
		;
	*p = r->next;
	r->in = NULL;
}

static int open_kept(struct input *in)
{
	auto_free char *path = xasprintf("%s/.input-XXXXXX", in->dir);
	int err = 0;

	in->kept = mkostemp(path, O_CLOEXEC);
	if (in->kept < 0)
		err = -errno;
	else
		unlink(path);
	return err;
}

/* A single reader can do without the bytes kept; several cannot. */
static int keep_no_more(struct input *in)
{
	if (in->several)
		return -EFBIG;
	if (in->kept >= 0)
		close(in->kept);
	in->kept = -1;
	in->dropped = true;
	return 0;
}

static int keep(struct input *in, const char *buf, size_t len)
{
	int err = 0;

	if (in->dropped)
		return 0;
	if (in->got + len > INPUT_KEEP_MIB * MIB)
		return keep_no_more(in);
	if (in->kept < 0)
		err = open_kept(in);
	return err ?: write_all(in->kept, buf, len);
}

/*
 * A read in the background stops the runner (SIGTTIN) or fails with EIO; after
 * a hangup of the terminal EIO means the end.
 */
static ssize_t read_now(const struct input *in, char *buf, size_t size)
{
	ssize_t n;

	if (in->terminal && !terminal__foreground(in->fd))
		return -EAGAIN;
	do {
		n = in->socket ? recv(in->fd, buf, size, MSG_DONTWAIT) :
				 read(in->fd, buf, size);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == EIO && in->terminal)
		return terminal__foreground(in->fd) ? 0 : -EAGAIN;
	/* nohup opens /dev/null for writing only. */
	return errno == EBADF ? 0 : -errno;
}

/* Returns true if a read does not block. A file that epoll refuses never blocks. */
static bool is_ready(const struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

/* Returns the number of new bytes, 0 at the end, or -errno. */
static ssize_t fetch(struct input *in, char *buf, size_t size)
{
	ssize_t n;
	int err;

	if (in->err || in->ended)
		return in->err;
	n = is_ready(in) ? read_now(in, buf, size) : -EAGAIN;
	if (n == -EAGAIN)
		return n;
	if (n > 0) {
		err = keep(in, buf, (size_t)n);
		if (err)
			n = err;
		else
			in->got += (uint64_t)n;
	}
	in->ended = n == 0;
	in->err = n < 0 ? (int)n : 0;
	return n;
}

static void wait_for_more(struct input *in)
{
	if (in->watch.fn)
		return;
	if ((in->terminal && !terminal__foreground(in->fd)) ||
	    loop__add(in->loop, &in->watch, in->fd, EPOLLIN, on_input, in))
		timer__arm(&in->retry, BACKGROUND_S);
}

static ssize_t read_kept(const struct input *in, char *buf, size_t size,
			 uint64_t at)
{
	ssize_t n;

	if (!in->file && in->got - at < size)
		size = (size_t)(in->got - at);
	n = in->file ? pread(in->fd, buf, size, in->start + (off_t)at) :
		       pread(in->kept, buf, size, (off_t)at);
	return n < 0 ? -errno : n;
}

ssize_t input__read(struct input_reader *r, void *buf, size_t size)
{
	struct input *in = r->in;
	ssize_t n;

	if (in->file || (r->at < in->got && in->kept >= 0)) {
		n = read_kept(in, buf, size, r->at);
	} else if (r->at < in->got) {
		return -ESPIPE;
	} else {
		n = fetch(in, buf, size);
	}
	if (n == -EAGAIN) {
		r->waits = true;
		wait_for_more(in);
	} else if (n > 0) {
		r->at += (uint64_t)n;
		/* Other readers may wait for the same bytes. */
		wake(in);
	}
	return n;
}

const char *input__failed(int err)
{
	if (err == -EFBIG || err == -ESPIPE)
		return "standard input: more than " STR(INPUT_KEEP_MIB) " MiB from a pipe can be read by one run only, and only once; use a file: < FILE";
	return "standard input";
}

/* Returns 1 if input is ready, 0 after @ms, -EINTR to stop, or another -errno. */
static int wait_here(const struct input *in, int stop_fd, int ms)
{
	struct pollfd p[] = { { .fd = in->fd, .events = POLLIN },
			      { .fd = stop_fd, .events = POLLIN } };
	int n = poll(p, 2, ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return p[1].revents ? -EINTR : n > 0;
}

int input__read_all(struct input *in, int stop_fd, uint64_t limit)
{
	int ready = 0, ms = NOTE_MS;
	auto_free char *buf = NULL;
	ssize_t n = 0;

	if (in->file)
		return 0;
	buf = xcalloc(1, READ_SIZE);
	do {
		ready = wait_here(in, stop_fd, ms);
		if (!ready) {
			msg__note("waiting for the end of standard input; use < /dev/null for none");
			ms = -1;
			continue;
		}
		n = ready < 0 ? ready : fetch(in, buf, READ_SIZE);
		if (n > 0 && in->got > limit)
			n = -EFBIG;
	} while (n > 0 || !ready || n == -EAGAIN);
	return (int)n;
}

int input__load(const struct input *in, char **buf, size_t *len)
{
	size_t have = 0, cap = *len;
	ssize_t n = 0;

	*buf = NULL;
	while (have < cap) {
		size_t step = cap - have < READ_SIZE ? cap - have : READ_SIZE;

		*buf = xrealloc(*buf, have + step);
		n = in->file || in->kept >= 0 ?
			read_kept(in, *buf + have, step, have) :
			in->got ? -ESPIPE : 0;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	*len = have;
	return n < 0 ? (int)n : 0;
}
