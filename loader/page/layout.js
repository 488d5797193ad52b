/* SPDX-License-Identifier: GPL-2.0-only */
"use strict";
/*
 * Lays out lanes as elements, nested like the namespaces; describes records and tasks;
 * finds the event below the pointer.
 */
function make(name, properties = {}, ...children)
{
	const element = Object.assign(document.createElement(name), properties);

	element.append(...children);
	return element;
}

const GAP = 4;

/* Returns whether anything lives there between two places of the axis. */
function row_lives(row, from, to)
{
	const s = row.stays;
	const i = first_with(0, s.length, k => AT[s[k].e] >= from);

	return i < s.length && AT[s[i].b] <= to;
}

function lives(lane, from, to)
{
	return lane.rows.some(row => row_lives(row, from, to)) ||
	       lane.events.some(e => AT[e] >= from && AT[e] <= to) ||
	       lane.children.some(child => lives(child, from, to));
}

/* Returns the height of the lane's own parts: its head and its rows. */
function place_rows(lane)
{
	let y = HEAD;

	for (const row of lane.rows) {
		row.gone = $("alive").checked &&
			   !row_lives(row, view.from, view.to);
		row.dy = y;
		if (!row.gone)
			y += row.thread ? THREAD : ROW;
	}
	return Math.max(y + FOOT, LANE_MIN);
}

/* Places the lane and the lanes in it from y on; returns the y that follows. */
function place_lane(lane, y)
{
	lane.y = y;
	lane.gone = $("alive").checked && !lives(lane, view.from, view.to);
	if (lane.gone)
		return y;
	lane.own = place_rows(lane);
	y += lane.own;
	for (const child of lane.children)
		y = place_lane(child, y) + (child.gone ? 0 : GAP);
	lane.height = y - lane.y;
	return y;
}

/* Elements are created once, and moved later. */
function show_lane(lane, above)
{
	const element = lane.element;

	element.classList.toggle("gone", lane.gone);
	if (lane.gone)
		return;
	/* The outer lane's border is not part of its inside. */
	element.style.top = `${lane.y - (above ? above.y + 1 : 0)}px`;
	element.style.height = `${lane.height}px`;
	for (const child of lane.children)
		show_lane(child, lane);
}

function lane_element(lane)
{
	const tasks = new Set(lane.stays.map(s => s.task)).size;
	const joins = [...JOINED.values()].filter(([, s]) => s.lane == lane).length;
	const said = [`${tasks} task${tasks == 1 ? "" : "s"}`];

	if (lane.life > 1)
		said.unshift(`#${lane.life} of this inum`);
	if (joins)
		said.push(`${joins} joined`);
	if (lane.freed < END)
		said.push("freed");
	const element = make("section", { className: "lane" },
		make("h2", {}, lane.name, make("span", {}, ` level ${lane.level}`)),
		make("p", { title: said.join(", ") }, said.join(", ")));
	element.ariaLabel = `${lane.name} level ${lane.level}: ${said.join(", ")}`;
	Object.assign(element.dataset, { inum: lane.inum, level: lane.level,
					 life: lane.life, tasks });
	lane.element = element;
	for (const child of lane.children)
		element.append(lane_element(child));
	return element;
}

function make_lanes()
{
	$("lanes").replaceChildren(...TREE.map(lane_element));
}

/* Keeps the topmost lane in place when other lanes appear or vanish. */
function layout()
{
	const top = $("view").scrollTop;
	const anchor = lane_at(top), was = anchor && anchor.y;
	let total = 4;

	for (const lane of TREE) {
		total = place_lane(lane, total) + (lane.gone ? 0 : GAP);
		show_lane(lane, null);
	}
	$("lanes").style.height = `${total}px`;
	/* The canvas takes room in the flow, but no element is below it. */
	$("lines").style.marginBottom = `-${view.height}px`;
	if (anchor && !anchor.gone && top)
		$("view").scrollTop = top + anchor.y - was;
}

/* --- texts --- */

const digits = (n, width) => String(n).padStart(width, "0");

function seconds(ns)
{
	const us = Math.floor(ns / 1e3);

	return `${Math.floor(us / 1e6)}.${digits(us % 1e6, 6)}`;
}

/* Returns the text of `pidnstrace replay --print -e all'. */
function raw_line(e)
{
	const now = BigInt(DATA.about.base_ns) + BigInt(NS[e]);
	const rest = line_of(e).split("\n", 1)[0];

	return `${seconds(NS[e])} ${STRINGS[WHO[e]]} #${RECORD[e]} ` +
		`${now / 1000000000n}.${digits(now / 1000n % 1000000n, 6)} ` +
		`cpu${CPU[e]} ${DATA.types[TYPE[e]]}${rest}`;
}

