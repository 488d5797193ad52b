/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runner's standard input, read by the runs of a command.
 *
 * Every reader gets the whole input, from the first byte. The input is read
 * when a reader asks for more, and so no faster than the fastest guest reads.
 * Input from a pipe or a terminal is kept in an unnamed file for the next run,
 * or for a repetition; a regular file is read by each run.
 */
#ifndef VMTEST_VM_INPUT_H
#define VMTEST_VM_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vmtest/lib/loop.h"

struct input;

/* Called when a read may succeed. */
typedef void input_fn(void *ctx);

/* Owned by the caller; initialize with zeros. */
struct input_reader {
	struct input *in;
	uint64_t at;		/* bytes read */
	bool waits;
	input_fn *more;
	void *ctx;
	struct input_reader *next;
};

/* The most bytes kept of an input that cannot be reread. */
#define INPUT_KEEP_MIB 256

/*
 * Replaces a closed standard input by /dev/null, so that no other file gets
 * descriptor 0.
 */
void input__repair(void);

/*
 * Takes over standard input: from now on children of this process read
 * /dev/null there. The bytes kept are in a file in the directory @dir; with
 * @several readers, all bytes have to be kept. Returns NULL with a message if
 * unsuccessful.
 */
struct input *input__new(struct loop *loop, const char *dir, bool several);
void input__free(struct input *in);

/* Returns the input's descriptor if it is a terminal, else -1. */
int input__terminal(const struct input *in);

void input__open(struct input_reader *r, struct input *in, input_fn *more,
		 void *ctx);

/*
 * Returns the number of bytes read, 0 at the end, or -errno. After -EAGAIN
 * more() is called once, when a read may succeed.
 */
ssize_t input__read(struct input_reader *r, void *buf, size_t size);

/* Returns the subject of an error message, to precede strerror(). */
const char *input__failed(int err);

/* Removes the reader. May be called at any time, and repeatedly. */
void input__close(struct input_reader *r);

/*
 * Reads the input to its end. Returns 0, -EINTR if @stop_fd becomes readable,
 * -EFBIG if there are more than @limit bytes, or another -errno.
 */
int input__read_all(struct input *in, int stop_fd, uint64_t limit);

/*
 * Copies the first *len bytes, or all if there are fewer; free *buf. Returns 0
 * or -errno.
 */
int input__load(const struct input *in, char **buf, size_t *len);

#endif /* VMTEST_VM_INPUT_H */
