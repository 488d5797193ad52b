// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a file that has the layout of a ring buffer. The producer is the callback of
 * the reader: each record that is read adds more, as a task does that is faster than
 * the reader.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/capture/ring.h"
#include "test.h"

#define SIZE 4096UL
#define RECORD 16
#define ROOM (RECORD + BPF_RINGBUF_HDR_SZ)	/* does not divide SIZE: records wrap */

/* The callback refuses a record with this number. */
#define POISON 0xffffffffU

struct producer {
	struct ring *ring;
	char *file;		/* consumer's page, producer's page, data twice */
	unsigned long page;
	uint32_t made, read;	/* records so far; each has its number */
	uint32_t at_each;	/* records to make when one is read */
	unsigned long lost;
};

static unsigned long *consumer(const struct producer *p)
{
	return (unsigned long *)p->file;
}

static unsigned long *producer(const struct producer *p)
{
	return (unsigned long *)(p->file + p->page);
}

/* The second mapping of the data is a copy in this file. */
static void put(struct producer *p, unsigned long pos, uint32_t word)
{
	for (unsigned long copy = 0; copy < 2; copy++)
		memcpy(p->file + 2 * p->page + copy * SIZE + pos % SIZE, &word,
		       sizeof(word));
}

static void make(struct producer *p, uint32_t flags)
{
	unsigned long pos = *producer(p);

	if (pos + ROOM - *consumer(p) > SIZE) {
		p->lost++;
		return;
	}
	put(p, pos, RECORD | flags);
	put(p, pos + BPF_RINGBUF_HDR_SZ, p->made++);
	*producer(p) = pos + ROOM;
}

static int take(void *context, void *record, size_t size)
{
	struct producer *p = context;
	uint32_t number;

	assert_int_equal(size, RECORD);
	memcpy(&number, record, sizeof(number));
	if (number == POISON)
		return -EPROTO;
	assert_int_equal(number, p->read);
	p->read++;
	/* A reader that reads all that are made never returns. */
	assert_in_range(p->read, 1, 100 * SIZE / ROOM);
	for (uint32_t i = 0; i < p->at_each; i++)
		make(p, 0);
	return 0;
}

static void begin(struct producer *p)
{
	unsigned long size;
	int fd = memfd_create("ring", MFD_CLOEXEC);

	*p = (struct producer){ .page = sysconf(_SC_PAGESIZE) };
	size = 2 * p->page + 2 * SIZE;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	p->file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(p->file != MAP_FAILED);
	assert_int_equal(ring__open(fd, SIZE, take, p, &p->ring), 0);
	close(fd);
}

static void end(struct producer *p)
{
	ring__free(p->ring);
	munmap(p->file, 2 * p->page + 2 * SIZE);
}

/* Reads what the ring held, and no more, when records are made as fast as read. */
static void test_flood(void **state)
{
	struct producer p;

	(void)state;
	for (uint32_t at_each = 1; at_each <= 3; at_each++) {
		begin(&p);
		p.at_each = at_each;
		while (!p.lost)
			make(&p, 0);
		assert_int_equal(p.made, SIZE / ROOM);
		for (int i = 0; i < 20; i++) {
			unsigned long held = (*producer(&p) - *consumer(&p)) / ROOM;

			/* The room of a record is free when the callback has returned. */
			assert_in_range(held, SIZE / ROOM - i - 1, SIZE / ROOM);
			assert_int_equal(ring__read(p.ring), held);
		}
		assert_int_equal(p.read + (*producer(&p) - *consumer(&p)) / ROOM, p.made);
		end(&p);
	}
}

/* A read ends before a record that is not complete, and a discarded one is left out. */
static void test_incomplete(void **state)
{
	struct producer p;

	(void)state;
	begin(&p);
	assert_int_equal(ring__read(p.ring), 0);
	make(&p, 0);
	make(&p, BPF_RINGBUF_BUSY_BIT);
	make(&p, 0);
	assert_int_equal(ring__read(p.ring), 1);
	assert_int_equal(ring__read(p.ring), 0);
	put(&p, ROOM, RECORD);
	assert_int_equal(ring__read(p.ring), 2);
	make(&p, BPF_RINGBUF_DISCARD_BIT);
	p.made--;
	make(&p, 0);
	assert_int_equal(ring__read(p.ring), 1);
	assert_int_equal(p.read, p.made);
	assert_int_equal(*consumer(&p), *producer(&p));
	end(&p);
}

/* The record that the callback refuses is read, those after it are not. */
static void test_error(void **state)
{
	struct producer p;

	(void)state;
	begin(&p);
	for (int i = 0; i < 3; i++)
		make(&p, 0);
	put(&p, ROOM + BPF_RINGBUF_HDR_SZ, POISON);
	assert_int_equal(ring__read(p.ring), -EPROTO);
	assert_int_equal(*consumer(&p), 2 * ROOM);
	p.read++;
	assert_int_equal(ring__read(p.ring), 1);
	end(&p);
}

static void test_not_a_ring(void **state)
{
	struct ring *ring;

	(void)state;
	assert_int_equal(ring__open(-1, SIZE, take, NULL, &ring), -EBADF);
	assert_null(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_not_a_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
