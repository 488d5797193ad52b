# SPDX-License-Identifier: GPL-2.0-only
#
# export_check.py perfetto|csv EXPORT JSON: what `pidnstrace export' made of a
# trace in one format, by what it made of it as JSON Lines. Says what is wrong,
# exit status 1; tests/export_test.sh runs it.
#
# perfetto: valid by tests/data/trace-event.schema.json; time never goes back;
# slices nest and end in each lane; each namespace is one process, no process
# and thread have the same number, and who has events has a name; flows have a
# beginning and an end inside of slices, as many as there are forks and joins.
# csv: as many columns everywhere, a row a record, numbers as in the JSON.

import csv
import io
import json
import os
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(__file__), "data/trace-event.schema.json")
META = 0x100    # WIRE_META


class Wrong(Exception):
    pass


def expect(ok, *what):
    if not ok:
        raise Wrong(" ".join(str(w) for w in what))


def records(path):
    with open(path) as f:
        first = json.loads(next(f))
        expect(first["record"] == "trace", "the first line is", first)
        for n, line in enumerate(f, 1):
            r = json.loads(line)
            expect(r["index"] == n, "record", n, "has index", r["index"])
            yield r


# --- perfetto ---

class Lane:
    def __init__(self):
        self.open = 0
        self.ts = 0


def valid(doc):
    """By the schema; of a long trace each kind of event once: it is slow."""
    with open(SCHEMA) as f:
        schema = json.load(f)
    cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    event = cls({"$ref": "#/$defs/event", "$defs": schema["$defs"]})
    if len(doc["traceEvents"]) < 5000:
        cls(schema).validate(doc)
        return
    cls(schema).validate(dict(doc, traceEvents=[]))
    # Two that differ in numbers and words alone are the same to the schema,
    # but for limits: those are looked at below.
    seen = set()
    for n, e in enumerate(doc["traceEvents"]):
        shape = (e.get("ph"), e.get("s"), e.get("cat"), e["name"] if e.get("ph") == "M" else "",
                 tuple((k, type(v)) for k, v in e.items()),
                 tuple((k, type(v)) for k, v in e["args"].items())
                 if isinstance(e.get("args"), dict) else ())
        odd = any(type(e.get(k)) in (int, float) and e[k] < 1 for k in e) or \
            e.get("pid", 1) > 0xffffffff or e.get("tid", 1) > 0xffffffff or \
            e.get("ph") == "C"
        if shape in seen and not odd:
            continue
        seen.add(shape)
        try:
            event.validate(e)
        except jsonschema.ValidationError as err:
            raise Wrong(f"event {n} {json.dumps(e)}: {err.message}")


def namespaces(path):
    """How many there are in the records: inums are used again."""
    known, more, forks, joins, inside = {4026531836}, 0, 0, 0, {}
    for r in records(path):
        kind, images = r["record"], r.get("pids", [])
        if kind == "pidns_new":
            more += r["inum"] in known
            known.add(r["inum"])
        elif kind in ("setns_enter", "setns_exit", "pidns_commit_join", "fork",
                      "exec", "exit", "sweep_task"):
            known.update(u["ns"] for u in images[0]["upid"])
        if kind == "fork":
            forks += 1
        elif kind == "setns_enter":
            inside[r["task"]["task"]] = r["pids"][0]["upid"]
        elif kind == "setns_exit":
            before = inside.pop(r["task"]["task"], None)
            after = r["pids"][0]["upid"]
            joins += bool(before and after and before[-1]["ns"] != after[-1]["ns"])
    return known, more, forks, joins


