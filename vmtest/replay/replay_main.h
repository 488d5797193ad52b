/* SPDX-License-Identifier: GPL-2.0-only */
/* "vmtest replay DIR [--gdb]": replays a recorded run, bit for bit. */
#ifndef VMTEST_REPLAY_REPLAY_MAIN_H
#define VMTEST_REPLAY_REPLAY_MAIN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * argv[0] is the word replay. Returns the exit status: 0 if all output of the
 * guest was identical (with --gdb: if the session could be started), 1 if not,
 * 2 if DIR cannot be replayed, with a message. DIR's own files stay unchanged;
 * the new ones are in DIR/replay, which is removed at the end unless something
 * in it differs.
 */
int replay__main(int argc, char **argv);

struct difference {
	uint64_t a_bytes, b_bytes;
	bool same;
	uint64_t at;		/* first byte that differs or is missing */
};

/*
 * Compares the files at @a and @b, without @tail at the end of @b, if present
 * (NULL: no tail). Returns 0 or -errno.
 */
int compare__files(const char *a, const char *b, const char *tail,
		   struct difference *d);

#endif /* VMTEST_REPLAY_REPLAY_MAIN_H */
