/* SPDX-License-Identifier: GPL-2.0-only */
"use strict";
/*
 * Draws the visible part of the trace on a canvas.
 *
 * A frame costs no more than its pixels: a bisection finds the events between the edges of
 * each row, and another one skips the events that fall on a pixel already taken.
 */
const $ = id => document.getElementById(id);
const view = { from: 0, to: 1, gutter: 200, width: 1, height: 1, select: 0,
	       task: -1 };
const INK = {};			/* the theme's colours */
const DENSE = 5;		/* pixels: marks nearer than this are bars */
const STUB = 11;		/* pixels of a link that leaves the view */
const LINKS_MAX = 4000;		/* drawn at once: more would form a blot */

const x_of = at => (at - view.from) * view.width / (view.to - view.from);
const at_of = x => view.from + x * (view.to - view.from) / view.width;

/* --- shapes: each class has its own, for readers who do not distinguish colours --- */

function path(c, points, close = true)
{
	c.beginPath();
	points.forEach(([x, y], i) => i ? c.lineTo(x, y) : c.moveTo(x, y));
	if (close)
		c.closePath();
}

/* Each shape is about 9 pixels wide around 0,0, in the class's fill and stroke. */
const SHAPES = {
	line(c) { c.fillRect(-8, -1, 9, 2); c.fillRect(3, -1, 2, 2);
		  c.fillRect(6, -1, 2, 2); },
	other(c) { c.fillRect(-0.75, -4, 1.5, 8); },
	fork(c) { c.beginPath(); c.arc(0, 0, 3.4, 0, 7); c.fillStyle = INK.back;
		  c.fill(); c.stroke(); },
	exec(c) { c.fillRect(-3.5, -3.5, 7, 7); },
	exit(c) { path(c, [[-3.5, -3.5], [3.5, 3.5]], false); c.stroke();
		  path(c, [[3.5, -3.5], [-3.5, 3.5]], false); c.stroke(); },
	wait(c) { path(c, [[-4.5, 3.5], [4.5, 3.5], [0, -4.5]]); c.fill(); },
	change(c) { c.fillRect(-0.9, -6, 1.8, 10); c.fillRect(-3, -6, 6, 1.8); },
	ns(c) { c.strokeRect(-3.5, -3.5, 7, 7); c.fillRect(-3.5, -0.75, 7, 1.5);
		c.fillRect(-0.75, -3.5, 1.5, 7); },
	setns(c) { path(c, [[0, -5], [5, 0], [0, 5], [-5, 0]]);
		   c.fillStyle = INK.back; c.fill(); c.stroke(); },
	refused(c) { SHAPES.setns(c); path(c, [[-3.5, 3.5], [3.5, -3.5]], false);
		     c.stroke(); },
	join(c) { path(c, [[0, -6.5], [6.5, 0], [0, 6.5], [-6.5, 0]]); c.fill(); },
	error(c) { c.beginPath();
		   for (let i = 0; i < 10; i++) {
			const r = i % 2 ? 2.5 : 6.5, a = i * Math.PI / 5;
			c.lineTo(r * Math.sin(a), -r * Math.cos(a));
		   }
		   c.closePath(); c.fill(); },
	violation(c) { path(c, [[-7, 6], [7, 6], [0, -7]]); c.fill();
		       c.fillStyle = INK.back; c.fillRect(-0.9, -2.5, 1.8, 5);
		       c.fillRect(-0.9, 3.3, 1.8, 1.8); },
	loss(c) { c.lineWidth = 1.2; for (let i = -6; i <= 4; i += 3.5) {
			path(c, [[i, 5], [i + 4, -5]], false); c.stroke(); } },
};

const SPRITE = 18;
let sprites = [];

function make_sprite(name, ratio)
{
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = Math.ceil(SPRITE * ratio);
	const c = canvas.getContext("2d");
	c.scale(ratio, ratio);
	c.translate(SPRITE / 2, SPRITE / 2);
	c.fillStyle = c.strokeStyle = INK[name];
	c.lineWidth = 1.6;
	SHAPES[name](c);
	return canvas;
}

