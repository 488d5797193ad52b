/* SPDX-License-Identifier: GPL-2.0-only */
/* "vmtest replay DIR [--gdb]": replays a recorded run, bit for bit. */
#ifndef VMTEST_REPLAY_REPLAY_MAIN_H
#define VMTEST_REPLAY_REPLAY_MAIN_H

/*
 * argv[0] is the word replay. Returns the exit status: 0 if all output of the
 * guest was identical (with --gdb: if the session could be started), 1 if not,
 * 2 if DIR cannot be replayed, with a message. DIR's own files stay unchanged;
 * the new ones are in DIR/replay, which is removed at the end unless something
 * in it differs.
 */
int replay__main(int argc, char **argv);

#endif /* VMTEST_REPLAY_REPLAY_MAIN_H */
