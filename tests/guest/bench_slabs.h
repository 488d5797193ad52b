/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a struct pid, from the slab caches of /sys/kernel/slab. Each depth of pid
 * namespaces has a cache of its own, which exists once a namespace of that depth was made.
 */
#ifndef TESTS_GUEST_BENCH_SLABS_H
#define TESTS_GUEST_BENCH_SLABS_H

/*
 * Prints a line for each depth from 0 to @levels - 1: "slab DEPTH SIZE OBJECTS PAGES",
 * the bytes of an object, and the objects and pages of a slab. Ends the process after
 * an error.
 */
void slabs__print(int levels);

#endif /* TESTS_GUEST_BENCH_SLABS_H */
