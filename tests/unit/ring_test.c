// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the ring buffer: the reader of pidnstrace against the functions of the BPF
 * programs (bpf/ring.h), which are compiled for this machine. Only the helpers of the
 * kernel are replaced.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <linux/bpf.h>

#include "lib/array.h"
#include "loader/capture/ring_reader.h"
#include "test.h"

/* --- what bpf/ring.h needs --- */

typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define SEC(name)
#define __uint(name, value)	int (*name)[value]
#define __type(name, type)	typeof(type) *name
#define __noinline		__attribute__((noinline))

static void *bpf_map_lookup_elem(void *map, const void *key);
static void *bpf_ringbuf_reserve(void *map, u64 size, u64 flags);
static void bpf_ringbuf_discard(void *note, u64 flags);
static long bpf_loop(u32 n, long (*step)(u32 i, void *context), void *context, u64 flags);

/* The loader sets these constants of bpf/ring.h. */
#define CHUNKS		2
#define BYTES		(CHUNKS * RING_CHUNK)
#define WAKEUP_BYTES	(BYTES / 8)
const volatile __u32 ring_last_chunk = CHUNKS - 1;
const volatile __u64 ring_bytes = BYTES;
const volatile __u64 wakeup_bytes = WAKEUP_BYTES;

#include "bpf/ring.h"

static char memory[CHUNKS][RING_CHUNK_BYTES] __attribute__((aligned(8)));
static u64 note;
static unsigned int woken;

static void *bpf_map_lookup_elem(void *map, const void *key)
{
	return map == &ring ? memory[*(const u32 *)key] : NULL;
}

static void *bpf_ringbuf_reserve(void *map, u64 size, u64 flags)
{
	return map == &wakeups && size == sizeof(note) && !flags ? &note : NULL;
}

static void bpf_ringbuf_discard(void *reserved, u64 flags)
{
	if (reserved == &note && flags == BPF_RB_FORCE_WAKEUP)
		__atomic_add_fetch(&woken, 1, __ATOMIC_RELAXED);
}

static long bpf_loop(u32 n, long (*step)(u32 i, void *context), void *context, u64 flags)
{
	u32 i = 0;

	assert_int_equal(flags, 0);
	while (i < n && !step(i, context))
		i++;
	return i;
}

/* --- the programs' side --- */

static struct ring_reader reader = {
	.chunks = memory[0],
	.last_chunk = CHUNKS - 1,
	.ends = ring_ends,
};

/* The next record begins at this position. */
static void reset_at(u64 position)
{
	memset(memory, 0, sizeof(memory));
	ring_ends[RING_PRODUCED] = ring_ends[RING_CONSUMED] = position;
	woken = 0;
}

static int reset(void **)
{
	reset_at(0);
	return 0;
}

static bool is_filled(const void *begin, size_t size, char with)
{
	const char *bytes = begin;

	for (size_t i = 0; i < size; i++)
		if (bytes[i] != with)
			return false;
	return true;
}

/* The body of a record is filled with a byte, never 0, that depends on its number. */
static char filling(u32 seq)
{
	return seq % 255 + 1;
}

static bool body_is_right(const struct wire_hdr *record)
{
	return is_filled(record + 1, record->size - sizeof(*record),
			 filling(record->seq));
}

/* Returns a busy record. NULL: no room; *@bad: there was something in its memory. */
static struct wire_hdr *try_begin(u32 size, u32 seq, bool *bad)
{
	u64 position = ring__take(size);
	struct wire_hdr *record;

	if (position == NO_ROOM)
		return NULL;
	record = ring__at(position);
	*bad = !is_filled(record, size, 0);
	record->size = size | RING_BUSY;
	record->seq = seq;
	memset(record + 1, filling(seq), size - sizeof(*record));
	return record;
}

static struct wire_hdr *begin(u32 size, u32 seq)
{
	bool bad;
	struct wire_hdr *record = try_begin(size, seq, &bad);

	assert_non_null(record);
	assert_false(bad);
	return record;
}

