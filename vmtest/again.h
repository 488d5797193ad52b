/* SPDX-License-Identifier: GPL-2.0-only */
/* "vmtest replay DIR [--gdb]": runs a recorded run again, bit for bit. */
#ifndef VMTEST_AGAIN_H
#define VMTEST_AGAIN_H

/*
 * argv[0] is the word replay. Returns the exit status: 0 if all that came out
 * of the guest was the same (with --gdb: if the session could be had), 1 if
 * not, 2 if DIR cannot be replayed, with a message. DIR's own files stay as
 * they are; DIR/replay has the new ones while it lasts, and is removed unless
 * something in it differs.
 */
int again__main(int argc, char **argv);

#endif
