/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads about a pidfd that several parts of the program numbers share. */
#ifndef TESTS_GUEST_NUMBERS_PIDFD_H
#define TESTS_GUEST_NUMBERS_PIDFD_H

/* Which number of the fdinfo of a pidfd. */
enum { FDINFO_PID, FDINFO_NSPID_FIRST, FDINFO_NSPID_LAST };

/* (fd, FDINFO_*): the number, or -errno. */
long pidfd__read_info(long fd, long which);

#endif /* TESTS_GUEST_NUMBERS_PIDFD_H */
