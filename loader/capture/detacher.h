/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lets the kernel detach programs after this process has ended. The order of the calls:
 * detacher__new(), detacher__add() for each link, detacher__fork(), the links are
 * destroyed, detacher__free().
 */
#ifndef LOADER_CAPTURE_DETACHER_H
#define LOADER_CAPTURE_DETACHER_H

struct bpf_link;
struct detacher;

/*
 * Returns NULL if this process has too many files open: then, as after a fork that
 * failed, the last close of a link detaches its program. All functions accept NULL.
 */
struct detacher *detacher__new(void);
void detacher__add(struct detacher *detacher, const struct bpf_link *link);

/* Starts a process that has the links open until detacher__free(). */
void detacher__fork(const struct detacher *detacher);

/*
 * For a signal handler that ends this process: starts the process and closes the links.
 * Calls only functions that are async-signal-safe.
 */
void detacher__leave(const struct detacher *detacher);

void detacher__free(struct detacher *detacher);

#endif /* LOADER_CAPTURE_DETACHER_H */
