/* SPDX-License-Identifier: GPL-2.0-only */
"use strict";
/*
 * ui.js - the page around the lanes, and what keys, pointer and address do.
 *
 * The address keeps the view, to be sent to somebody who has the file:
 *	#from=0.2&to=0.4&axis=time&record=53&task=sh&theme=dark&everyone=1
 * from and to are seconds, or numbers of records with axis=order. Tests say in
 * do= what a user would do, by the same events: hover:53, click:53, wheel:-3,
 * key:+, find:sh; bench=60 times as many frames of zooming.
 */
let pending = 0, settle = 0;

/* Now, where a test looks at it at once; else with the next frame. */
function refresh()
{
	if (!pending)
		pending = requestAnimationFrame(() => { pending = 0; draw(); });
	clearTimeout(settle);
	settle = setTimeout(settled, 150);
}

function say_what_is_shown()
{
	const from = event_from(view.from), to = first_with(1, END,
							e => AT[e] > view.to);
	const place = at => axis == "time" ? `${seconds(Math.max(at, 0))} s` :
					     `record ${record_at(at)}`;

	$("shown").textContent = `${place(view.from)} to ${place(view.to)}` +
		(axis == "time" ? ` (${span_text(view.to - view.from)})` : "") +
		`, ${to - from} of ${N} marks`;
	$("view").dataset.from = view.from;
	$("view").dataset.to = view.to;
}

/* When it stands still again: what is dear, or would jump about. */
function settled()
{
	layout();
	draw();
	say_what_is_shown();
	write_address();
}

function set_view(from, to)
{
	/* No less than 20 ns, or 4 records, in view. */
	const least = axis == "time" ? Math.max((HIGH - LOW) * 1e-12, 20) : 4;
	const wide = Math.min(Math.max(to - from, least), HIGH - LOW);
	const mid = (from + to) / 2;

	view.from = Math.max(LOW, Math.min(mid - wide / 2, HIGH - wide));
	view.to = view.from + wide;
	refresh();
}

function zoom(factor, x = view.width / 2)
{
	const at = at_of(x);

	set_view(at - (at - view.from) * factor, at + (view.to - at) * factor);
}

function pan(pixels)
{
	const by = pixels * (view.to - view.from) / view.width;

	set_view(view.from + by, view.to + by);
}

/* --- selection, and what is said of it --- */

function show_tip(parts, x, y)
{
	const tip = $("tip");

	tip.replaceChildren(...parts);
	tip.hidden = false;
	const box = tip.getBoundingClientRect();
	const left = x + 14 + box.width > innerWidth ? x - box.width - 14 : x + 14;
	const top = y + 14 + box.height > innerHeight ? y - box.height - 10 : y + 14;
	tip.style.left = `${Math.max(4, Math.min(left, innerWidth - box.width - 4))}px`;
	tip.style.top = `${Math.max(4, top)}px`;
}

function hide_tip()
{
	$("tip").hidden = true;
}

function tip_of_selected()
{
	const at = view.select && mark_place(view.select);

	if (!at)
		return hide_tip();
	const box = $("lines").getBoundingClientRect();
	show_tip(tip_of_event(view.select, 0), box.left + view.gutter + at.x,
		 box.top + at.y - $("view").scrollTop);
}

function scroll_to(y)
{
	const top = $("view").scrollTop;

	if (y - 30 < top || y + 30 > top + view.height)
		$("view").scrollTop = Math.max(0, y - view.height / 2);
}

/* In view, with something around it. */
function select(e)
{
	view.select = e;
	if (!e)
		return hide_tip(), refresh();
	if (AT[e] < view.from || AT[e] > view.to) {
		const wide = view.to - view.from;
		set_view(AT[e] - wide / 2, AT[e] + wide / 2);
	}
	settled();
	const at = mark_place(e);
	if (at)
		scroll_to(at.y);
	draw();
	tip_of_selected();
}