/* The computed colours of the legend's items are right in any theme. */
function read_theme()
{
	for (const li of $("legend").children)
		INK[li.className] =
			getComputedStyle(li.querySelector("i")).color;
	const style = getComputedStyle(document.documentElement);
	INK.text = style.color;
	INK.back = style.backgroundColor;
	INK.muted = getComputedStyle($("shown")).color;
	INK.edge = getComputedStyle($("overview")).borderBottomColor;
	INK.select = getComputedStyle($("view")).accentColor;
	sprites = CLASSES.map(([name]) => make_sprite(name, devicePixelRatio));
}

function sized(canvas, width, height)
{
	const ratio = devicePixelRatio;
	const w = Math.round(width * ratio), h = Math.round(height * ratio);

	if (canvas.width != w || canvas.height != h) {
		canvas.width = w;
		canvas.height = h;
	}
	const c = canvas.getContext("2d");
	c.setTransform(ratio, 0, 0, ratio, 0, 0);
	c.clearRect(0, 0, width, height);
	return c;
}

/* Fills a rectangle with a transparent colour. */
function tint(c, ink, alpha, x, y, width, height)
{
	c.globalAlpha = alpha;
	c.fillStyle = ink;
	c.fillRect(x, y, width, height);
	c.globalAlpha = 1;
}

/* --- rows --- */

/*
 * Calls fn(i, x) for the visible events of a sorted list, at most once for every step
 * pixels; i is the first event there.
 */
function each_seen(events, step, fn)
{
	const lo = at_of(-SPRITE), hi = at_of(view.width + SPRITE);
	const wide = step * (view.to - view.from) / view.width;
	let i = first_with(0, events.length, k => AT[events[k]] >= lo);

	while (i < events.length && AT[events[i]] <= hi) {
		const at = AT[events[i]], next = at + wide;
		let j = i + 1;
		if (j < events.length && AT[events[j]] < next)
			j = first_with(j, events.length,
				       k => AT[events[k]] >= next);
		fn(i, x_of(at), j - i);
		i = j;
	}
}

function draw_segments(c, row, y, batch)
{
	const s = row.segments, n = s.length;
	const thick = row.thread ? 1 : 2.5;
	const pixel = 1.5 * (view.to - view.from) / view.width;
	let i = first_with(0, n, k => AT[s[k].e] >= view.from);

	while (i < n && AT[s[i].b] <= view.to) {
		const seg = s[i];
		const x0 = Math.max(x_of(AT[seg.b]), -4);
		const x1 = Math.min(x_of(AT[seg.e]), view.width + 4);

		if (x1 - x0 < 1.5) {
			batch.rect(x0, y - thick / 2, 1.5, thick);
			const next = AT[seg.b] + pixel;
			i = first_with(i + 1, n, k => AT[s[k].e] >= next);
			continue;
		}
		const dead = seg.task.exit < seg.e ? seg.task.exit : seg.e;
		const xd = Math.max(x0, Math.min(x_of(AT[dead]), x1));
		batch.rect(x0, y - thick / 2, xd - x0, thick);
		for (let x = xd + 2; x < x1 && x1 - xd > 2; x += 4)
			batch.rect(x, y - thick / 2, 1.5, thick);
		if (!row.thread)
			draw_label(c, s, i, x0, y);
		i++;
	}
}

const widths = new Map();

function width_of(c, label)
{
	if (!widths.has(label))
		widths.set(label, c.measureText(STRINGS[label]).width);
	return widths.get(label);
}

/* A label has room up to the next label in the row. */
function draw_label(c, segments, i, x, y)
{
	const s = segments[i], next = segments[i + 1];
	const x0 = Math.max(x, 0) + (x > 0 ? 5 : 2);
	const x1 = next ? Math.min(x_of(AT[next.b]), view.width) : view.width;
	const room = x1 - x0 - 4;
	let text = STRINGS[s.label];

	if (room < 30 || x > view.width)
		return;
	const w = width_of(c, s.label);
	if (w > room)
		text = text.slice(0, Math.max(Math.floor(text.length * room / w) - 1,
					      1)) + "\u2026";
	c.fillText(text, x0, y - 5);
}

