/* SPDX-License-Identifier: GPL-2.0-only */
/* cmocka, with the headers that must be included before it. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* An element of cmocka's group: runs @test with a row of a table as its state. */
#define ROW_TEST(test, row) \
	((struct CMUnitTest){ (row)->name, test, NULL, NULL, (void *)(row) })

#endif /* TESTS_UNIT_TEST_H */
