// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a ring buffer of BPF programs.
 *
 * ring_buffer__consume() of libbpf returns when the ring is empty, which never happens
 * while tasks produce records faster than this process reads them. Any user can make
 * such tasks. A read of this file ends at the position that the producers had reached
 * when the read began, so a read takes no more than the size of the ring, and the
 * caller can look at signals and at the clock. What the producers add beyond the size
 * of the ring is lost, and the programs count it.
 *
 * The layout is that of kernel/bpf/ringbuf.c: a page with the consumer's position, a
 * page with the producers' position, and the data, mapped twice in a row.
 */
#include "loader/capture/ring.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "lib/memory.h"

struct ring {
	unsigned long *consumer;	/* a page that this process may write */
	const unsigned long *producer;	/* a page, followed by the data */
	char *data;
	size_t page, size;
	ring_record record;
	void *context;
};

int ring__open(int fd, size_t size, ring_record record, void *context, struct ring **out)
{
	struct ring *r = xcalloc(1, sizeof(*r));
	void *consumer, *producer;
	int err;

	*out = NULL;
	r->page = sysconf(_SC_PAGESIZE);
	r->size = size;
	r->record = record;
	r->context = context;
	consumer = mmap(NULL, r->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		goto fail;
	r->consumer = consumer;
	producer = mmap(NULL, r->page + 2 * size, PROT_READ, MAP_SHARED, fd, r->page);
	if (producer == MAP_FAILED)
		goto fail;
	r->producer = producer;
	r->data = (char *)producer + r->page;
	*out = r;
	return 0;

fail:
	err = -errno;
	ring__free(r);
	return err;
}

/* Returns the bytes that a record takes in the ring, with its header. */
static size_t room(uint32_t header)
{
	uint32_t size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return (size + BPF_RINGBUF_HDR_SZ + 7) & ~7UL;
}

long ring__read(struct ring *r)
{
	unsigned long end = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
	unsigned long pos = *r->consumer;
	long records = 0;
	int err = 0;

	while (!err && pos < end) {
		char *at = r->data + (pos & (r->size - 1));
		uint32_t header = __atomic_load_n((uint32_t *)at, __ATOMIC_ACQUIRE);

		if (header & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			err = r->record(r->context, at + BPF_RINGBUF_HDR_SZ, header);
			records++;
		}
		pos += room(header);
		__atomic_store_n(r->consumer, pos, __ATOMIC_RELEASE);
	}
	return err ? err : records;
}

void ring__free(struct ring *r)
{
	if (!r)
		return;
	if (r->producer)
		munmap((void *)r->producer, r->page + 2 * r->size);
	if (r->consumer)
		munmap(r->consumer, r->page);
	free(r);
}
