/* SPDX-License-Identifier: GPL-2.0-only */
"use strict";
/*
 * Prepares the data: events, lanes (one per namespace), the rows of each lane, and the
 * tasks in the rows.
 *
 * Positions are numbers of events, from 1; 0 is before the first event, END after the
 * last. Lists in this order are sorted for either axis, time or record: only AT, the
 * place of each event on the axis, depends on the axis.
 */
const DATA = JSON.parse(document.getElementById("trace").textContent);
const N = DATA.events.n, END = N + 1;

/* Returns the sums of the differences: that of event 1 is at index 1. */
function running_sum(a)
{
	const sums = new Float64Array(N + 2);
	for (let i = 0; i < N; i++)
		sums[i + 1] = sums[i] + a[i];
	return sums;
}

/* Returns the numbers as a typed array, that of event 1 at index 1. */
function column(a, Type)
{
	const c = new Type(N + 2);
	c.set(a, 1);
	return c;
}

const RECORD = running_sum(DATA.events.record);
const NS = running_sum(DATA.events.ns);
const TYPE = column(DATA.events.type, Uint8Array);
const CPU = column(DATA.events.cpu, Uint16Array);
const TASK = column(DATA.events.task, Int32Array);
const OTHER = column(DATA.events.other, Int32Array);
const WHO = column(DATA.events.who, Int32Array);
const STRINGS = DATA.strings;
const line_of = e => DATA.events.line[e - 1];

const T = {};
DATA.types.forEach((name, i) => { T[name] = i; });

/* --- classes of marks, in the legend's order; later classes lie on top --- */

const CLASSES = [
	["line", "task (dotted: dead, not reaped)"], ["other", "other record"],
	["fork", "fork"], ["exec", "exec"], ["exit", "exit"],
	["wait", "wait, reaped"], ["change", "change_pid"],
	["ns", "namespace made, ended, freed"], ["setns", "setns"],
	["refused", "setns refused"], ["join", "join"],
	["error", "kernel error report"], ["violation", "violation"],
	["loss", "records lost"],
];
const C = {};
CLASSES.forEach(([name], i) => { C[name] = i; });

const CLASS_OF_TYPE = new Uint8Array(256).fill(C.other);
for (const [cls, names] of Object.entries({
	fork: ["fork"], exec: ["exec"], exit: ["exit"], wait: ["release"],
	change: ["change_pid", "pid_rewrite", "pidns_commit_join",
		 "exchange_tids"],
	ns: ["pidns_new", "pidns_free", "zap_enter", "zap_exit"],
	setns: ["setns_enter", "setns_exit"], error: ["error_report"],
}))
	for (const name of names)
		CLASS_OF_TYPE[T[name]] = C[cls];

/* --- the axis --- */

const AT = new Float64Array(N + 2);	/* per event: its place on the axis */
let LOW = 0, HIGH = 1;			/* ends of the axis, with a margin */
let axis = "time";

function set_axis(name)
{
	axis = name;
	for (let e = 1, last = 0; e <= N; e++) {
		/* The clocks of CPUs may differ, but AT must be sorted. */
		last = Math.max(last, NS[e]);
		AT[e] = axis == "time" ? last : e;
	}
	const first = N ? AT[1] : 0, last = N ? AT[N] : 1;
	const margin = Math.max((last - first) * 0.02, axis == "time" ? 1000 : 1);
	LOW = AT[0] = first - margin;
	HIGH = AT[END] = last + margin;
}

