/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Controls the BPF programs that widen races by spinning (bpf/widen.h). The order of
 * the calls: widen__open(), widen__start(), widen__stop(), widen__describe(),
 * widen__free().
 */
#ifndef LOADER_CAPTURE_WIDEN_H
#define LOADER_CAPTURE_WIDEN_H

#include <stddef.h>
#include <stdint.h>

#include "loader/capture/session.h"

struct widen;

/*
 * Loads and attaches the programs whose hooks this kernel has. They spin only between
 * widen__start(), which sets the seed of the draws, and widen__stop(). @session's
 * programs maintain the map of the tasks inside setns(), so they must be loaded.
 * Returns 0, or a negative errno that has been reported.
 */
int widen__open(const struct session *session, struct widen **out);
void widen__start(struct widen *widen, uint64_t seed);
void widen__stop(struct widen *widen);

/*
 * Formats "races widened with seed 5: 120 spins, 33 ms in all; fexit/alloc_pid 60 of
 * 130; ..." Returns @text.
 */
const char *widen__describe(const struct widen *widen, char *text, size_t len);

/* Pins the links like session__pin(), after widen__stop(). */
int widen__pin(struct widen *widen, const char *dir);

/* Adds the links of all programs; NULL is legal. */
void widen__add_links(const struct widen *widen, struct detacher *detacher);
void widen__free(struct widen *widen);	/* NULL is legal */

#endif /* LOADER_CAPTURE_WIDEN_H */