/* Near enough to see it apart from its neighbours. */
function jump(e)
{
	const around = [AT[Math.max(e - 12, 1)], AT[Math.min(e + 12, N)]];
	const least = axis == "time" ? 20000 : 24;
	const wide = Math.max(around[1] - around[0], least);

	set_view(AT[e] - wide / 2, AT[e] + wide / 2);
	select(e);
}

function select_task(t)
{
	const b = t.stays[0].b, e = t.stays[t.stays.length - 1].e;
	const margin = Math.max((AT[e] - AT[b]) * 0.1, axis == "time" ? 2000 : 3);

	view.task = t.id;
	view.select = 0;
	hide_tip();
	set_view(AT[b] - margin, AT[e] + margin);
	settled();
	const stay = t.stays.find(s => s.row && !is_gone(s.row));
	if (stay)
		scroll_to(line_y(stay.row));
	draw();
}

function step(by)
{
	const t = TASKS[view.task];
	const events = t ? t.events : null;
	const from = view.select || Math.max(event_from(view.from) - (by > 0), 0);
	let e = from;

	if (events) {
		const i = first_with(0, events.length, k => events[k] >= from);
		e = by > 0 ? events[i + (events[i] == from)] : events[i - 1];
	} else {
		do
			e += by;
		while (e >= 1 && e <= N && !mark_exists(e));
	}
	if (e >= 1 && e <= N)
		select(e);
}

/* Those of tasks that are not shown have none. */
function mark_exists(e)
{
	const task = TASKS[TASK[e]];

	if (CLASS[e] == C.ns)
		return LANES[OTHER[e]] && LANES[OTHER[e]].used;
	return !task || !!(stay_at(task, e) && stay_at(task, e).row);
}

function next_of(events)
{
	const from = view.select || event_from(view.from) - 1;
	const e = events.find(k => k > from) || events[0];

	if (e)
		jump(e);
}

const JOIN_EVENTS = [...JOINED.keys()].sort((a, b) => a - b);

/* --- find --- */

function find(text)
{
	const wanted = text.trim().toLowerCase();
	const record = /^#(\d+)$/.exec(wanted);

	if (!wanted)
		return [];
	if (record) {
		const e = Math.min(event_of_record(Number(record[1])), N);
		return e ? [{ e, label: `record ${RECORD[e]}`,
			      more: short_line(e) }] : [];
	}
	const number = /^\d+$/.test(wanted) ? Number(wanted) : -1;
	const found = [];
	for (const t of TASKS) {
		const s = t.segments.find(k => {
			const label = label_of(k);
			return number >= 0 ? numbers_of(label).includes(number) ||
					     label.startsWith(wanted) :
					     label.toLowerCase().includes(wanted);
		});
		if (s)
			found.push({ task: t, label: label_of(s),
				     more: `${s.lane.name}, ${life_text(t)}` });
	}
	return found;
}

function show_found(found)
{
	const list = $("found");

	list.replaceChildren(...found.slice(0, 100).map((f, i) => {
		const item = make("li", { id: `found${i}` }, f.label,
				  make("span", {}, ` ${f.more}`));
		item.setAttribute("role", "option");
		item.addEventListener("pointerdown", ev => {
			ev.preventDefault();
			go_to(f);
		});
		return item;
	}));
	if ($("query").value.trim() && !found.length)
		list.append(make("li", {}, make("span", {}, "none")));
	if (found.length > 100)
		list.append(make("li", {}, make("span", {},
			`and ${found.length - 100} more`)));
	list.hidden = !list.children.length;
	$("query").setAttribute("aria-expanded", String(!list.hidden));
	choose(found.length ? 0 : -1);
}

let chosen = -1;

function choose(i)
{
	chosen = i;
	for (const item of $("found").children)
		item.setAttribute("aria-selected", String(item.id == `found${i}`));
	const item = $(`found${i}`);
	$("query").setAttribute("aria-activedescendant", item ? item.id : "");
	if (item)
		item.scrollIntoView({ block: "nearest" });
}

function go_to(f)
{
	$("found").hidden = true;
	$("query").setAttribute("aria-expanded", "false");
	if (f.task) {
		if (!f.task.stays.some(s => s.row) && !$("everyone").checked) {
			$("everyone").checked = true;
			rebuild();
		}
		select_task(f.task);
	} else {
		jump(f.e);
	}
}

