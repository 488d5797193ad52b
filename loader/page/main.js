/* SPDX-License-Identifier: GPL-2.0-only */
"use strict";
/*
 * The page around the lanes: its heading, the violations, the legend, the address and
 * the start.
 *
 * The address keeps the view, for somebody else who has the file:
 *	#from=0.2&to=0.4&axis=time&record=53&task=sh&theme=dark&everyone=1
 * from and to are seconds, or numbers of records with axis=order. In do=, tests list
 * acts of a user, which are done by the same events: hover:53, click:53, press:everyone,
 * wheel:-3, key:+, find:sh, go_to:sh. bench=60 draws as many frames of zooming.
 */

/* --- heading and legend --- */

const number = n => Number(n).toLocaleString("en").replaceAll(",", "\u202f");

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
		about.machine && ["machine", about.machine.node],
		about.start && ["started", `${about.start} by its clock`],
		["judged as", about.semantics],
		["records", number(about.records)], ["drawn", number(N)],
		["lost", number(lost)],
		["namespaces", number(LANES.filter(l => l.used).length)],
		["tasks", number(TASKS.filter(t => t.drawn).length)],
		["setns", number(r.setns)], ["joins", number(r.joins)],
	].filter(Boolean).map(([name, value]) =>
		make("div", {}, make("dt", {}, name), " ", make("dd", {}, value))));
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

/* Returns "records 3, 7, 12 and 5 more". */
function records_text(events)
{
	const first = events.slice(0, 3).map(e => RECORD[e]).join(", ");

	return `record${events.length > 1 ? "s" : ""} ${first}` +
		(events.length > 3 ? ` and ${events.length - 3} more` : "");
}

function violation_item(rule)
{
	const events = VIOLATED_EVENTS.filter(e =>
		VIOLATED.get(e).some(v => v.rule == rule.id));
	const times = n => n == 1 ? "once" : `${number(n)} times`;
	const sure = rule.violations ? times(rule.violations) :
		`${times(rule.unsure)}, but records may have been lost`;
	const button = make("button", {
		textContent: rule.id, id: `rule_${rule.id}`,
		ariaLabel: `Go to the first violation of ${rule.id}, then to the next`,
		disabled: !events.length,
		title: events.length ? records_text(events) :
				       "its text names no record, or none that is drawn",
		onclick() {
			const i = events.indexOf(view.select);
			jump(events[i + 1] || events[0]);
		},
	});

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
		$("legend").append(make("li", { className: name, hidden: !used.has(cls) },
					make("i", {}, "."), make("canvas"), text));
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

/* Updates the view after a change of the shown tasks, or of the axis. */
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

const read_place = text => axis == "time" ? Number(text) * 1e9 :
					    event_of_record(Number(text));

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
		select(Math.min(event_of_record(Number(words.get("record"))), N));
	if (words.has("do"))
		words.get("do").split(",").forEach(act);
	if (words.has("bench"))
		bench(Number(words.get("bench")));
}

/* --- for tests: what a user does --- */

/* Sends pointer events to the mark of a record. */
function point(record, ...types)
{
	const e = event_of_record(Number(record));

	if (!mark_place(e))
		throw new Error(`record ${RECORD[e]} has no mark`);
	scroll_to(mark_place(e).y);
	for (const type of types) {
		const at = mark_place(e), box = $("lines").getBoundingClientRect();
		$("lines").dispatchEvent(new PointerEvent(type, {
			clientX: box.left + view.gutter + at.x, bubbles: true,
			clientY: box.top + at.y - $("view").scrollTop }));
	}
}

const ACTS = {
	hover: record => point(record, "pointermove"),
	click: record => point(record, "pointerdown", "pointerup"),
	press(id) {
		$(id).click();
		settled();
	},
	key(key) {
		$("view").dispatchEvent(new KeyboardEvent("keydown",
			{ key, bubbles: true, cancelable: true }));
		settled();
	},
	wheel(by) {
		const box = $("lines").getBoundingClientRect();
		$("lines").dispatchEvent(new WheelEvent("wheel", {
			deltaY: Number(by), cancelable: true, bubbles: true,
			clientX: box.left + view.gutter + view.width / 2,
			clientY: box.top + 5 }));
		settled();
	},
	find(text) {
		$("query").value = text;
		$("query").dispatchEvent(new Event("input"));
	},
	go_to(text) {
		ACTS.find(text);
		$("query").dispatchEvent(new KeyboardEvent("keydown",
			{ key: "Enter", bubbles: true, cancelable: true }));
		settled();
	},
};

function act(word)
{
	const [what, ...rest] = word.split(":");

	if (ACTS[what])
		ACTS[what](rest.join(":"));
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

	for (const [id, key] of Object.entries({
		in: "+", out: "-", fit: "0", prev: ",", next: ".", keys_button: "?",
	}))
		on(id, "click", KEYS[key]);
	on("axis", "change", () => change_axis($("axis").value));
	on("everyone", "change", () => { rebuild(); settled(); });
	on("alive", "change", settled);
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
	on("overview", "pointerdown", overview_drag);
	on("overview", "pointermove", overview_drag);
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
