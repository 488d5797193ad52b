// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the output of `export`: the JSON has every byte of the trace, and the formats match tests/golden/export-*. tests/export_test.sh
 * reads them with other programs.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/export/export.h"
#include "loader/trace/fields.h"
#include "files.h"
#include "perfetto_trace.pb-c.h"
#include "stories.h"
#include "test.h"

/* Declared in sanitizer/allocator_interface.h, which gcc does not install. */
size_t __sanitizer_get_current_allocated_bytes(void);

static const struct trace_info info = {
	.semantics = SEMANTICS_JOIN,
	.seed = 7,
	.start_realtime_ns = 1700000000123456789,
	.start_monotonic_ns = 5000000000,
	.release = "6.12 \"join\"\n",
};

/* --- the output --- */

struct output {
	char *text;
	size_t len;
	FILE *f;
	struct exporter *x;
};

static void begin(struct output *o, const char *format)
{
	const struct export_format *f = export_format__find(format);

	assert_non_null(f);
	o->f = open_memstream(&o->text, &o->len);
	o->x = exporter__new(o->f, f, &info);
}

static char *end(struct output *o, const char *cut)
{
	assert_int_equal(exporter__finish(o->x, cut), 0);
	exporter__free(o->x);
	assert_int_equal(fclose(o->f), 0);
	return o->text;
}

/* --- the way back --- */

static uint64_t address_of(json_t *value)
{
	const char *s = json_string_value(value);

	assert_non_null(s);
	assert_int_equal(strncmp(s, "0x", 2), 0);
	return strtoull(s, NULL, 16);
}

static void put_chars(char *to, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s; s++, n++) {
		unsigned int byte = (unsigned char)*s;

		assert_true(byte >= ' ' && byte != 0x7f && n < size);
		if (byte == '\\') {
			assert_int_equal(sscanf(s, "\\x%2x", &byte), 1);
			s += 3;
		}
		to[n] = (char)byte;
	}
}

static void put_fields(char *to, const struct fields *f, json_t *o);

static void put_structs(char *to, const struct field *f, json_t *value)
{
	if (f->count == 1) {
		put_fields(to, f->of, value);
		return;
	}
	assert_int_equal(json_array_size(value), f->count);
	for (size_t i = 0; i < f->count; i++)
		put_fields(to + i * f->of->size, f->of, json_array_get(value, i));
}

static void put_field(char *to, const struct field *f, json_t *value)
{
	uint64_t n;

	switch (f->kind) {
	case FIELD_UNSIGNED:
	case FIELD_SIGNED:
		assert_true(json_is_integer(value));
		n = (uint64_t)json_integer_value(value);
		memcpy(to, &n, f->size);
		return;
	case FIELD_HEX:
	case FIELD_STACK:
		if (f->count == 1) {
			n = address_of(value);
			memcpy(to, &n, sizeof(n));
			return;
		}
		assert_true(json_is_array(value));
		for (size_t i = 0; i < json_array_size(value); i++) {
			assert_true(i < f->count);
			n = address_of(json_array_get(value, i));
			memcpy(to + 8 * i, &n, sizeof(n));
		}
		return;
	case FIELD_CHARS:
	case FIELD_STRINGS:
		put_chars(to, f->size, json_string_value(value));
		return;
	case FIELD_STRUCT:
		put_structs(to, f, value);
		return;
	case FIELD_RESERVED:
		assert_null(value);
	}
}

static void put_fields(char *to, const struct fields *f, json_t *o)
{
	assert_true(json_is_object(o));
	for (size_t i = 0; f->field[i].key; i++) {
		const struct field *d = &f->field[i];
		char name[64];

		snprintf(name, sizeof(name), "%.*s", d->name_len, d->key + 1);
		if (d->kind != FIELD_RESERVED &&
		    !json_object_get(o, name))
			fail_msg("%s is missing", name);
		put_field(to + d->offset, d, json_object_get(o, name));
	}
}

union record {
	struct wire_hdr hdr;
	char bytes[4096];
};