function query_key(ev)
{
	const found = find($("query").value);

	if (ev.key == "ArrowDown" || ev.key == "ArrowUp") {
		const most = Math.min(found.length, 100) - 1;
		const by = ev.key == "ArrowDown" ? 1 : -1;
		choose(Math.max(0, Math.min(chosen + by, most)));
	} else if (ev.key == "Enter" && found[chosen]) {
		go_to(found[chosen]);
		$("view").focus();
	} else if (ev.key == "Escape") {
		$("query").value = "";
		show_found([]);
		$("view").focus();
	} else {
		return;
	}
	ev.preventDefault();
}

/* --- keys and pointer --- */

const KEYS = {
	"+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6),
	"0": () => set_view(LOW, HIGH),
	"ArrowLeft": () => pan(-view.width / 8),
	"ArrowRight": () => pan(view.width / 8),
	"Home": () => set_view(LOW, LOW + view.to - view.from),
	"End": () => set_view(HIGH - (view.to - view.from), HIGH),
	",": () => step(-1), ".": () => step(1),
	"v": () => next_of(VIOLATED_EVENTS), "j": () => next_of(JOIN_EVENTS),
	"/": () => $("query").focus(),
	"?": () => toggle_keys(),
	"Escape": () => { view.task = -1; select(0); },
};

function key(ev)
{
	const typed = ev.target.closest && ev.target.closest("input, select, summary");

	if (typed || ev.ctrlKey || ev.metaKey || ev.altKey || !KEYS[ev.key])
		return;
	ev.preventDefault();
	KEYS[ev.key]();
}

function toggle_keys()
{
	$("keys").hidden = !$("keys").hidden;
	$("keys_button").setAttribute("aria-expanded", String(!$("keys").hidden));
	resize();
}

function pointer_place(ev)
{
	const box = $("lines").getBoundingClientRect();

	return { x: ev.clientX - box.left - view.gutter,
		 y: ev.clientY - box.top + $("view").scrollTop };
}

let drag = null;

function pointer_down(ev)
{
	drag = { x: ev.clientX, y: ev.clientY, from: view.from, to: view.to,
		 top: $("view").scrollTop, moved: false };
	if (ev.isTrusted)
		$("lines").setPointerCapture(ev.pointerId);
	$("view").focus({ preventScroll: true });
}

function pointer_move(ev)
{
	if (drag && (drag.moved || Math.abs(ev.clientX - drag.x) +
		     Math.abs(ev.clientY - drag.y) > 4)) {
		const by = (drag.x - ev.clientX) * (drag.to - drag.from) / view.width;
		drag.moved = true;
		$("lines").classList.add("drag");
		hide_tip();
		set_view(drag.from + by, drag.to + by);
		$("view").scrollTop = drag.top + drag.y - ev.clientY;
		return;
	}
	const { x, y } = pointer_place(ev);
	const what = x >= 0 && what_is_at(x, y);
	if (!what)
		tip_of_selected();
	else
		show_tip(what.e ? tip_of_event(what.e, what.more) :
				  tip_of_task(what.segment), ev.clientX, ev.clientY);
}

function pointer_up(ev)
{
	const was = drag;

	drag = null;
	$("lines").classList.remove("drag");
	if (!was || was.moved)
		return;
	const { x, y } = pointer_place(ev);
	const what = x >= 0 && what_is_at(x, y);
	view.task = !what ? -1 : what.e ? TASK[what.e] : what.segment.task.id;
	select(what && what.e || 0);
}

function wheel(ev)
{
	ev.preventDefault();
	const lines = ev.deltaMode == 1 ? 30 : 1;
	if (ev.shiftKey) {
		$("view").scrollTop += (ev.deltaY || ev.deltaX) * lines;
	} else if (Math.abs(ev.deltaX) > Math.abs(ev.deltaY)) {
		pan(ev.deltaX * lines);
	} else {
		const { x } = pointer_place(ev);
		zoom(Math.exp(Math.max(-240, Math.min(ev.deltaY * lines, 240)) / 400),
		     Math.max(0, x));
	}
	hide_tip();
}

