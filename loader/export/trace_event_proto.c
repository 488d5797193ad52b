// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes events in Perfetto's own format, a sequence of protobuf packets. Packets are
 * made and written one by one, so a trace of any length needs the memory of its longest
 * packet. perfetto_trace.proto has the fields that are used.
 *
 * Each viewer's process, each thread in a process and each counter is a track. Times
 * are CLOCK_MONOTONIC; the first packet has the wall clock of the same moment. A flow
 * is a number of the event whose slice it leaves or reaches.
 *
 * Bad at: size. Names are not interned, they are repeated in each packet.
 */
#include <stdio.h>
#include <string.h>

#include "loader/export/export_parts.h"
#include "loader/export/trace_event.h"
#include "loader/trace/semantics.h"
#include "perfetto_trace.pb-c.h"

/* The only writer of the file: the readers' state is kept by its number. */
#define SEQUENCE 1
#define SEQUENCE_BEGINS 1	/* a bit of sequence_flags */

/* --- packets --- */

struct packet_buffer {
	ProtobufCBuffer base;	/* first member: cast to struct packet_buffer */
	struct buf *out;
};

static void append(ProtobufCBuffer *b, size_t len, const uint8_t *bytes)
{
	buf__add(((struct packet_buffer *)b)->out, (const char *)bytes, len);
}

static void put_packet(struct trace_event_writer *w, Pf__TracePacket *packet)
{
	struct packet_buffer b = { { append }, w->buf };
	Pf__Trace trace = PF__TRACE__INIT;

	packet->has_trusted_packet_sequence_id = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	if (!w->any) {
		packet->has_sequence_flags = true;
		packet->sequence_flags = SEQUENCE_BEGINS;
		packet->has_first_packet_on_sequence = true;
		packet->first_packet_on_sequence = true;
		w->any = true;
	}
	trace.n_packet = 1;
	trace.packet = &packet;
	pf__trace__pack_to_buffer(&trace, &b.base);
}

static void put_track(struct trace_event_writer *w, Pf__TrackDescriptor *track,
		      uint64_t uuid)
{
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;

	track->has_uuid = true;
	track->uuid = uuid;
	packet.track_descriptor = track;
	put_packet(w, &packet);
}

/* --- the trace --- */

/* Adds the clock, unless the trace does not know what it showed. */
static void add_clock(Pf__ClockSnapshot *clocks, Pf__ClockSnapshot__Clock *clock,
		      Pf__BuiltinClock id, uint64_t ns)
{
	if (!ns)
		return;
	clock->has_clock_id = clock->has_timestamp = true;
	clock->clock_id = id;
	clock->timestamp = ns;
	clocks->clocks[clocks->n_clocks++] = clock;
}

static void put_clocks(struct trace_event_writer *w, const struct trace_info *i)
{
	Pf__ClockSnapshot__Clock clock[] = {
		PF__CLOCK_SNAPSHOT__CLOCK__INIT, PF__CLOCK_SNAPSHOT__CLOCK__INIT,
	};
	Pf__ClockSnapshot__Clock *list[ARRAY_SIZE(clock)];
	Pf__ClockSnapshot clocks = PF__CLOCK_SNAPSHOT__INIT;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;

	clocks.clocks = list;
	add_clock(&clocks, &clock[0], PF__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC,
		  i->start_monotonic_ns);
	add_clock(&clocks, &clock[1], PF__BUILTIN_CLOCK__BUILTIN_CLOCK_REALTIME,
		  i->start_realtime_ns);
	clocks.has_primary_trace_clock = true;
	clocks.primary_trace_clock = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	packet.clock_snapshot = &clocks;
	put_packet(w, &packet);
}

static void put_system(struct trace_event_writer *w, const struct trace_info *i)
{
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	Pf__SystemInfo system = PF__SYSTEM_INFO__INIT;
	Pf__Utsname name = PF__UTSNAME__INIT;
	struct buf release = { 0 };

	buf__escaped(&release, i->release, sizeof(i->release));
	buf__char(&release, '\0');
	name.sysname = "Linux";
	name.release = release.bytes;
	system.utsname = &name;
	packet.system_info = &system;
	put_packet(w, &packet);
	buf__free(&release);
}

/* Describes the track of the whole trace, whose number is 0. */
static void put_root(struct trace_event_writer *w, const struct trace_info *i)
{
	Pf__TrackDescriptor track = PF__TRACK_DESCRIPTOR__INIT;
	char text[128];

	snprintf(text, sizeof(text), "semantics %s, seed %llu",
		 semantics__name(i->semantics), (unsigned long long)i->seed);
	track.name = "pidnstrace";
	track.description = text;
	track.has_process_ordering = true;
	track.process_ordering =
		PF__TRACK_DESCRIPTOR__PROCESS_ORDERING__PROCESS_ORDERING_EXPLICIT;
	put_track(w, &track, 0);
}

static void proto_begin(struct exporter *x, struct trace_event_writer *w)
{
	put_clocks(w, &x->info);
	put_system(w, &x->info);
	put_root(w, &x->info);
}

/* --- tracks --- */

#define COUNTER_TRACK 0xffffffffu	/* replaces the thread */

static uint64_t track_uuid(uint64_t pid, uint64_t tid)
{
	return pid << 32 | tid;
}