/* Reads the record that a line describes. */
static void read_line(const char *line, union record *r)
{
	json_error_t err;
	json_t *o = json_loads(line, 0, &err), *pids;
	size_t nupid;

	if (!o)
		fail_msg("%s: %s", err.text, line);
	memset(r, 0, sizeof(*r));
	put_fields(r->bytes, &hdr_fields, json_object_get(o, "hdr"));
	assert_string_equal(json_string_value(json_object_get(o, "record")),
			    record__name(r->hdr.type));
	put_fields(r->bytes, record__fields(r->hdr.type), o);
	pids = json_object_get(o, "pids");
	assert_int_equal(json_array_size(pids), r->hdr.npids);
	for (unsigned int i = 0; i < r->hdr.npids; i++) {
		struct wire_pid *img = (void *)record__pid(&r->hdr, i);
		json_t *j = json_array_get(pids, i);
		json_t *upid = json_object_get(j, "upid");

		put_fields((char *)img, &pid_fields, j);
		nupid = json_array_size(upid);
		assert_int_equal(nupid, record__levels(&r->hdr, img));
		for (size_t k = 0; k < nupid; k++)
			put_fields((char *)&img->upid[k], &upid_fields,
				   json_array_get(upid, k));
	}
	json_decref(o);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state ^ *state >> 29;
}

/* Fills a struct with any legal values; jansson's numbers have 63 bits. */
static void scatter(char *to, const struct fields *f, uint64_t *state)
{
	for (size_t i = 0; f->field[i].key; i++) {
		const struct field *d = &f->field[i];
		char *p = to + d->offset;

		if (d->kind == FIELD_STRUCT) {
			for (unsigned int k = 0; k < d->count; k++)
				scatter(p + k * d->of->size, d->of, state);
			continue;
		}
		if (d->kind == FIELD_RESERVED)
			continue;
		for (unsigned int k = 0; k < d->size; k++)
			p[k] = (char)(next_random(state) >> 32 | 1);
		if (d->kind == FIELD_UNSIGNED && d->size == 8)
			p[7] &= 0x7f;
		if (d->kind == FIELD_STACK)	/* shorter than the maximum */
			memset(p + d->size / 2, 0, d->size - d->size / 2);
		if (d->kind == FIELD_CHARS && next_random(state) & 1)
			memset(p + d->size / 3, 0, d->size - d->size / 3);
		if (d->kind == FIELD_STRINGS) {
			p[1] = p[d->size / 2] = p[d->size / 2 + 1] = '\0';
			memset(p + d->size / 3 * 2, 0, d->size - d->size / 3 * 2);
		}
	}
}

static void make_record(union record *r, unsigned int type, uint64_t *state)
{
	unsigned int npids = type < WIRE_META ? record_layouts[type].npids : 0;

	memset(r, 0, sizeof(*r));
	scatter(r->bytes, &hdr_fields, state);
	r->hdr.type = (uint16_t)type;
	/* Records of several links are made single before they are exported. */
	r->hdr.flags &= (uint16_t)~WIRE_F_LINKS;
	r->hdr.npids = (uint8_t)npids;
	r->hdr.levels = npids ? 1 + next_random(state) % WIRE_MAX_LEVELS : 0;
	r->hdr.size = (uint16_t)(record__body_size(type) +
				 npids * WIRE_PID_SIZE(r->hdr.levels));
	scatter(r->bytes, record__fields(type), state);
	for (unsigned int i = 0; i < npids; i++) {
		struct wire_pid *img = (void *)record__pid(&r->hdr, i);

		scatter((char *)img, &pid_fields, state);
		img->level = next_random(state) % (r->hdr.levels + 2);
		for (unsigned int k = 0; k < record__levels(&r->hdr, img); k++)
			scatter((char *)&img->upid[k], &upid_fields, state);
	}
	assert_int_equal(record__check(r, sizeof(*r)), r->hdr.size);
}

/* A line loses nothing: it converts back to the same record, for every type. */
static void there_and_back(unsigned int type, uint64_t *state)
{
	union record made, again;
	struct output o;
	char *line;

	make_record(&made, type, state);
	begin(&o, "json");
	assert_int_equal(record_sink__record(exporter__sink(o.x), &made.hdr), 0);
	end(&o, NULL);
	line = strchr(o.text, '\n') + 1;	/* after the line of the header */
	read_line(line, &again);
	for (unsigned int i = 0; i < made.hdr.size; i++)
		if (made.bytes[i] != again.bytes[i])
			fail_msg("%s: byte %u is not the same in %s",
				 record__name(type), i, line);
	free(o.text);
}