/* The strip above moves what is in view below. */
function overview_drag(ev)
{
	if (ev.type == "pointerdown" && ev.isTrusted)
		ev.target.setPointerCapture(ev.pointerId);
	if (ev.type != "pointerdown" && !ev.buttons)
		return;
	const box = $("overview").getBoundingClientRect();
	const at = LOW + (ev.clientX - box.left - view.gutter) *
		   (HIGH - LOW) / view.width;
	const wide = view.to - view.from;
	set_view(at - wide / 2, at + wide / 2);
}

/* --- the page --- */

const number = n => Number(n).toLocaleString("en").replaceAll(",", "\u202f");

function fact(name, value)
{
	return make("div", {}, make("dt", {}, name), " ", make("dd", {}, value));
}

function show_head()
{
	const about = DATA.about, r = DATA.result;
	const lost = r.lost_ring + r.lost_map + r.missed;
	const notes = [];

	$("title").textContent = about.title;
	$("verdict").textContent = r.verdict;
	$("verdict").className = r.verdict;
	$("verdict").title = r.reasons.join("\n");
	$("facts").append(...[
		about.title != about.file && ["file", about.file],
		["kernel", about.release || "not known"],
		about.start && ["started", about.start],
		["judged as", about.semantics],
		["records", number(about.records)], ["drawn", number(N)],
		["lost", number(lost)],
		["namespaces", number(LANES.filter(l => l.used).length)],
		["tasks", number(TASKS.filter(t => t.drawn).length)],
		["setns", number(r.setns)], ["joins", number(r.joins)],
	].filter(Boolean).map(([name, value]) => fact(name, value)));
	if (about.cut)
		notes.push(`The trace is damaged or cut short: ${about.cut}. What comes before is below.`);
	if (about.range)
		notes.push(`Only records ${about.range[0]} to ${about.range[1]} are drawn; all were judged.`);
	if (!N)
		notes.push("There is no record to draw.");
	if (r.verdict == "INCONCLUSIVE" || lost)
		notes.push(...r.reasons.filter(s => !/^I\d+ was violated/.test(s)));
	if (DATA.unmarked)
		notes.push(`${number(DATA.unmarked)} more violations are not marked.`);
	$("notes").append(...notes.map(n => paragraph(n)));
}

function violation_item(rule)
{
	const marked = VIOLATIONS.filter(v => v.rule == rule.id);
	const first = marked.find(v => v.event < END);
	const times = n => n == 1 ? "once" : `${number(n)} times`;
	const sure = rule.violations ? times(rule.violations) :
		`${times(rule.unsure)}, but records may have been lost`;
	const button = make("button", { textContent: rule.id });

	button.setAttribute("aria-label", `Go to the first violation of ${rule.id}`);
	button.disabled = !first;
	button.title = first ? `record ${RECORD[first.event]}` :
			       "found when the trace had ended, or not drawn";
	if (first)
		button.addEventListener("click", () => jump(first.event));
	return make("li", {}, button, make("details", {},
		make("summary", {}, `${rule.statement} (${sure})`),
		make("pre", { textContent: rule.text || "" })));
}

function show_violations()
{
	const rules = DATA.rules;

	if (!rules.length)
		return;
	$("violations").hidden = false;
	$("violations").open = innerHeight > 500;
	$("violations").querySelector("summary").textContent =
		`${rules.length} rule${rules.length == 1 ? "" : "s"} violated`;
	$("violations").querySelector("ol").append(...rules.map(violation_item));
}

/* Only what occurs; colour from the item, shape from the canvas. */
function make_legend()
{
	const used = new Set(CLASS.slice(1, END));

	used.add(C.line);
	if (VIOLATED_EVENTS.length)
		used.add(C.violation);
	if (DATA.losses.length)
		used.add(C.loss);
	CLASSES.forEach(([name, text], cls) => {
		const item = make("li", { className: name }, make("i", {}, "."),
				  make("canvas"), text);
		item.hidden = !used.has(cls);
		item.style.display = item.hidden ? "none" : "";
		$("legend").append(item);
	});
}