static struct wire_hdr *put(u32 size, u32 seq)
{
	struct wire_hdr *record = begin(size, seq);

	ring__submit(record);
	return record;
}

/* --- the loader's side --- */

struct taken {
	unsigned int n;
	u64 bytes;
	u32 first;		/* number of the first record */
	unsigned int fails_at;	/* the callback fails at this record, from 1 */
	u32 more;		/* the callback puts a record of this size each time */
};

static int take(void *context, const struct wire_hdr *record)
{
	struct taken *t = context;

	assert_int_equal(record->seq, t->first + t->n);
	assert_true(body_is_right(record));
	t->n++;
	t->bytes += record->size;
	if (t->more)
		put(t->more, 1000 + t->n);
	return t->n == t->fails_at ? -EPIPE : 0;
}

/* Reads @n records, with the numbers from @first on. */
static void assert_reads(unsigned int n, u32 first)
{
	struct taken t = { .first = first };

	assert_int_equal(ring_reader__read(&reader, take, &t), n);
	assert_int_equal(t.n, n);
}

static void assert_consumed(u64 position)
{
	assert_int_equal(ring_ends[RING_CONSUMED], position);
}

static void assert_zeroed(void)
{
	assert_true(is_filled(memory, sizeof(memory), 0));
}

/* --- tests --- */

static void an_empty_ring_has_nothing(void **)
{
	assert_reads(0, 0);
	assert_consumed(0);
	reset_at(5 * RING_CHUNK + 64);
	assert_reads(0, 0);
	assert_consumed(5 * RING_CHUNK + 64);
}

static int take_in_place(void *context, const struct wire_hdr *record)
{
	const struct wire_hdr ***expected = context;

	assert_ptr_equal(record, *(*expected)++);
	return 0;
}

static void records_are_read_where_they_are(void **)
{
	const struct wire_hdr *records[] = { put(64, 0), put(2048, 1), put(56, 2) };
	const struct wire_hdr **next = records;

	assert_int_equal(ring_reader__read(&reader, take_in_place, &next), 3);
	assert_ptr_equal(next, records + 3);
	assert_consumed(64 + 2048 + 56);
	assert_zeroed();
}

static void what_comes_meanwhile_is_for_the_next_call(void **)
{
	struct taken t = { .first = 0, .more = 64 };

	put(64, 0);
	put(64, 1);
	assert_int_equal(ring_reader__read(&reader, take, &t), 2);
	assert_consumed(2 * 64);
	assert_reads(2, 1001);
	assert_consumed(4 * 64);
	assert_zeroed();
}

static void a_busy_record_stops_the_reader(void **)
{
	struct wire_hdr *busy;

	put(64, 0);
	busy = begin(128, 1);
	put(64, 2);
	assert_reads(1, 0);
	assert_consumed(64);
	assert_reads(0, 0);
	assert_int_equal(busy->size, 128 | RING_BUSY);
	ring__submit(busy);
	assert_reads(2, 1);
	assert_consumed(64 + 128 + 64);
	assert_zeroed();
}

static void room_without_a_record_stops_the_reader(void **)
{
	u64 position;
	struct wire_hdr *late;

	put(64, 0);
	position = ring__take(128);
	put(64, 2);
	assert_reads(1, 0);
	assert_consumed(64);
	late = ring__at(position);
	late->seq = 1;
	late->size = 128 | RING_BUSY;
	memset(late + 1, filling(1), 128 - sizeof(*late));
	assert_reads(0, 0);
	ring__submit(late);
	assert_reads(2, 1);
	assert_consumed(64 + 128 + 64);
}