/* Returns the least i in lo..hi with f(i), or hi. */
function first_with(lo, hi, f)
{
	while (lo < hi) {
		const mid = (lo + hi) >> 1;
		if (f(mid))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

const event_from = at => first_with(1, END, e => AT[e] >= at);
const event_of_record = r => first_with(1, END, e => RECORD[e] >= r);

/* --- namespaces, tasks --- */

/* In DATA, events are numbered from 0. */
const begin = e => e + 1;		/* -1: before the first event */
const end = e => e < 0 ? END : e + 1;	/* -1: never */

const new_lane = ([inum, parent, level, made, freed, zap, zapped, followed], id) => ({
	id, inum, parent, level, made: begin(made), freed: end(freed),
	zap: begin(zap), zapped: end(zapped), followed: !!followed,
	is_made: made >= 0, stays: [], events: [], children: [], rows: [],
	name: `pid:[${inum}]`, life: 1,
});
const LANES = DATA.ns.map(new_lane);
/* The lane of tasks whose namespace the records lack. */
const NOWHERE = new_lane([0, -1, 0, -1, -1, -1, -1, 1], -1);
NOWHERE.name = "not known";

const seen_inum = new Map();
for (const lane of LANES) {
	/* The kernel reuses inums: the first namespace with an inum has life 1. */
	lane.life = (seen_inum.get(lane.inum) || 0) + 1;
	seen_inum.set(lane.inum, lane.life);
}

const TASKS = [];
for (let i = 0; i < DATA.tasks.length; i += 5) {
	const [first, exit, release, leader, flags] = DATA.tasks.slice(i, i + 5);
	TASKS.push({
		id: i / 5, first: begin(first), exit: end(exit),
		release: end(release), leader, drawn: !!(flags & 1),
		thread: !!(flags & 2), followed: !!(flags & 4),
		parent: -1, segments: [], stays: [], events: [], guilty: false,
	});
}

/* Facts that an event's type lacks. */
const CLASS = new Uint8Array(N + 2);	/* index in CLASSES */
const ENTRY = new Int32Array(N + 2);	/* by setns_exit: its setns_enter */
const RETURN = new Int32Array(N + 2);	/* by setns_enter: its setns_exit */
const JOINED = new Map();		/* event: [segment before, after] */

for (let i = 0; i < DATA.segments.length; i += 4) {
	const [event, task, ns, label] = DATA.segments.slice(i, i + 4);
	const t = TASKS[task], before = t.segments[t.segments.length - 1];
	const segment = { task: t, lane: LANES[ns] || NOWHERE, label,
			  b: begin(event), e: END };
	if (before) {
		before.e = segment.b;
		if (TYPE[segment.b] == T.setns_exit && TASK[segment.b] == task)
			JOINED.set(segment.b, [before, segment]);
	}
	t.segments.push(segment);
}

/* A violation that was found at the end names the records of a struct pid or namespace. */
const VIOLATIONS = DATA.violations.map(([rule, why, at_end]) =>
	({ rule, at_end: !!at_end, events: [],
	   why: STRINGS[why] || "one of many, in words are only the first" }));
const VIOLATED = new Map();		/* event: its violations */
for (let i = 0; i < DATA.named.length; i += 2) {
	const v = VIOLATIONS[DATA.named[i]], e = begin(DATA.named[i + 1]);
	if (!e)				/* not drawn */
		continue;
	v.events.push(e);
	VIOLATED.set(e, [...VIOLATED.get(e) || [], v]);
}
/* Returns whether the event's mark of a violation is on the task's line. */
const is_guilty = e => VIOLATED.has(e) &&
	(CLASS[e] != C.ns || VIOLATED.get(e).some(v => !v.at_end));
const returned = e => Number(/^ = (-?\d+)/.exec(line_of(e))?.[1] || 0);

for (let e = 1, entered = new Map(); e <= N; e++) {
	const task = TASKS[TASK[e]];

	CLASS[e] = CLASS_OF_TYPE[TYPE[e]];
	if (TYPE[e] == T.setns_enter)
		entered.set(TASK[e], e);
	if (TYPE[e] == T.setns_exit) {
		ENTRY[e] = entered.get(TASK[e]) || 0;
		RETURN[ENTRY[e]] = e;
		entered.delete(TASK[e]);
		CLASS[e] = JOINED.has(e) ? C.join :
			   returned(e) < 0 ? C.refused : C.setns;
	}
	if (!task)
		continue;
	task.events.push(e);
	if (TYPE[e] == T.fork)
		task.parent = OTHER[e];
	if (is_guilty(e))
		task.guilty = true;
}

/* Return the task's segment or stay at an event; the first, if the event is earlier. */
const last_begun = (list, e) => list.findLast(s => s.b <= e) || list[0];
const segment_at = (task, e) => last_begun(task.segments, e);
const stay_at = (task, e) => last_begun(task.stays, e);

const label_of = segment => STRINGS[segment.label];

/* Parses numbers: "sh[140,1]" gives [140, 1], "7 / 9,1" gives [9, 1]. */
const numbers_of = label =>
	/\[(?:\d+ \/ )?([\d,]+)\]$/.exec(label)?.[1].split(",").map(Number) || [];

/* Returns the lanes from the outermost to this one. */
const chain_of = lane => lane ? [...chain_of(LANES[lane.parent]), lane] : [];

/* --- rows --- */

const ROW = 20, THREAD = 9, HEAD = 17, FOOT = 5, LANE_MIN = 36;

/* Joins the consecutive segments of a task in one lane to a stay. */
for (const t of TASKS) {
	const last = Math.min(t.release, END);
	for (const s of t.segments) {
		let stay = t.stays[t.stays.length - 1];

		if (s.e == END)
			s.e = last;
		if (!stay || stay.lane != s.lane) {
			stay = { task: t, lane: s.lane, b: s.b, e: s.e,
				 segments: [], threads: [], row: null };
			t.stays.push(stay);
			s.lane.stays.push(stay);
		}
		stay.e = s.e;
		stay.segments.push(s);
	}
}

/* Returns the first row that is free at b, or a new row from make(); fills it up to e. */
function fit(rows, b, e, make)
{
	let row = rows.find(r => r.until <= b);
	if (!row) {
		row = make();
		rows.push(row);
	}
	row.until = e + 1;
	return row;
}

const new_row = thread => ({ thread, stays: [], dy: 0, gone: false });

function put_in_row(row, stay)
{
	stay.row = row;
	row.stays.push(stay);
}

/* Threads have rows of their own below their process, and form a block with it. */
function pack(lane, shows)
{
	const blocks = new Map();	/* by number of rows for threads */
	const stays = lane.stays.filter(s => shows(s.task));
	const processes = [];

	/* Also those that an earlier build() has shown, and this one does not. */
	for (const s of lane.stays)
		Object.assign(s, { row: null, threads: [] });
	for (const s of stays) {
		const leader = TASKS[s.task.leader];
		const above = s.task.thread && leader && leader != s.task &&
			shows(leader) &&
			leader.stays.find(l => l.lane == lane &&
					  l.b <= s.b && s.b <= l.e);
		(above ? above.threads : processes).push(s);
	}
	processes.sort((a, b) => a.b - b.b);
	for (const s of processes) {
		const below = [];
		let last = s.e;

		s.threads.sort((a, b) => a.b - b.b);
		const slots = s.threads.map(t => {
			last = Math.max(last, t.e);
			return fit(below, t.b, t.e, () => ({ n: below.length })).n;
		});
		if (!blocks.has(below.length))
			blocks.set(below.length, []);
		const block = fit(blocks.get(below.length), s.b, last, () => ({
			rows: [new_row(false), ...below.map(() => new_row(true))],
		}));
		put_in_row(block.rows[0], s);
		s.threads.forEach((t, i) =>
			put_in_row(block.rows[slots[i] + 1], t));
	}
	lane.rows = [...blocks.values()].flat().flatMap(block => block.rows);
	for (const row of lane.rows) {
		row.lane = lane;
		row.segments = row.stays.flatMap(s => s.segments);
		row.events = CLASSES.map(() => []);
	}
}

/* --- shown lanes, and links between rows --- */

let TREE = [];			/* shown lanes without a parent */
let LINKS = [];			/* a list per kind, in order of events */

/* Prepares lanes and links: of all tasks, or of those followed or with a violation. */
function build(everyone)
{
	const shows = t => t.drawn && (everyone || t.followed || t.guilty);
	const lanes = [...LANES, NOWHERE];

	for (const lane of lanes) {
		pack(lane, shows);
		lane.children = [];
		lane.events = [];
		lane.by_class = CLASSES.map(() => []);
	}
	LINKS = [[], [], []];	/* fork, wait, join */
	for (let e = 1; e <= N; e++)
		place_event(e);
	for (const lane of lanes)
		lane.used = lane.rows.length || lane.events.length ||
			    (lane.is_made && (everyone || lane.followed));
	for (const lane of LANES)	/* lanes around a shown lane are shown, too */
		if (lane.used)
			for (const above of chain_of(lane))
				above.used = true;
	TREE = [];
	for (const lane of lanes)
		if (lane.used)
			(LANES[lane.parent] ? LANES[lane.parent].children :
					      TREE).push(lane);
}

/* Returns the lane whose head has the event's mark; falsy if a task's row has it. */
function head_lane(e)
{
	const alone = !TASKS[TASK[e]];

	return (CLASS[e] == C.ns || alone) && LANES[OTHER[e]] ||
	       alone && (LANES[0] || NOWHERE);
}

/* Returns the row or lane that has the event's mark; falsy if the event is not shown. */
function home_of(e)
{
	const task = TASKS[TASK[e]], lane = head_lane(e);
	const stay = task && CLASS[e] != C.ns && stay_at(task, e);

	return stay && stay.row || lane && lane.used && lane;
}

/* Adds the event's marks to its row and lane, and its links. */
function place_event(e)
{
	const task = TASKS[TASK[e]], other = TASKS[OTHER[e]];
	const stay = task && stay_at(task, e);
	const lane = head_lane(e);

	if (lane) {
		lane.events.push(e);
		lane.by_class[CLASS[e]].push(e);
		if (VIOLATED.has(e))
			lane.by_class[C.violation].push(e);
	}
	if (!stay || !stay.row)
		return;
	if (CLASS[e] != C.ns)
		stay.row.events[CLASS[e]].push(e);
	if (is_guilty(e))
		stay.row.events[C.violation].push(e);
	if (TYPE[e] == T.fork || TYPE[e] == T.release) {
		const from = other && stay_at(other, e);
		if (from && from.row)
			LINKS[TYPE[e] == T.fork ? 0 : 1].push(
				{ e, a: from.row, b: stay.row });
	}
	if (JOINED.has(e)) {
		const before = stay_at(task, e - 1);
		if (before && before.row && before != stay)
			LINKS[2].push({ e, a: before.row, b: stay.row });
	}
}