function draw_legend()
{
	[...$("legend").children].forEach((item, cls) => {
		const c = sized(item.querySelector("canvas"), 16, 14);
		draw_mark(c, cls, 8, 7);
	});
}

function theme_changed()
{
	read_theme();
	draw_legend();
	draw();
}

/* Sizes first: what is in view depends on them. */
function resize()
{
	const box = $("view").getBoundingClientRect();
	const deep = Math.max(...LANES.map(l => l.used ? chain_of(l).length : 0), 1);
	const narrow = innerWidth <= 700;

	view.gutter = Math.min((narrow ? 134 : 186) + 9 * Math.min(deep, 8),
			       box.width / 2);
	view.width = Math.max($("view").clientWidth - view.gutter, 50);
	view.height = Math.max(box.height, 1);
	$("lines").style.height = `${view.height}px`;
	$("scale").style.height = `${SCALE}px`;
	layout();
	draw();
}

/* Who is shown, or the axis, has changed. */
function rebuild()
{
	build($("everyone").checked);
	make_lanes();
	layout();
	draw();
}

function change_axis(name)
{
	const e = event_from(view.from);
	const f = first_with(1, END, k => AT[k] > view.to);
	const whole = view.from <= LOW && view.to >= HIGH;

	set_axis(name);
	density = null;
	$("axis").value = name;
	view.from = LOW;
	view.to = HIGH;
	if (!whole)
		set_view(AT[Math.max(e - 1, 0)], AT[Math.min(f, END)]);
	settled();
}

/* --- the address --- */

function write_address()
{
	const words = [];
	const place = at => axis == "time" ? (at / 1e9).toFixed(9) : record_at(at);

	if (view.from > LOW || view.to < HIGH)
		words.push(`from=${place(view.from)}`, `to=${place(view.to)}`);
	if (axis != "time")
		words.push(`axis=${axis}`);
	if (view.select)
		words.push(`record=${RECORD[view.select]}`);
	if ($("theme").value)
		words.push(`theme=${$("theme").value}`);
	if ($("everyone").checked && DATA.about.command)
		words.push("everyone=1");
	history.replaceState(null, "", `#${words.join("&")}`);
}

function read_place(text)
{
	const n = Number(text);

	return axis == "time" ? n * 1e9 : event_of_record(n);
}

function read_address()
{
	const words = new URLSearchParams(location.hash.slice(1));

	if (words.has("theme")) {
		$("theme").value = words.get("theme");
		document.documentElement.dataset.theme = $("theme").value;
	}
	$("everyone").checked = words.get("everyone") == "1" ||
				!DATA.about.command;
	return words;
}

function obey_address(words)
{
	if (words.get("axis") == "order")
		change_axis("order");
	if (words.has("from") && words.has("to"))
		set_view(read_place(words.get("from")), read_place(words.get("to")));
	settled();
	if (words.has("task")) {
		const [f] = find(words.get("task"));
		if (f)
			go_to(f);
	}
	if (words.has("record"))
		go_to_record(Number(words.get("record")));
	if (words.has("do"))
		words.get("do").split(",").forEach(act);
	if (words.has("bench"))
		bench(Number(words.get("bench")));
}

function go_to_record(record)
{
	const e = Math.min(event_of_record(record), N);

	if (e)
		select(e);
}

/* --- for tests: what a user does --- */

function pointer_event(type, e, more = {})
{
	const at = mark_place(e), box = $("lines").getBoundingClientRect();

	if (!at)
		throw new Error(`record ${RECORD[e]} has no mark`);
	$("lines").dispatchEvent(new PointerEvent(type, {
		clientX: box.left + view.gutter + at.x, bubbles: true,
		clientY: box.top + at.y - $("view").scrollTop, ...more }));
}