/* Draws a setns from its entry to its return, in the row of the entry. */
function draw_setns_spans(c, row, y)
{
	const events = row.events[C.setns];

	c.globalAlpha = 0.35;
	each_seen(events, 2, i => {
		const x0 = x_of(AT[events[i]]), to = RETURN[events[i]];
		const wide = to ? x_of(AT[to]) - x0 : 0;
		if (wide > 3)
			c.fillRect(x0, y - 4, wide, 8);
	});
	c.globalAlpha = 1;
}

function draw_mark(c, cls, x, y)
{
	c.drawImage(sprites[cls], x - SPRITE / 2, y - SPRITE / 2, SPRITE, SPRITE);
}

/* Marks that would hide each other become bars in the class's colour. */
function draw_marks(c, events, cls, y, small)
{
	const tall = small ? 5 : 9;

	c.fillStyle = INK[CLASSES[cls][0]];
	each_seen(events, DENSE, (i, x, n) => {
		const crowded = n > 1 && cls < C.join;
		if (crowded || (small && cls < C.join))
			c.fillRect(x - 1, y - tall / 2, crowded ? 2.5 : 1.5, tall);
		else
			draw_mark(c, cls, x, y);
	});
}

const is_gone = row => row.gone || row.lane.gone;
const line_y = row => row.lane.y + row.dy + (row.thread ? 5 : 14);

/* Returns the visible lanes from top to bottom, outer lanes before inner ones. */
function each_lane(lanes, top, bottom, fn)
{
	for (const lane of lanes) {
		if (lane.gone || lane.y + lane.height < top || lane.y > bottom)
			continue;
		fn(lane);
		each_lane(lane.children, top, bottom, fn);
	}
}

/* Draws a namespace's life: edges where it is made and freed; its end is hatched. */
function draw_life(c, lane, top)
{
	const x0 = x_of(AT[lane.made]), x1 = x_of(AT[lane.freed]);
	const y = lane.y - top, h = lane.own;

	tint(c, INK.ns, 0.09, Math.max(x0, 0), y,
	     Math.min(x1, view.width) - Math.max(x0, 0), h);
	if (lane.zap) {
		const z0 = x_of(AT[lane.zap]), z1 = x_of(AT[lane.zapped]);
		tint(c, INK.ns, 0.22, z0, y, Math.max(z1 - z0, 2), h);
	}
	lane.by_class.forEach((events, cls) =>
		draw_marks(c, events, cls, y + 8, false));
}

/*
 * Draws links from line to line. A stub shows the direction of an end that is out of
 * view. Links with both ends out of view are not drawn.
 */
function draw_links(c, top, bottom)
{
	const styles = [[INK.fork, 1, 0.75, STUB], [INK.wait, 1, 0.6, STUB],
			[INK.join, 2.5, 1, STUB * 2]];
	const crowded = [[INK.fork, 1, 0.35, STUB], [INK.wait, 0, 0, STUB],
			 [INK.join, 1, 0.5, STUB]];
	const lo = at_of(-2), hi = at_of(view.width + 2);
	const sees = y => y >= 0 && y <= bottom - top;

	LINKS.forEach((links, kind) => {
		const from = first_with(0, links.length,
					k => AT[links[k].e] >= lo);
		const to = first_with(from, links.length,
				      k => AT[links[k].e] > hi);
		const crowd = (to - from) * 8 > view.width;
		const step = Math.max(1, Math.ceil((to - from) / LINKS_MAX));

		const [ink, wide, alpha, stub] = (crowd ? crowded : styles)[kind];

		/* In a blot, nobody can see whose wait it was. */
		if (!wide)
			return;
		c.beginPath();
		for (let i = from; i < to; i += step) {
			const { e, a, b } = links[i];
			if (a == b || is_gone(a) || is_gone(b))
				continue;
			const x = Math.round(x_of(AT[e])) + (wide == 1 ? 0.5 : 0);
			let y0 = line_y(a) - top, y1 = line_y(b) - top;
			if (!sees(y0) && !sees(y1))
				continue;
			const way = y1 > y0 ? stub : -stub;
			if (!sees(y1))
				y1 = y0 + way;
			else if (!sees(y0))
				y0 = y1 - way;
			c.moveTo(x, y0);
			c.lineTo(x, y1);
		}
		[c.strokeStyle, c.lineWidth, c.globalAlpha] = [ink, wide, alpha];
		c.setLineDash(kind == 1 ? [2, 3] : []);
		c.stroke();
	});
	c.setLineDash([]);
	c.globalAlpha = 1;
}