/* Returns the operation as `pidnstrace trace' prints it, or the record. */
function short_line(e)
{
	const line = line_of(e), operation = line.indexOf("\n");

	if (operation >= 0)
		return line.slice(operation + 1);
	return `${STRINGS[WHO[e]]} ${DATA.types[TYPE[e]]}${line}`;
}

function numbers_text(segment)
{
	const numbers = numbers_of(label_of(segment));
	const lanes = chain_of(segment.lane);

	if (!numbers.length || numbers.length != lanes.length)
		return `${label_of(segment)} in ${segment.lane.name}`;
	return numbers.map((nr, i) => `${nr} in ${lanes[i].name}`).join(", ");
}

const paragraph = (textContent, className = "") => make("p", { textContent, className });

/* Says when a violation was found, and what other records it names. */
function named_text(v, e)
{
	const others = v.events.filter(k => k != e).map(k => RECORD[k]);

	if (!v.at_end)
		return "";
	return " (found at the end of the trace" +
		(others.length ? `; see also record ${others.join(", ")})` : ")");
}

function tip_of_event(e, more)
{
	const task = TASKS[TASK[e]];
	const parts = [make("b", { textContent: short_line(e) }),
		paragraph(`record ${RECORD[e]}, ${seconds(NS[e])} s, cpu ${CPU[e]}`)];

	for (const v of VIOLATED.get(e) || [])
		parts.push(paragraph(`${v.rule} violated: ${v.why}` +
				     named_text(v, e), "bad"));
	if (JOINED.has(e)) {
		const [before, after] = JOINED.get(e);
		parts.push(paragraph(`before: ${numbers_text(before)}`),
			   paragraph(`after: ${numbers_text(after)}`));
	} else if (task && task.segments.length) {
		parts.push(paragraph(numbers_text(segment_at(task, e))));
	}
	if (ENTRY[e])
		parts.push(paragraph(`entered at record ${RECORD[ENTRY[e]]}, ` +
				     `${span_text(NS[e] - NS[ENTRY[e]])} before: setns` +
				     line_of(ENTRY[e])));
	parts.push(paragraph(raw_line(e), "raw"));
	if (more > 0)
		parts.push(paragraph(`and ${more} more at this point: zoom in, or step with , and .`));
	return parts;
}

function life_text(task)
{
	const from = task.first ? `since record ${RECORD[task.first]}` :
				  "since before the trace";
	const exit = task.exit < END ? `, exit at ${RECORD[task.exit]}` : "";
	const gone = task.release < END ? `, reaped at ${RECORD[task.release]}` : "";

	return from + exit + gone;
}

function tip_of_task(segment)
{
	const t = segment.task, leader = TASKS[t.leader], parent = TASKS[t.parent];
	const parts = [make("b", { textContent: label_of(segment) }),
		paragraph(numbers_text(segment)), paragraph(life_text(t))];

	if (t.thread && leader && leader != t && leader.segments.length)
		parts.push(paragraph(`thread of ${label_of(segment_at(leader,
								segment.b))}`));
	else if (parent && parent.segments.length)
		parts.push(paragraph(`child of ${label_of(segment_at(parent, t.first))}`));
	return parts;
}

/* --- the pointer --- */

/* Returns the innermost lane at a place of the lanes, or null. */
function lane_at(y)
{
	let found = null;

	each_lane(TREE, y, y, lane => { found = lane; });
	return found;
}

/* Returns the topmost event within 7 pixels, and the number of events there. */
function nearest(lists, x)
{
	const lo = at_of(x - 7), hi = at_of(x + 7);
	let best = null, count = 0;

	for (const events of lists) {
		let i = first_with(0, events.length, k => AT[events[k]] >= lo);
		let near = 0, far = Infinity;

		for (; i < events.length && AT[events[i]] <= hi; i++, count++) {
			const d = Math.abs(x_of(AT[events[i]]) - x);
			if (d <= far)
				[near, far] = [events[i], d];
		}
		if (near && (!best || far < best.far + 3))
			best = { e: near, far };
	}
	return best && { e: best.e, more: count - 1 };
}

/* Returns { e, more } for a mark, { segment } for a line, or null; y: the lanes'. */
function what_is_at(x, y)
{
	const lane = lane_at(y);
	const row = lane && lane.rows.find(r => {
		const dy = y - lane.y - r.dy;
		return !r.gone && dy >= 0 && dy < (r.thread ? THREAD : ROW);
	});

	if (!row) {
		const head = lane && y < lane.y + HEAD;
		return head ? nearest(lane.by_class, x) : null;
	}
	/* A violation is also in the list of its class. */
	const mark = nearest(row.events, x);
	if (mark)
		return mark;
	const at = at_of(x);
	const i = first_with(0, row.segments.length,
			     k => AT[row.segments[k].e] >= at);
	const segment = row.segments[i];
	return segment && AT[segment.b] <= at ? { segment } : null;
}