static void test_there_and_back(void **)
{
	uint64_t random = 1;

	for (int i = 0; i < 20; i++) {
		for (unsigned int t = 0; t < WIRE_KERNEL_TYPES; t++)
			there_and_back(t, &random);
		for (unsigned int t = WIRE_META; t < WIRE_META_LAST; t++)
			there_and_back(t, &random);
	}
}

static void test_numbers(void **)
{
	struct buf b = { 0 };

	buf__u64(&b, UINT64_MAX);
	buf__char(&b, ' ');
	buf__s64(&b, INT64_MIN);
	buf__char(&b, ' ');
	buf__s64(&b, 0);
	buf__char(&b, ' ');
	buf__hex(&b, UINT64_MAX);
	buf__char(&b, ' ');
	buf__json(&b, "a\"\\\n\x80z", 6);
	buf__char(&b, ' ');
	buf__escaped(&b, "a\"\\\nz", 4);
	buf__char(&b, '\0');
	assert_string_equal(b.bytes, "18446744073709551615 "
			    "-9223372036854775808 0 0xffffffffffffffff "
			    "a\\\"\\\\x5c\\\\x0a\\\\x80z a\"\\x5c\\x0a");
	buf__free(&b);
}

/* --- the formats --- */

static void play(struct gen *g, story_fn fn)
{
	struct wire_meta_sym sym = {
		.hdr = { .type = WIRE_META_SYM, .size = sizeof(sym) },
		.address = 0xffffffff81000300, .name = "refcount_warn+0x10",
	};

	gen__begin(g, 0);
	record_sink__record(g->sink, &sym.hdr);
	fn(g, gen__fork(g, g->init));
	gen__end(g);
}

static void export_to(struct output *o, story_fn fn, const char *format,
		      enum gen_fate (*filter)(struct gen *, struct wire_hdr *),
		      void *arg, const char *cut)
{
	struct gen *g;

	begin(o, format);
	g = gen__new(exporter__sink(o->x), 256);
	g->knob = WIRE_KNOB_ON;
	g->filter = filter;
	g->arg = arg;
	play(g, fn);
	assert_int_equal(g->error, 0);
	gen__free(g);
	end(o, cut);
}

static char *export(story_fn fn, const char *format,
		    enum gen_fate (*filter)(struct gen *, struct wire_hdr *), void *arg,
		    const char *cut)
{
	struct output o;

	export_to(&o, fn, format, filter, arg, cut);
	return o.text;
}

/* A spreadsheet must not split this name into two cells. */
static void story_short(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, g->init);

	gen__setsid(g, me);
	gen__exec(g, me, "a,\"b\"\\\n\x80");
	gen__setns_join(g, me, ns);
	gen__exit(g, me, 3 << 8);
	gen__release(g, g->init, me);
}

static const struct golden {
	const char *name, *format;
	story_fn play;
	enum gen_fate (*filter)(struct gen *, struct wire_hdr *);
} goldens[] = {
	{ "export-join.json", "json", story_short, NULL },
	{ "export-join.csv", "csv", story_short, NULL },
	{ "export-join.perfetto.json", "perfetto", story_joins, NULL },
	{ "export-seed-lossy.perfetto.json", "perfetto", story_seed,
	  story_lossy },
};

#define NGOLDENS (ARRAY_SIZE(goldens))

static void test_golden(void **state)
{
	const struct golden *g = *state;
	char *text = export(g->play, g->format, g->filter, NULL, NULL);

	file__golden(text, g->name);
	free(text);
}

static unsigned int count(json_t *events, const char *key, const char *value)
{
	unsigned int n = 0;
	json_t *e, *v;
	size_t i;

	json_array_foreach(events, i, e) {
		v = json_object_get(e, key);
		n += v && !strcmp(json_string_value(v), value);
	}
	return n;
}

/* A trace may end anywhere: the export closes open items and reports the reason. */
static enum gen_fate vanish_late(struct gen *g, struct wire_hdr *)
{
	return g->nth++ < *(unsigned int *)g->arg ? GEN_EMIT : GEN_VANISH;
}

static void test_cut(void **)
{
	for (unsigned int n = 0; n < 120; n++) {
		char *text = export(story_joins, "perfetto", vanish_late, &n,
				    "cut \"here\"");
		json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		json_t *events, *cut;

		assert_non_null(doc);
		events = json_object_get(doc, "traceEvents");
		assert_int_equal(count(events, "ph", "B"),
				 count(events, "ph", "E"));
		assert_int_equal(count(events, "ph", "s"),
				 count(events, "ph", "f"));
		cut = json_object_get(json_object_get(doc, "metadata"), "cut");
		assert_string_equal(json_string_value(cut), "cut \"here\"");
		json_decref(doc);
		free(text);
	}
}

