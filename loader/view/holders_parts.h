/* SPDX-License-Identifier: GPL-2.0-only */
/* Declares what holders.c and holders_watch.c share. */
#ifndef LOADER_VIEW_HOLDERS_PARTS_H
#define LOADER_VIEW_HOLDERS_PARTS_H

#include "loader/view/holders.h"

/* Adds a holder without texts. The pointer is valid until the next call. */
struct holder *holder_set__add(struct holder_set *s, enum holder_kind kind, int32_t pid);

#endif /* LOADER_VIEW_HOLDERS_PARTS_H */