function act(word)
{
	const [what, ...rest] = word.split(":"), value = rest.join(":");

	if (what == "hover" || what == "click") {
		const e = event_of_record(Number(value));
		const at = mark_place(e);
		if (at)
			scroll_to(at.y);
		if (what == "click") {
			pointer_event("pointerdown", e);
			pointer_event("pointerup", e);
		} else {
			pointer_event("pointermove", e);
		}
	} else if (what == "key") {
		$("view").dispatchEvent(new KeyboardEvent("keydown",
			{ key: value, bubbles: true, cancelable: true }));
		settled();
	} else if (what == "wheel") {
		const box = $("lines").getBoundingClientRect();
		$("lines").dispatchEvent(new WheelEvent("wheel", {
			deltaY: Number(value), cancelable: true, bubbles: true,
			clientX: box.left + view.gutter + view.width / 2,
			clientY: box.top + 5 }));
		settled();
	} else if (what == "find") {
		$("query").value = value;
		$("query").dispatchEvent(new Event("input"));
	}
}

/* Milliseconds a frame, drawn to its last pixel, from all of it to 1/1000. */
function bench(frames)
{
	const times = [], loaded = performance.now();

	for (let i = 0; i < frames; i++) {
		const wide = (HIGH - LOW) * Math.pow(1000, -i / frames);
		const mid = LOW + (HIGH - LOW) * (0.2 + 0.6 * i / frames);
		const start = performance.now();
		set_view(mid - wide / 2, mid + wide / 2);
		draw();
		for (const id of ["lines", "scale", "overview"])
			$(id).getContext("2d").getImageData(0, 0, 1, 1);
		times.push(performance.now() - start);
	}
	times.sort((a, b) => a - b);
	const at = q => times[Math.min(Math.floor(q * frames), frames - 1)].toFixed(1);
	$("bench").hidden = false;
	$("bench").textContent = `${N} marks: there after ${loaded.toFixed(0)} ms; ` +
		`${frames} frames: median ${at(0.5)} ms, ` +
		`95% within ${at(0.95)} ms, longest ${at(1)} ms`;
}

/* --- go --- */

function listen()
{
	const on = (id, type, fn, options) =>
		$(id).addEventListener(type, fn, options);

	on("in", "click", () => zoom(0.6));
	on("out", "click", () => zoom(1 / 0.6));
	on("fit", "click", () => set_view(LOW, HIGH));
	on("prev", "click", () => step(-1));
	on("next", "click", () => step(1));
	on("axis", "change", () => change_axis($("axis").value));
	on("everyone", "change", () => { rebuild(); settled(); });
	on("alive", "change", settled);
	on("keys_button", "click", toggle_keys);
	on("theme", "change", () => {
		document.documentElement.dataset.theme = $("theme").value;
		theme_changed();
		write_address();
	});
	on("query", "input", () => show_found(find($("query").value)));
	on("query", "keydown", query_key);
	on("query", "blur", () => { $("found").hidden = true; });
	on("lines", "pointerdown", pointer_down);
	on("lines", "pointermove", pointer_move);
	on("lines", "pointerup", pointer_up);
	on("lines", "pointercancel", () => { drag = null; });
	on("lines", "pointerleave", () => { if (!drag) tip_of_selected(); });
	on("lines", "dblclick", ev => zoom(0.4, pointer_place(ev).x));
	on("lines", "wheel", wheel, { passive: false });
	on("scale", "wheel", wheel, { passive: false });
	on("view", "scroll", () => refresh());
	for (const type of ["pointerdown", "pointermove"]) {
		on("overview", type, overview_drag);
	}
	on("violations", "toggle", resize);
	addEventListener("keydown", key);
	addEventListener("resize", resize);
	matchMedia("(prefers-color-scheme: dark)")
		.addEventListener("change", theme_changed);
}

(function start() {
	const words = read_address();

	set_axis("time");
	view.from = LOW;
	view.to = HIGH;
	$("everyone_label").hidden = !DATA.about.command;
	build($("everyone").checked);
	make_lanes();
	show_head();
	show_violations();
	make_legend();
	read_theme();
	draw_legend();
	listen();
	resize();
	obey_address(words);
})();
