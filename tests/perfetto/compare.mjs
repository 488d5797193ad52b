// SPDX-License-Identifier: GPL-2.0-only
//
// compare.mjs ENGINE JSON PFTRACE: has Perfetto's trace processor read what `pidnstrace
// export' made of one trace in the formats perfetto and pftrace. It must read both
// without an error, and find the same processes, threads, slices with their times and
// arguments, arrows and counters. Prints what differs, and then has exit status 1.
import { readFileSync } from "node:fs";
import { openEngine } from "./reader.mjs";

const [dir, json, pftrace] = process.argv.slice(2);
const Reader = await openEngine(dir);
const SHOWN = 5;	// differences of each kind

// Each slice has the thread and process of its track; those of no thread, or of none of
// both, are instants.
const SLICES = `
	SELECT slice.id, slice.ts - $start AS ts, slice.dur, slice.category, slice.name,
		slice.depth, slice.parent_id, thread.tid, thread.name AS thread,
		coalesce(p.pid, q.pid) AS pid, slice.arg_set_id AS args
	FROM slice
	LEFT JOIN thread_track tt ON slice.track_id = tt.id
	LEFT JOIN thread USING (utid)
	LEFT JOIN process p USING (upid)
	LEFT JOIN process_track pt ON slice.track_id = pt.id
	LEFT JOIN process q ON q.upid = pt.upid
	ORDER BY slice.ts, slice.id`;
const LABELS = `
	SELECT DISTINCT pid, string_value AS label FROM process JOIN args USING (arg_set_id)
	WHERE key GLOB 'chrome.process_label*' ORDER BY pid, label`;
const ARGS = `
	SELECT arg_set_id AS id, key, coalesce(int_value, string_value) AS value
	FROM args WHERE key GLOB '$prefix.*' ORDER BY arg_set_id, args.id`;
const QUERIES = {
	process: "SELECT pid, name FROM process WHERE name IS NOT NULL ORDER BY pid, name",
	thread: `SELECT tid, pid, thread.name FROM thread JOIN process USING (upid)
		WHERE is_main_thread = 0 AND pid != 0 ORDER BY tid, pid, thread.name`,
	counter: `SELECT ts - $start AS ts, value, counter_track.name, pid
		FROM counter JOIN process_counter_track counter_track
			ON counter.track_id = counter_track.id
		JOIN process USING (upid) ORDER BY ts, pid, counter.id`,
	flow: "SELECT slice_out AS 'from', slice_in AS 'to' FROM flow",
};
const START = `SELECT min(clock_value) AS start FROM clock_snapshot
	WHERE clock_name = 'MONOTONIC'`;
const BROKEN = `SELECT name, value FROM stats
	WHERE severity IN ('error', 'data_loss') AND value != 0`;

async function argsOf(reader, prefix) {
	const all = new Map();

	for (const r of await reader.rows(ARGS.replace("$prefix", prefix))) {
		if (!all.has(r.id))
			all.set(r.id, []);
		all.get(r.id).push(`${r.key.slice(prefix.length + 1)}=${r.value}`);
	}
	return all;
}

// Returns the reader that has read the file, without an error.
async function load(path) {
	const reader = new Reader();
	await reader.load(path);
	const broken = await reader.rows(BROKEN);
	if (broken.length)
		throw new Error(`read with errors: ${JSON.stringify(broken)}`);
	return reader;
}

// Returns all that is found, with times since start, an SQL value. prefix: that of the
// keys of arguments
async function tables(reader, prefix, start) {
	const sql = (text) => reader.rows(text.replaceAll("$start", start));
	const args = await argsOf(reader, prefix);
	const found = {};

	found.slice = await sql(SLICES);
	const place = new Map(found.slice.map((s, i) => [s.id, i]));
	for (const s of found.slice) {
		s.args = (args.get(s.args) ?? []).join(", ");
		s.parent_id = place.get(s.parent_id);
		delete s.id;
	}
	for (const [name, text] of Object.entries(QUERIES))
		found[name] = await sql(text);
	for (const f of found.flow) {
		f.to = place.get(f.to);
		f.from = leaves(found.slice, place.get(f.from), f.to);
	}
	// leaves() may have moved the begin of an arrow.
	found.flow.sort((x, y) => x.from - y.from || x.to - y.to);
	return found;
}

// The trace processor lets an arrow in JSON leave the last instant of the thread, if
// nothing came after it, and not the slice around it. Only a fork's arrow leaves an
// instant, and leads to a different thread.
function leaves(slices, from, to) {
	if (slices[from].tid === slices[to].tid)
		while (slices[from].category === "record")
			from = slices[from].parent_id;
	return from;
}

// The trace processor ignores the labels of processes in JSON.
function labelsIn(path) {
	const labels = new Map();

	for (const e of JSON.parse(readFileSync(path, "utf8")).traceEvents)
		if (e.name === "process_labels")
			labels.set(e.pid, e.args.labels);
	return [...labels].sort((a, b) => a[0] - b[0])
		.map(([pid, label]) => ({ pid, label }));
}

// Returns how many rows differ.
function differences(name, a, b) {
	let n = 0;

	for (let i = 0; i < Math.max(a.length, b.length); i++) {
		const [x, y] = [JSON.stringify(a[i]), JSON.stringify(b[i])];
		if (x !== y && n++ < SHOWN)
			print(`${name} ${i}: ${x} in perfetto, ${y} in pftrace`);
	}
	if (n)
		print(`${name}: ${n} differ`);
	return n;
}

function print(line) {
	process.stdout.write(`${line}\n`);
}

try {
	const readers = [await load(json), await load(pftrace)];
	const [clock] = await readers[1].rows(START);
	// The start is not known: the first event is.
	const first = "(SELECT min(ts) FROM slice)";
	const a = await tables(readers[0], "args", clock.start ? 0 : first);
	const b = await tables(readers[1], "debug", clock.start ?? first);
	let wrong = 0;

	a.label = labelsIn(json);
	b.label = await readers[1].rows(LABELS);

	for (const name of Object.keys(a)) {
		wrong += differences(name, a[name], b[name]);
		print(`${a[name].length} of ${name}`);
	}
	readers.forEach((r) => r.close());
	process.exitCode = wrong || !a.slice.length ? 1 : 0;
} catch (e) {
	print(`${pftrace}: ${e.message ?? e}`);
	process.exit(1);
}