struct packets {
	int open;			/* slices that have not ended */
	unsigned int slices, out, in;
	uint64_t arrow;			/* the sum of the arrows that have not ended */
	uint64_t last;			/* timestamp */
};

static void count_event(struct packets *p, const Pf__TracePacket *packet)
{
	const Pf__TrackEvent *e = packet->track_event;

	assert_int_equal(packet->trusted_packet_sequence_id, 1);
	if (!e)
		return;
	assert_true(packet->timestamp >= p->last);
	p->last = packet->timestamp;
	p->open += e->type == PF__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN;
	p->slices += e->type == PF__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN;
	p->open -= e->type == PF__TRACK_EVENT__TYPE__TYPE_SLICE_END;
	assert_true(p->open >= 0);
	for (size_t i = 0; i < e->n_flow_ids; i++, p->out++)
		p->arrow += e->flow_ids[i];
	for (size_t i = 0; i < e->n_terminating_flow_ids; i++, p->in++)
		p->arrow -= e->terminating_flow_ids[i];
}

/* A pftrace ends all slices and arrows, wherever its trace ends. */
static void test_packets(void **)
{
	struct packets p = { 0 };

	for (unsigned int n = 0; n < 120; n++) {
		struct output o;
		Pf__Trace *trace;

		export_to(&o, story_joins, "pftrace", vanish_late, &n, "cut");
		trace = pf__trace__unpack(NULL, o.len, (const uint8_t *)o.text);
		assert_non_null(trace);
		assert_int_equal(trace->packet[0]->sequence_flags, 1);
		p = (struct packets){ 0 };
		for (size_t i = 0; i < trace->n_packet; i++)
			count_event(&p, trace->packet[i]);
		assert_int_equal(p.open, 0);
		assert_int_equal(p.out, p.in);
		assert_int_equal(p.arrow, 0);
		pf__trace__free_unpacked(trace, NULL);
		free(o.text);
	}
	assert_true(p.slices > 20 && p.out > 5);
}

/* Tasks come and go; an export keeps only the live ones in memory. */
static void test_memory(void **state)
{
	size_t most[2] = { 0 };

	for (int round = 0; round < 2; round++) {
		FILE *f = fopen("/dev/null", "we");
		struct exporter *x;
		struct gen_task *t;
		struct gen *g;

		x = exporter__new(f, export_format__find(*state), &info);
		g = gen__new(exporter__sink(x), 256);
		g->knob = WIRE_KNOB_ON;
		gen__begin(g, 0);
		for (int i = 0; i < (round ? 20000 : 200); i++) {
			t = gen__fork(g, g->init);
			gen__exec(g, t, "true");
			gen__exit(g, t, 0);
			gen__release(g, g->init, t);
		}
		most[round] = __sanitizer_get_current_allocated_bytes();
		gen__free(g);
		assert_int_equal(exporter__finish(x, NULL), 0);
		exporter__free(x);
		fclose(f);
	}
	assert_true(most[1] < most[0] + (64 << 10));
}

/* A write error of the output ends the stream and is reported by name. */
static void test_full(void **)
{
	static const char *const formats[] = { "perfetto", "pftrace", "json", "csv" };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		FILE *f = fopen("/dev/full", "we");
		struct exporter *x;
		struct gen *g;

		setvbuf(f, NULL, _IONBF, 0);
		x = exporter__new(f, export_format__find(formats[i]), &info);
		g = gen__new(exporter__sink(x), 256);
		gen__begin(g, 0);
		assert_int_equal(g->error, -ENOSPC);
		assert_int_equal(exporter__finish(x, NULL), -ENOSPC);
		exporter__free(x);
		gen__free(g);
		fclose(f);
	}
}

int main(void)
{
	static struct CMUnitTest tests[NGOLDENS + 7];
	size_t n = 0;

	for (size_t i = 0; i < NGOLDENS; i++)
		tests[n++] = ROW_TEST(test_golden, &goldens[i]);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_there_and_back);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_numbers);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_cut);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_packets);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_prestate(test_memory, "perfetto");
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_prestate(test_memory, "pftrace");
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_full);
	return _cmocka_run_group_tests("export", tests, n, NULL, NULL);
}
