/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runner's standard input, read by the runs of a command.
 *
 * Every reader gets all of it, from the first byte. It is read when a reader
 * asks for more, and so no faster than the fastest guest takes it. What a pipe
 * or a terminal brought is kept in a file without a name, as the next run, or
 * a run that is repeated, needs it again; a file is read again itself.
 */
#ifndef VMTEST_INPUT_H
#define VMTEST_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"

struct input;

/* A read is worth a try now. */
typedef void input_fn(void *ctx);

/* Belongs to the caller; zero it. */
struct input_reader {
	struct input *in;
	uint64_t at;		/* bytes read */
	bool waits;
	input_fn *more;
	void *ctx;
	struct input_reader *next;
};

/* The most that is kept of an input that cannot be read again. */
#define INPUT_KEEP_MIB 256

/* A standard input that was closed is /dev/null, so that no file gets its number. */
void input__repair(void);

/*
 * Takes standard input over: from now on a child of this process reads
 * /dev/null there. What is kept lies in the directory @dir; @several readers
 * need all of it. Returns NULL with a message.
 */
struct input *input__new(struct loop *loop, const char *dir, bool several);
void input__free(struct input *in);

/* Returns the descriptor of the terminal that it is, else -1. */
int input__terminal(const struct input *in);

void input__open(struct input_reader *r, struct input *in, input_fn *more,
		 void *ctx);

/*
 * Returns how many bytes it read, 0 at the end, -EAGAIN if none are there yet:
 * then more() is called once when it is worth a try, or another -errno.
 */
ssize_t input__read(struct input_reader *r, void *buf, size_t size);

/* The subject of a message about an error, before strerror()'s words. */
const char *input__failed(int err);

/* Legal at any time, and twice. */
void input__close(struct input_reader *r);

/*
 * Reads to the end, and waits for it, unless @stop_fd becomes readable
 * (-EINTR) or there are more than @limit bytes (-EFBIG). Returns 0 or -errno.
 */
int input__read_all(struct input *in, int stop_fd, uint64_t limit);

/* The first *len bytes, fewer if there are fewer; free *buf. 0 or -errno. */
int input__load(const struct input *in, char **buf, size_t *len);

#endif
