// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes all of a trace as JSON Lines: one object a line, in the order of the stream.
 * The trace can be rebuilt from the lines.
 *
 * The first line has the data of the trace's header:
 *
 *	{"record":"trace","trace_version":1,"wire_version":6,"release":"6.12.48",
 *	 "semantics":"join","seed":1,"start_realtime_ns":...,"start_monotonic_ns":...}
 *
 * Each other line has a record, including the loader's own (meta_hook, meta_command,
 * meta_sym, meta_stats with the losses, meta_end):
 *
 *	{"index":7,"record":"setns_exit","hdr":{"type":1,...,"cpu":0,"seq":4,
 *	 "ts_ns":5000009000,"current_task":"0xffff888000002000",...},
 *	 "task":{"task":"0x...",...,"pid":101,"comm":"nsenter"},"ret":0,...,
 *	 "pids":[{"address":"0x...","level":1,"count":2,"first":["0x...",...],
 *	  "tasks":"0x...","upid":[{"nr":101,"ns":4026531836,...},{"nr":2,...}]}]}
 *
 * Fields have the names, the meaning and the nesting of bpf/wire.h; reserved fields are
 * left out. "index" counts records from 1, "record" is the type's name. "pids" are the
 * images after the body, "upid" their filled levels, outermost first.
 *
 * Enums and masks have the numbers of bpf/wire.h. Addresses are strings in hex; all
 * other values are decimal numbers of up to 64 bits (seed, start_realtime_ns), which a
 * reader that has doubles only rounds. A stack ends at its first zero. Bytes of a comm
 * that are not printable UTF-8, and a backslash, become \xNN (in JSON "\\xNN"). The
 * arguments of an exec are one string, with \x00 between them.
 */
#include "loader/export/export_parts.h"

static void json_begin(struct exporter *x)
{
	buf__lit(&x->buf, "{\"record\":\"trace\",");
	exporter__run_json(x);
	buf__lit(&x->buf, "}\n");
}

static void put_image(struct buf *t, const struct wire_hdr *rec,
		      const struct wire_pid *img)
{
	unsigned int n = record__levels(rec, img);

	buf__char(t, '{');
	fields__json(&pid_fields, img, t);
	buf__lit(t, ",\"upid\":[");
	for (unsigned int i = 0; i < n; i++) {
		buf__str(t, i ? ",{" : "{");
		fields__json(&upid_fields, &img->upid[i], t);
		buf__char(t, '}');
	}
	buf__lit(t, "]}");
}

static void json_record(struct exporter *x, const struct model_view *v)
{
	const struct wire_hdr *rec = v->rec;
	struct buf *t = &x->buf;

	buf__lit(t, "{\"index\":");
	buf__u64(t, v->index);
	buf__lit(t, ",\"record\":\"");
	buf__str(t, record__name(rec->type));
	buf__lit(t, "\",\"hdr\":{");
	fields__json(&hdr_fields, rec, t);
	buf__lit(t, "},");
	fields__json(record__fields(rec->type), rec, t);
	for (unsigned int i = 0; i < rec->npids; i++) {
		buf__str(t, i ? "," : ",\"pids\":[");
		put_image(t, rec, record__pid(rec, i));
	}
	buf__str(t, rec->npids ? "]}\n" : "}\n");
}

const struct export_format export_json = {
	.name = "json",
	.state_size = 1,
	.begin = json_begin,
	.record = json_record,
};