/* A record at the border of each chunk. The last one ends where its room ends. */
static void a_record_may_end_behind_its_chunk(void **)
{
	static const struct {
		u32 before;		/* bytes of the chunk before the record */
		u32 size;
	} rows[] = {
		{ 64, 64 },		/* ends with the chunk */
		{ 64, 72 },
		{ 64, 4096 },
		{ 8, RING_RECORD_MAX },
	};

	for (u64 i = 0; i < 2 * CHUNKS * ARRAY_SIZE(rows); i++) {
		u32 size = rows[i % ARRAY_SIZE(rows)].size;
		u64 at = (i + 1) * RING_CHUNK - rows[i % ARRAY_SIZE(rows)].before;
		struct wire_hdr *record;

		reset_at(at);
		record = put(size, 0);
		assert_ptr_equal(record, memory[i % CHUNKS] + at % RING_CHUNK);
		record = put(64, 1);
		assert_ptr_equal(record, memory[(i + 1) % CHUNKS] +
					 (at + size) % RING_CHUNK);
		assert_reads(2, 0);
		assert_consumed(at + size + 64);
		assert_zeroed();
	}
}

struct pieces {
	unsigned int n;
	u64 handed_over, given_back;	/* up to these positions */
};

static int take_and_look(void *context, const struct wire_hdr *record)
{
	struct pieces *p = context;
	u64 given_back = ring_ends[RING_CONSUMED];

	assert_true(given_back <= p->handed_over);
	assert_true(p->handed_over - given_back < 1024);
	assert_true(is_filled(memory, given_back, 0));
	assert_false(is_filled(memory[0] + given_back, record->size, 0));
	p->n += given_back != p->given_back;
	p->given_back = given_back;
	p->handed_over += record->size;
	return 0;
}

static void memory_is_given_back_in_pieces(void **)
{
	struct pieces p = { 0 };

	for (u32 i = 0; i < 100; i++)
		put(120, i);
	assert_int_equal(ring_reader__read(&reader, take_and_look, &p), 100);
	assert_int_equal(p.handed_over, 100 * 120);
	/* nine records are more than 1024 bytes */
	assert_int_equal(p.n, 100 / 9);
	assert_consumed(p.handed_over);
	assert_zeroed();
}

static void an_error_ends_the_call_after_its_record(void **)
{
	struct taken t = { .first = 0, .fails_at = 2 };

	for (u32 i = 0; i < 3; i++)
		put(64, i);
	assert_int_equal(ring_reader__read(&reader, take, &t), -EPIPE);
	assert_int_equal(t.n, 2);
	assert_consumed(2 * 64);
	assert_reads(1, 2);
	assert_zeroed();
}

/* The ring is full when less than a record's room is left, whichever chunk it is in. */
static void a_full_ring_has_no_room(void **)
{
	static const u32 sizes[] = { 64, 4096, RING_RECORD_MAX, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct taken t = { .first = 0 };
		u32 n = 0, fit = BYTES / sizes[i];
		u64 at = RING_CHUNK * i + 40 * i;

		reset_at(at);
		while (n <= fit && ring_ends[RING_PRODUCED] + sizes[i] <= at + BYTES)
			put(sizes[i], n++);
		assert_int_equal(n, fit);
		assert_int_equal(ring__take(sizes[i]), NO_ROOM);
		assert_int_equal(ring_ends[RING_PRODUCED], at + n * sizes[i]);
		assert_int_equal(ring_reader__read(&reader, take, &t), n);
		assert_int_equal(t.bytes, n * sizes[i]);
		assert_zeroed();
		put(sizes[i], n);
		assert_reads(1, n);
	}
}

/* If an eighth of the ring is used, a record of 16 wakes the loader. */
static void a_full_eighth_wakes_the_loader(void **)
{
	u32 size = 128, n = 0;

	while ((n + 1) * size < WAKEUP_BYTES)
		put(size, n++);
	assert_int_equal(woken, 0);
	for (u32 i = 0; i < 32; i++)
		put(size, n + i);
	assert_int_equal(woken, 2);
	assert_reads(n + 32, 0);
	put(size, 0);
	assert_int_equal(woken, 2);
}

/* --- writers and the reader at the same time --- */

#define WRITERS		2
#define EACH		100000

static bool stop;

static struct writer {
	pthread_t thread;
	u32 cpu;
	u32 put;		/* records, whose numbers are 0, 1, ... */
	u32 dirty;		/* records whose memory was not zeroes */
	u32 lost;		/* tries without room */
	bool done;
	u64 bytes;
	/* what the reader has found */
	u32 read;
	u32 wrong;		/* records with another number or body */
	u32 lost_before;
	u64 bytes_read;
} writers[WRITERS];