/* Describes the process and its counter. */
static void proto_process(struct trace_event_writer *w,
			  const struct trace_process *p)
{
	Pf__ProcessDescriptor process = PF__PROCESS_DESCRIPTOR__INIT;
	Pf__TrackDescriptor track = PF__TRACK_DESCRIPTOR__INIT;
	Pf__TrackDescriptor tasks = PF__TRACK_DESCRIPTOR__INIT;
	Pf__CounterDescriptor counter = PF__COUNTER_DESCRIPTOR__INIT;
	char *label = (char *)p->label;

	process.has_pid = process.has_legacy_sort_index = true;
	process.pid = (int32_t)p->pid;
	process.legacy_sort_index = (int32_t)p->rank;
	process.process_name = (char *)p->name;
	process.n_process_labels = label ? 1 : 0;
	process.process_labels = &label;
	track.process = &process;
	track.has_sibling_order_rank = true;
	track.sibling_order_rank = (int32_t)p->rank;
	put_track(w, &track, track_uuid(p->pid, 0));

	counter.has_unit = true;
	counter.unit = PF__COUNTER_DESCRIPTOR__UNIT__UNIT_COUNT;
	tasks.name = "tasks live";	/* as viewers name the counter of the JSON */
	tasks.has_parent_uuid = true;
	tasks.parent_uuid = track_uuid(p->pid, 0);
	tasks.counter = &counter;
	put_track(w, &tasks, track_uuid(p->pid, COUNTER_TRACK));
}

static void proto_thread(struct trace_event_writer *w,
			 const struct trace_thread *t)
{
	Pf__ThreadDescriptor thread = PF__THREAD_DESCRIPTOR__INIT;
	Pf__TrackDescriptor track = PF__TRACK_DESCRIPTOR__INIT;

	thread.has_pid = thread.has_tid = true;
	thread.pid = (int32_t)t->pid;
	thread.tid = (int64_t)t->tid;
	thread.thread_name = (char *)t->name;
	track.thread = &thread;
	put_track(w, &track, track_uuid(t->pid, t->tid));
}

/* --- events --- */

/* The annotations of an event, and the elements of those that are lists. */
struct annotations {
	unsigned int n;
	Pf__DebugAnnotation note[TRACE_EVENT_ARGS + 2 * WIRE_MAX_LEVELS];
	Pf__DebugAnnotation *list[TRACE_EVENT_ARGS + 2 * WIRE_MAX_LEVELS];
};

static void add_elements(struct annotations *all, Pf__DebugAnnotation *note,
			 const struct trace_arg *a)
{
	note->array_values = &all->list[all->n];
	for (uint32_t i = 0; i < a->count && all->n < ARRAY_SIZE(all->note); i++) {
		Pf__DebugAnnotation *element = &all->note[all->n];

		pf__debug_annotation__init(element);
		element->has_int_value = true;
		element->int_value = a->numbers[i];
		all->list[all->n++] = element;
		note->n_array_values++;
	}
}

static void set_value(struct annotations *all, Pf__DebugAnnotation *note,
		      const struct trace_arg *a, char *text)
{
	note->name = (char *)a->key;
	switch (a->kind) {
	case ARG_NUMBER:
		note->has_int_value = true;
		note->int_value = a->number;
		return;
	case ARG_TEXT:
		note->string_value = text;
		return;
	case ARG_JSON:
		note->legacy_json_value = text;
		return;
	case ARG_NUMBERS:
		add_elements(all, note, a);
		return;
	}
}

static void add_annotations(Pf__TrackEvent *event, struct annotations *all,
			    struct trace_event_writer *w)
{
	const struct trace_event *e = &w->event;

	for (; all->n < e->nargs; all->n++) {
		pf__debug_annotation__init(&all->note[all->n]);
		all->list[all->n] = &all->note[all->n];
	}
	for (unsigned int i = 0; i < e->nargs; i++)
		set_value(all, &all->note[i], &e->args[i],
			  w->text.bytes + e->args[i].text);
	event->n_debug_annotations = e->nargs;
	event->debug_annotations = all->list;
}

static void add_name(Pf__TrackEvent *event, struct trace_event_writer *w)
{
	event->n_categories = 1;
	event->categories = (char **)&w->event.category;
	event->name = w->text.bytes;
}

static void add_flows(Pf__TrackEvent *event, struct trace_event *e)
{
	event->n_flow_ids = !!e->flow_out;
	event->flow_ids = &e->flow_out;
	event->n_terminating_flow_ids = !!e->flow_in;
	event->terminating_flow_ids = &e->flow_in;
}

static void proto_event(struct trace_event_writer *w)
{
	static const Pf__TrackEvent__Type types[] = {
		[EVENT_BEGIN] = PF__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN,
		[EVENT_END] = PF__TRACK_EVENT__TYPE__TYPE_SLICE_END,
		[EVENT_INSTANT] = PF__TRACK_EVENT__TYPE__TYPE_INSTANT,
		[EVENT_COUNTER] = PF__TRACK_EVENT__TYPE__TYPE_COUNTER,
	};
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	Pf__TrackEvent event = PF__TRACK_EVENT__INIT;
	struct trace_event *e = &w->event;
	struct annotations notes;

	notes.n = 0;
	event.has_type = event.has_track_uuid = true;
	event.type = types[e->type];
	event.track_uuid = e->everywhere ? 0 : track_uuid(e->pid, e->tid);
	add_flows(&event, e);
	if (e->type == EVENT_COUNTER) {
		event.track_uuid = track_uuid(e->pid, COUNTER_TRACK);
		event.has_counter_value = true;
		event.counter_value = e->args[0].number;
	} else {
		add_annotations(&event, &notes, w);
	}
	if (e->type == EVENT_BEGIN || e->type == EVENT_INSTANT)
		add_name(&event, w);
	packet.has_timestamp = packet.has_timestamp_clock_id = true;
	packet.timestamp = w->start_ns + w->now_ns;
	packet.timestamp_clock_id = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	packet.track_event = &event;
	put_packet(w, &packet);
}

const struct trace_event_encoding trace_event_proto = {
	.begin = proto_begin,
	.process = proto_process,
	.thread = proto_thread,
	.event = proto_event,
};