def perfetto(export, lines):
    with open(export) as f:
        doc = json.load(f)
    valid(doc)
    now, lanes, names, threads = 0, {}, {}, set()
    pids, tids, flows, ended = set(), set(), {}, {"fork": 0, "join": 0}
    for n, e in enumerate(doc["traceEvents"]):
        ph, pid, tid = e["ph"], e["pid"], e.get("tid")
        pids.add(pid)
        lane = None
        if tid:
            tids.add(tid)
            lane = lanes.setdefault((pid, tid), Lane())
        if ph == "M":
            if e["name"] == "process_name":
                names[pid] = e["args"]["name"]
            elif e["name"] == "thread_name":
                threads.add((pid, tid))
            continue
        expect(pid in names, "event", n, "is of process", pid, "without a name")
        expect(not lane or (pid, tid) in threads, "event", n, "is of thread", tid,
               "without a name")
        expect(e["ts"] >= now, "event", n, "goes back in time:", e)
        now = e["ts"]
        if lane:
            expect(e["ts"] >= lane.ts, "thread", tid, "goes back in time:", e)
            lane.ts = e["ts"]
        if ph == "B":
            lane.open += 1
        elif ph == "E":
            expect(lane.open, "event", n, "ends no slice:", e)
            lane.open -= 1
        elif ph == "s":
            expect(lane.open, "flow", e["id"], "begins outside of slices")
            expect(e["id"] not in flows, "flow", e["id"], "begins twice")
            flows[e["id"]] = e["name"]
        elif ph == "f":
            expect(lane.open, "flow", e["id"], "ends outside of slices")
            expect(flows.get(e["id"]) == e["name"], "flow", e["id"],
                   "ends and did not begin, or twice")
            flows[e["id"]] = None
            ended[e["name"]] += 1
    for (pid, tid), lane in lanes.items():
        expect(not lane.open, "thread", tid, "of", names[pid], "has", lane.open,
               "open slices at the end")
    for i, name in flows.items():
        expect(name is None, "flow", i, name, "does not end")
    expect(not pids & tids, "processes and threads with the same number:",
           sorted(pids & tids)[:5])
    known, more, forks, joins = namespaces(lines)
    inums = {int(name.split("[")[1].split("]")[0]) for name in names.values()}
    expect(known <= inums, "no process for the namespaces", known - inums)
    expect(len(names) == len(inums) + more, len(names), "processes for",
           len(inums) + more, "namespaces")
    expect(ended["fork"] == forks, ended["fork"], "flows for", forks, "forks")
    expect(ended["join"] >= joins, ended["join"], "flows for", joins, "joins")
    expect(ended["join"] == joins or doc_lost(doc), ended["join"],
           "flows for", joins, "joins, and nothing is lost")
    print(len(doc["traceEvents"]), "events,", len(names), "processes,",
          len(threads), "threads,", ended)


def doc_lost(doc):
    return any(e.get("cat") == "lost" for e in doc["traceEvents"])


# --- csv ---

def text(numbers):
    return " ".join(str(n) for n in numbers)


def same_row(row, r):
    hdr = r["hdr"]
    want = {
        "index": r["index"], "cpu": hdr["cpu"], "seq": hdr["seq"],
        "type": r["record"],
    }
    for i, suffix in enumerate(("", "2")):
        upid = r["pids"][i]["upid"] if len(r.get("pids", [])) > i else []
        want["numbers" + suffix] = text(u["nr"] for u in upid)
        want["ns" + suffix] = text(u["ns"] for u in upid)
    task = r.get("task")
    if isinstance(task, dict):
        want.update(task_comm=task["comm"], task_pid=task["pid"],
                    task_tgid=task["tgid"])
    if isinstance(r.get("ret"), int):
        want["ret"] = r["ret"]
    for k, v in want.items():
        expect(row[k] == str(v), "row", r["index"], "has", k, repr(row[k]),
               "and not", repr(str(v)))


def table(export, lines):
    with open(export, newline="") as f:
        raw = f.read()
    expect(raw.endswith("\r\n"), "the last line does not end")
    rows = csv.reader(io.StringIO(raw, newline=""), strict=True)
    head = next(rows)
    n = 0
    for r in records(lines):
        row = next(rows, None)
        expect(row is not None, "no row for record", r["index"])
        expect(len(row) == len(head), "row", r["index"], "has", len(row),
               "columns, the head", len(head))
        same_row(dict(zip(head, row)), r)
        n += 1
    expect(next(rows, None) is None, "more rows than records")
    print(n, "rows,", len(head), "columns")


def main():
    check = {"perfetto": perfetto, "csv": table}[sys.argv[1]]
    try:
        check(*sys.argv[2:])
    except (Wrong, jsonschema.ValidationError, csv.Error, ValueError,
            KeyError) as e:
        print(f"{sys.argv[2]}: {getattr(e, 'message', e)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