/* Draws a band between the neighbours of a lost record. */
function draw_losses(c, height, named)
{
	let taken = -Infinity;

	for (const [cpu, missing, from, to] of DATA.losses) {
		const a = event_of_record(from), b = event_of_record(to);
		const x0 = x_of(AT[Math.max(a - (RECORD[a] > from ? 1 : 0), 0)]);
		const x1 = Math.max(x_of(AT[b]), x0 + 3);

		if (x1 < 0 || x0 > view.width)
			continue;
		tint(c, INK.loss, named ? 0.35 : 0.16, x0, 0, x1 - x0, height);
		c.strokeStyle = INK.loss;
		c.strokeRect(Math.floor(x0) + 0.5, -1, x1 - x0, height + 2);
		if (named && x1 > taken) {
			const text = `${missing} lost, cpu ${cpu}`;
			c.fillStyle = INK.text;
			c.fillText(text, Math.max(x1, 0) + 3, 11);
			taken = x1 + c.measureText(text).width;
		}
	}
}

function draw_selected(c, top)
{
	const t = TASKS[view.task];

	if (t)
		for (const stay of t.stays) {
			if (!stay.row || is_gone(stay.row))
				continue;
			const x0 = Math.max(x_of(AT[stay.b]), -4);
			const x1 = Math.min(x_of(AT[stay.e]), view.width + 4);
			tint(c, INK.select, 0.28, x0, line_y(stay.row) - top - 4,
			     Math.max(x1 - x0, 3), 8);
		}
	const at = view.select && mark_place(view.select);
	if (at) {
		c.strokeStyle = INK.select;
		c.lineWidth = 2;
		c.beginPath();
		c.arc(at.x, at.y - top, 10, 0, 7);
		c.stroke();
		tint(c, INK.select, 0.4, at.x - 0.5, 0, 1, view.height);
	}
}

/* Returns the place of an event's mark in the lanes' coordinates, or null. */
function mark_place(e)
{
	const home = home_of(e);

	if (!home || (home.lane ? is_gone(home) : home.gone))
		return null;
	return { x: x_of(AT[e]), y: home.lane ? line_y(home) : home.y + 8 };
}

function draw_lines()
{
	const top = $("view").scrollTop, bottom = top + view.height;
	const c = sized($("lines"), view.gutter + view.width, view.height);
	const batch = new Path2D();
	const seen = [];

	c.font = "11px system-ui, sans-serif";
	c.save();
	c.beginPath();
	c.rect(view.gutter, 0, view.width, view.height);
	c.clip();
	c.translate(view.gutter, 0);
	draw_losses(c, view.height, false);
	each_lane(TREE, top, bottom, lane => {
		draw_life(c, lane, top);
		for (const row of lane.rows) {
			const y = line_y(row);
			if (!row.gone && y > top - ROW && y < bottom + ROW)
				seen.push(row);
		}
	});
	draw_links(c, top, bottom);
	c.fillStyle = INK.text;
	for (const row of seen)
		draw_segments(c, row, line_y(row) - top, batch);
	c.fillStyle = INK.line;
	c.fill(batch);
	c.fillStyle = INK.setns;
	for (const row of seen)
		draw_setns_spans(c, row, line_y(row) - top);
	for (let cls = C.other; cls <= C.violation; cls++)
		for (const row of seen)
			draw_marks(c, row.events[cls], cls, line_y(row) - top,
				   row.thread);
	draw_selected(c, top);
	c.restore();
}

/* --- the axis --- */

const UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "\u00b5s"], [1, "ns"]];

