/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of vmtest that run guests. Each returns its exit status. */
#ifndef VMTEST_CMD_RUNNER_H
#define VMTEST_CMD_RUNNER_H

/* `vmtest', without a command. */
int runner__main(int argc, char **argv);

/* `vmtest shell' */
int runner__shell(int argc, char **argv);

/* `vmtest bisect-step' */
int runner__bisect(int argc, char **argv);

#endif /* VMTEST_CMD_RUNNER_H */