/* Most records are small, and one of 256 is large. */
static u32 some_size(u32 *random)
{
	*random = *random * 1103515245 + 12345;
	return *random >> 24 ? 48 + (*random >> 16) % 32 * 8 :
	       RING_RECORD_MAX - (*random >> 16) % 64 * 8;
}

static void *write_records(void *context)
{
	struct writer *w = context;
	u32 random = w->cpu, size = some_size(&random);

	while (w->put < EACH && !__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		bool bad = false;
		struct wire_hdr *record = try_begin(size, w->put, &bad);

		if (!record) {
			__atomic_add_fetch(&w->lost, 1, __ATOMIC_SEQ_CST);
			sched_yield();
			continue;
		}
		record->cpu = w->cpu;
		w->dirty += bad;
		w->bytes += size;
		w->put++;
		ring__submit(record);
		size = some_size(&random);
	}
	__atomic_store_n(&w->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static int take_of_writer(void *, const struct wire_hdr *record)
{
	struct writer *w = &writers[record->cpu % WRITERS];

	if (record->seq != w->read || !body_is_right(record)) {
		w->wrong++;
		return -EPIPE;
	}
	w->read++;
	w->bytes_read += record->size;
	return 0;
}

static u32 lost_by(const struct writer *w)
{
	return __atomic_load_n(&w->lost, __ATOMIC_SEQ_CST);
}

/* Returns whether no writer will go on: each has ended, or has tried in vain since. */
static bool all_wait(void)
{
	for (u32 i = 0; i < WRITERS; i++)
		if (!__atomic_load_n(&writers[i].done, __ATOMIC_SEQ_CST) &&
		    lost_by(&writers[i]) < writers[i].lost_before + 2)
			return false;
	return true;
}

/* Reads until the writers have ended and nothing comes, or until something is wrong. */
static void read_of_writers(void)
{
	bool last = false;

	for (;;) {
		int n = ring_reader__read(&reader, take_of_writer, NULL);

		if (n < 0 || (!n && last))
			return;
		last = !n && all_wait();
		for (u32 i = 0; n && i < WRITERS; i++)
			writers[i].lost_before = lost_by(&writers[i]);
	}
}

static void writers_and_the_reader_agree(void **)
{
	u64 bytes = 0;

	for (u32 i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .cpu = i };
		assert_int_equal(pthread_create(&writers[i].thread, NULL,
						write_records, &writers[i]), 0);
	}
	read_of_writers();
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (u32 i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	for (u32 i = 0; i < WRITERS; i++) {
		const struct writer *w = &writers[i];

		assert_int_equal(w->dirty, 0);
		assert_int_equal(w->wrong, 0);
		assert_int_equal(w->put, EACH);
		assert_int_equal(w->read, EACH);
		assert_int_equal(w->bytes_read, w->bytes);
		bytes += w->bytes;
	}
	assert_consumed(bytes);
	assert_int_equal(ring_ends[RING_PRODUCED], bytes);
	assert_zeroed();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_ring_has_nothing, reset),
		cmocka_unit_test_setup(records_are_read_where_they_are, reset),
		cmocka_unit_test_setup(what_comes_meanwhile_is_for_the_next_call, reset),
		cmocka_unit_test_setup(a_busy_record_stops_the_reader, reset),
		cmocka_unit_test_setup(room_without_a_record_stops_the_reader, reset),
		cmocka_unit_test_setup(a_record_may_end_behind_its_chunk, reset),
		cmocka_unit_test_setup(memory_is_given_back_in_pieces, reset),
		cmocka_unit_test_setup(an_error_ends_the_call_after_its_record, reset),
		cmocka_unit_test_setup(a_full_ring_has_no_room, reset),
		cmocka_unit_test_setup(a_full_eighth_wakes_the_loader, reset),
		cmocka_unit_test_setup(writers_and_the_reader_agree, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
