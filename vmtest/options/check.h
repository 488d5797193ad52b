/* SPDX-License-Identifier: GPL-2.0-only */
/* Which options go together. */
#ifndef VMTEST_OPTIONS_CHECK_H
#define VMTEST_OPTIONS_CHECK_H

#include "vmtest/options/options.h"

/* Checks all, and sets what --record implies. Returns 0, or EINVAL with a message. */
int options_check__all(struct options *o);

/* Makes the path of --gdb=SCRIPT absolute. Returns 0, or EINVAL with a message. */
int options_check__script(struct options *o);

#endif /* VMTEST_OPTIONS_CHECK_H */
