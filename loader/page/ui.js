/* SPDX-License-Identifier: GPL-2.0-only */
"use strict";
/*
 * What is in view and what is selected, and the keys, the pointer and the search that
 * change both.
 *
 * A change is drawn with the next frame; what takes long, or would make the page jump,
 * waits until the view stands still.
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

/* Runs once the view rests: slow updates, and texts that would flicker. */
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
		do	/* events of hidden tasks have no mark */
			e += by;
		while (e >= 1 && e <= N && !home_of(e));
	}
	if (e >= 1 && e <= N)
		select(e);
}

function next_of(events)
{
	const from = view.select || event_from(view.from) - 1;
	const e = events.find(k => k > from) || events[0];

	if (e)
		jump(e);
}

function previous_of(events)
{
	const from = view.select || event_from(view.to);
	const e = events.findLast(k => k < from) || events[events.length - 1];

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

	list.replaceChildren(...found.slice(0, 100).map((f, i) =>
		make("li", { id: `found${i}`, role: "option", onpointerdown: ev => {
			ev.preventDefault();
			go_to(f);
		} }, f.label, make("span", {}, ` ${f.more}`))));
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
	"v": () => next_of(VIOLATED_EVENTS), "V": () => previous_of(VIOLATED_EVENTS),
	"j": () => next_of(JOIN_EVENTS), "J": () => previous_of(JOIN_EVENTS),
	"/": () => $("query").focus(),
	"?": toggle_keys,
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

/* Returns { x, what }: the place of the pointer, and what is there. */
function pointer_place(ev)
{
	const box = $("lines").getBoundingClientRect();
	const x = ev.clientX - box.left - view.gutter;
	const y = ev.clientY - box.top + $("view").scrollTop;

	return { x, what: x >= 0 && what_is_at(x, y) };
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
	const { what } = pointer_place(ev);
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
	const { what } = pointer_place(ev);
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