/* Returns 1, 2 or 5 times a power of ten, for about 110 pixels. */
function tick_step()
{
	const least = (view.to - view.from) * 110 / view.width;
	const power = Math.pow(10, Math.floor(Math.log10(least)));
	const step = [1, 2, 5, 10].find(m => m * power >= least) * power;

	return Math.max(step, 1);
}

function time_text(ns, step = 1e3)
{
	const digits = Math.max(0, Math.min(9, 9 - Math.floor(Math.log10(step))));

	return `${(ns / 1e9).toFixed(digits)} s`;
}

/* Returns the number of the record at a place of the order axis. */
const record_at = at => RECORD[Math.max(1, Math.min(Math.round(at), N))];

function span_text(ns)
{
	const [size, name] = UNITS.find(u => ns >= u[0]) || UNITS[3];

	return `${Number((ns / size).toPrecision(4))} ${name}`;
}

/* Losses have a line of their own above the axis. */
const SCALE = DATA.losses.length ? 36 : 22;

function draw_scale()
{
	const c = sized($("scale"), view.gutter + view.width, SCALE);
	const step = tick_step(), y = SCALE - 7;

	c.font = "11px system-ui, sans-serif";
	c.fillStyle = INK.muted;
	c.fillText(axis == "time" ? "since the start" : "record", 8, y);
	c.save();
	c.beginPath();
	c.rect(view.gutter, 0, view.width, SCALE);
	c.clip();
	c.translate(view.gutter, 0);
	if (DATA.losses.length)
		draw_losses(c, SCALE, true);
	for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
		const x = x_of(at);
		if (at < 0 || (axis != "time" && (at < 1 || at > N)))
			continue;
		c.fillStyle = INK.edge;
		c.fillRect(x, SCALE - 22, 1, 22);
		c.fillStyle = INK.text;
		c.fillText(axis == "time" ? time_text(at, step) :
			   `#${record_at(at)}`, x + 4, y);
	}
	c.fillStyle = INK.violation;
	each_seen(VIOLATED_EVENTS, 2,
		  (i, x) => c.fillRect(x - 1, SCALE - 6, 3, 6));
	c.restore();
}

const VIOLATED_EVENTS = [...VIOLATED.keys()].sort((a, b) => a - b);

/* --- the overview --- */

let density = null;

function count_density(width)
{
	density = new Float32Array(Math.max(Math.ceil(width), 1));
	for (let e = 1; e <= N; e++) {
		const x = Math.floor((AT[e] - LOW) * width / (HIGH - LOW));
		density[Math.max(0, Math.min(x, density.length - 1))]++;
	}
	const most = density.reduce((a, b) => Math.max(a, b), 1);
	density = density.map(n => n && Math.log1p(n) / Math.log1p(most));
}

function draw_overview()
{
	const c = sized($("overview"), view.gutter + view.width, 26);
	const small = at => (at - LOW) * view.width / (HIGH - LOW);

	if (!density || density.length != Math.max(Math.ceil(view.width), 1))
		count_density(view.width);
	c.font = "11px system-ui, sans-serif";
	c.fillStyle = INK.muted;
	c.fillText("all of it", 8, 17);
	c.translate(view.gutter, 0);
	c.fillStyle = INK.line;
	for (let i = 0; i < density.length; i++)
		if (density[i])
			c.fillRect(i, 24 - 20 * density[i], 1, 20 * density[i]);
	c.fillStyle = INK.join;
	for (const e of JOINED.keys())
		c.fillRect(small(AT[e]) - 1, 2, 2, 6);
	c.fillStyle = INK.violation;
	for (const e of VIOLATED_EVENTS)
		c.fillRect(small(AT[e]) - 1.5, 0, 3, 14);
	const x0 = small(view.from), x1 = small(view.to);
	tint(c, INK.select, 0.16, x0, 0, x1 - x0, 26);
	c.strokeStyle = INK.select;
	c.lineWidth = 1.5;
	c.strokeRect(x0 + 0.5, 0.75, Math.max(x1 - x0 - 1, 2), 24);
}

function draw()
{
	draw_overview();
	draw_scale();
	draw_lines();
}
