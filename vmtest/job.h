/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest is asked to do: see protocol.h. */
#ifndef VMTEST_JOB_H
#define VMTEST_JOB_H

struct run_spec;

/* The job as one line of JSON, with its newline; free it. */
char *job__text(const struct run_spec *spec);

#endif
