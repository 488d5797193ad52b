/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules that there are, as `pidnstrace rules` has them. */
#ifndef VMTEST_CATALOGUE_H
#define VMTEST_CATALOGUE_H

#include "util.h"

/*
 * Asks the program @judge. Fills @ids ("I17") and @statements, in its order.
 * Returns 0 or -errno with a message.
 */
int catalogue__read(const char *judge, struct strv *ids,
		    struct strv *statements);

#endif
