#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Says which lines of a series the runs in these directories of vmtest's have not executed.

A run has the counts of its kernel in the file "counts" (TAG_COUNTS in
vmtest/wire/protocol.h). gcov converts them to executions of lines, which are added up
over all runs, and compared with the lines that the patches add.

The check sees only the lines that gcov sees: lines of the files compiled with counters,
and inline functions of headers as far as those files use them. A macro's body counts
where the macro is used.
"""
import argparse
import collections
import contextlib
import dataclasses
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback

LEGEND = """
Before each line how often it was executed: - is no code, ##### never, ===== never,
for the reason below; part: not all that is on the line.
"""
FORMAT_VERSION = 1
EXIT_USAGE = 2
LINES_MAX = 1 << 20     # No source file has more lines.
BLANKS = " \t\r"
HUNK = re.compile(r"@@ -([0-9]+)(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+)|(?!,))")
REASON = re.compile(r"([^ ]*) ([^:]+):(.*)")
COUNTS = re.compile(r"([^ ]*)\.gcda (.*)")
# The state of a line; if it is neither of the first two, the word in the report.
NO_CODE, EXECUTED, EXCUSED, MISSING = "-", "executed", "=====", "#####"
Line = collections.namedtuple("Line", "nr text state count reason")
# An entry of the file of reasons, which begins in its line nr.
Reason = collections.namedtuple("Reason", "nr file function text why")


class Failure(Exception):
    """Ends the program with this message, and EXIT_USAGE."""


@dataclasses.dataclass
class Hunk:
    """The rest of a hunk. Lines that no patch has added are None, or not there."""
    lines: list
    old: int = 1            # the number of the next line before the patch
    new: int = 1            # and now, when all lines above it are new
    old_left: int = 0
    new_left: int = 0

    def begin(self, line):
        """Parses "@@ -1,2 +3,4 @@", where ",2" or ",4" may be absent."""
        match = HUNK.match(line)
        if not match:
            raise ValueError(line)
        old, self.old_left, new, self.new_left = (int(nr or 1) for nr in match.groups())
        # The number of an empty side is that of the line before.
        old += not self.old_left
        new += not self.new_left
        if old < self.old:
            raise ValueError(line)
        self.old, self.new = old, new

    def apply(self, line):
        """Applies a line. Some mailers remove the space of an empty line of context."""
        sign = line[:1] or " "
        if sign == "\\":            # "\ No newline at end of file"
            return
        in_old, in_new = sign != "+", sign != "-"
        if sign not in " +-" or in_old > self.old_left or in_new > self.new_left:
            raise ValueError(line)
        if not in_old:
            self.lines += [None] * (self.new - 1 - len(self.lines))
            self.lines.insert(self.new - 1, line[1:])
        elif not in_new:
            del self.lines[self.new - 1:self.new]
        self.old += in_old
        self.new += in_new
        self.old_left -= in_old
        self.new_left -= in_new


@dataclasses.dataclass
class Count:
    """The executions of a line. It is executed if one run executed the whole of it."""
    function: str = None    # the first that contains the line
    times: int = 0
    whole: bool = False


def error(text):
    """Prints a line with one call, so that lines of several processes do not mix."""
    sys.stderr.write(f"coverage: error: {text}\n")


def read_bytes(path):
    """Returns the content of a file."""
    with open(path, "rb") as file:
        return file.read()


def read_lines(path):
    """Returns what is between the newlines; nothing comes after the last one."""
    return read_bytes(path).decode("utf-8", "surrogateescape").split("\n")


def write_file(path, data):
    """Writes a file completely or not at all."""
    tmp = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(tmp, "wb") as file:
            file.write(data)
        os.replace(tmp, path)
    except OSError as err:
        with contextlib.suppress(OSError):
            os.unlink(tmp)
        raise Failure(f"{path}: {err.strerror}") from err


def apply_patch(files, name, patch):
    """Applies the lines of a patch, of git format-patch, to {path: [text or None]}."""
    hunk, at = Hunk([]), 0
    try:
        for at, line in enumerate(patch, 1):
            if hunk.old_left or hunk.new_left:
                hunk.apply(line)
            elif line.startswith("+++ b/"):
                hunk = Hunk(files.setdefault(line[6:], []))
            elif line.startswith("@@ "):
                hunk.begin(line)
        if hunk.old_left or hunk.new_left:
            raise ValueError("the hunk is too short")
    except ValueError as err:
        raise Failure(f"{name}:{at}: no patch that I understand") from err


def find_patches(folder):
    """Returns the patches of a series, in order."""
    patches = sorted(glob.glob(f"{folder}/[0-9][0-9][0-9][0-9]-*.patch"))
    if not patches:
        raise Failure(f"{folder}: no patches there")
    return patches


def read_series(folders):
    """Returns the lines that the series add to the kernel's C, {path: [(nr, text)]}."""
    files = {}
    for patch in (patch for folder in folders.split(",") for patch in find_patches(folder)):
        lines = read_lines(patch)
        apply_patch(files, patch, lines if lines[-1] else lines[:-1])
    return {path: [line for line in enumerate(lines, 1) if line[1] is not None]
            for path, lines in files.items() if re.search(r"^(?!tools/).+\.[ch]$", path)}


def read_reasons(path):
    """Reads entries "FILE FUNCTION: TEXT", each with indented lines that say why."""
    entries = []
    for nr, line in enumerate(read_lines(path), 1):
        if line.startswith("#") or not line.strip(" \t"):
            continue
        match = REASON.match(line)
        if line[0].isspace() and entries:
            entries[-1].append(line.strip(BLANKS))
        elif match and not line[0].isspace():
            entries.append([nr, *(word.strip(BLANKS) for word in match.groups())])
        else:
            raise Failure(f"{path}:{nr}: FILE FUNCTION: TEXT is wanted, "
                          "then an indented reason")
    for entry in entries:
        if len(entry) == 4:
            raise Failure(f"{path}:{entry[0]}: there is no reason behind it")
    return [Reason(*entry[:4], " ".join(entry[4:])) for entry in entries]


def compare_file(path, lines):
    """Returns the number of lines that the file lacks, or has in another form."""
    try:
        source = read_lines(path)
    except OSError:
        error(f"{path}: not there")
        return 1
    differ = [nr for nr, text in lines if nr <= len(source) and source[nr - 1] != text]
    for nr in differ:
        error(f"{path}:{nr}: not what the series has there")
    return len(differ) + sum(nr > len(source) for nr, _ in lines)


def find_notes(notes, path, gcda):
    """
    Finds the .gcno file from the same compilation, whose version and stamp are equal. As
    the build directory is unknown, the file's path below notes is an end of the path.
    Returns this end and the content; suffixes are left out.
    """
    parts = path.removeprefix("/").split("/")
    for i in range(len(parts)):
        name = "/".join(parts[i:])
        with contextlib.suppress(OSError):
            gcno = read_bytes(f"{notes}/{name}.gcno")
            if len(gcda) >= 12 and gcda[4:12] == gcno[4:12]:
                return name, gcno
    return None, None


def run_gcov(folder, name):
    """Returns what gcov prints about one file."""
    try:
        return subprocess.run(["gcov", "--json-format", "--stdout", name], cwd=folder,
                              stdout=subprocess.PIPE, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as err:
        if isinstance(err, OSError):
            error(f"gcov: {err.strerror}")
        raise Failure(f"gcov --json-format {folder}/{name}: it failed") from err


def add_line(lines, line):
    """A line appears once for each function that contains it: inlined, for example."""
    nr, times = line["line_number"], line["count"]
    if not 0 < nr <= LINES_MAX:
        raise ValueError(nr)
    count = lines.setdefault(nr, Count())
    count.times += int(times)
    count.whole |= times > 0 and line.get("unexecuted_block") is not True
    count.function = count.function or line.get("function_name")


def add_json(counts, name, text):
    """Adds a document of gcov's to {path: {nr: Count}}."""
    try:
        for file in json.JSONDecoder().raw_decode(text)[0]["files"]:
            # gcc names a header "./include/linux/pid.h".
            lines = counts.setdefault(file["file"].removeprefix("./"), {})
            for line in file["lines"]:
                add_line(lines, line)
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        what = err if isinstance(err, json.JSONDecodeError) else "no files with lines"
        raise Failure(f"{name}: not what gcov --json-format prints: {what}") from err


def add_counts(counts, line, notes, folder, where):
    """Adds a line of "counts": a path, a space, a JSON string with a byte a character."""
    try:
        path, text = COUNTS.fullmatch(line).groups()
        gcda = json.loads(text).encode("latin-1")
    except (AttributeError, ValueError) as err:
        what = line.split(" ")[0][:40]
        raise Failure(f"{where}: no line of counts: {what}") from err
    name, gcno = find_notes(notes, path, gcda)
    if name is not None:
        write_file(f"{folder}/{name}.gcda", gcda)
        write_file(f"{folder}/{name}.gcno", gcno)
        text = run_gcov(folder, f"{name}.gcda").decode("utf-8", "surrogateescape")
        add_json(counts, f"{name}.gcda", text)


def add_run(counts, run, notes, out):
    """Adds the counts of a run, in a new directory, without files of another kernel."""
    path = f"{run}/counts"
    try:
        lines = read_lines(path)
    except OSError as err:
        raise Failure(f"{path}: {err.strerror}; was the kernel built to count its lines, "
                      "and did the run end in order?") from err
    with tempfile.TemporaryDirectory(prefix="gcov.", dir=out) as folder:
        for line in filter(None, lines):
            add_counts(counts, line, notes, folder, path)


def judge_line(path, nr, text, count, reasons):
    """Returns the state of a line, and the reason if it needs one."""
    if not count or count.whole:
        return Line(nr, text, EXECUTED if count else NO_CODE, count, None)
    key = path, count.function, text.strip(BLANKS)
    reason = next((reason for reason in reasons if reason[1:4] == key), None)
    return Line(nr, text, EXCUSED if reason else MISSING, count, reason)


def judge(added, counts, reasons):
    """Returns the lines of each file, {path: [Line]}."""
    return {path: [judge_line(path, nr, text, counts.get(path, {}).get(nr), reasons)
                   for nr, text in lines] for path, lines in added.items()}


def find_problems(judged, counts, reasons, where):
    """Reports C files without counts, and useless reasons. Returns their number."""
    uncounted = [path for path in judged if path.endswith(".c") and path not in counts]
    used = {line.reason for lines in judged.values() for line in lines}
    unused = [reason for reason in reasons if reason not in used]
    for path in uncounted:
        error(f"{path}: no run has counted its lines")
    for nr, file, function, text, _ in unused:
        error(f"{where}:{nr}: an excuse for a line that is executed, or not there: "
              f"{file} {function}: {text}")
    return len(uncounted) + len(unused)


def line_text(line):
    """Returns a line of report.txt."""
    head = line.state
    if head == EXECUTED:
        head = line.count.times
    elif head != NO_CODE:
        head += " part" if line.count.times else " "
    because = f"{'because:':>17} {line.reason.why}\n" if line.reason else ""
    return f"{head:>10} {line.nr:5}: {line.text}\n{because}"


def line_summary(line):
    """Returns a line of summary.json."""
    why = {"reason": line.reason.why} if line.reason else {}
    return {"line": line.nr, "text": line.text.lstrip(" \t"),
            "function": line.count.function, "partly": line.count.times > 0, **why}


def file_summary(path, lines):
    """Returns a file of summary.json."""
    states = [line.state for line in lines]
    return {"file": path,
            "missing": [line_summary(line) for line in lines if line.state == MISSING],
            "excused": [line_summary(line) for line in lines if line.state == EXCUSED],
            "added": len(lines), "executable": len(lines) - states.count(NO_CODE),
            "executed": states.count(EXECUTED)}


def summarize(judged, problems, runs):
    """Returns summary.json."""
    files = [file_summary(path, lines) for path, lines in judged.items() if lines]
    totals = {key: sum(len(file[key]) for file in files) for key in ("missing", "excused")}
    totals |= {key: sum(file[key] for file in files)
               for key in ("added", "executable", "executed")}
    good = not totals["missing"] and not problems and totals["executed"] > 0
    return {"version": FORMAT_VERSION, "good": good, "runs": runs,
            "totals": {**totals, "problems": problems}, "files": files}


def print_summary(summary):
    """Prints the table, and the missing lines."""
    print(f"{'FILE':32}  ADDED  EXECUTABLE  EXECUTED  EXCUSED  MISSING")
    rows = [{**file, "excused": len(file["excused"]), "missing": len(file["missing"])}
            for file in summary["files"]]
    for row in rows + [{"file": "all of them", **summary["totals"]}]:
        print("{file:32} {added:6} {executable:11} {executed:9} {excused:8} {missing:8}"
              .format(**row))
    for file in summary["files"]:
        for line in file["missing"]:
            print(f"{'not all executed' if line['partly'] else 'not executed'}: "
                  f"{file['file']}:{line['line']}: {line['function'] or '(null)'}: "
                  f"{line['text']}")


def check(series, kernel, reasons, out, runs):
    """Compares the series with the runs, and returns whether the result is good."""
    notes, counts = f"{kernel}/gcov", {}
    os.makedirs(out, exist_ok=True)
    added, known = read_series(series), read_reasons(reasons)
    if sum(compare_file(f"{notes}/{path}", lines) for path, lines in added.items()):
        raise Failure(f"{kernel} was not built from {series} as it is now")
    for run in runs:
        add_run(counts, run, notes, out)
    judged = judge(added, counts, known)
    summary = summarize(judged, find_problems(judged, counts, known, reasons), runs)
    report = "\n".join(f"{path}\n{''.join(map(line_text, lines))}"
                       for path, lines in judged.items() if lines) + LEGEND
    text = json.dumps(summary, indent=1, ensure_ascii=False)
    write_file(f"{out}/report.txt", report.encode("utf-8", "surrogateescape"))
    write_file(f"{out}/summary.json", text.encode("utf-8", "surrogateescape"))
    print_summary(summary)
    return summary["good"]


def parse(argv):
    """Returns the arguments. Help and errors end the program."""
    parser = argparse.ArgumentParser(
        description=__doc__.strip().split("\n", maxsplit=1)[0],
        epilog="Exit status: 0 all lines are executed or excused, 1 some are not, "
        "2 usage or environment.")
    for name, what, text in (
            ("series", "DIR[,DIR]", "The patches; a second series is based on the first"),
            ("kernel", "DIR", "The kernel they were built into: the directory that has gcov/"),
            ("reasons", "FILE", "Lines that need not be executed, and why"),
            ("out", "DIR", "Where report.txt and summary.json go")):
        parser.add_argument(f"--{name}", metavar=what, help=text)
    parser.add_argument("runs", metavar="RUN", nargs="*")
    arguments = vars(parser.parse_intermixed_args(argv))
    if None in arguments.values() or not arguments["runs"]:
        parser.error("all four options and a run are needed")
    return arguments


def main(argv):
    """Returns the exit status."""
    arguments = parse(argv)
    for stream in sys.stdout, sys.stderr:
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        return 0 if check(**arguments) else 1
    except Failure as err:
        error(err)
    except OSError as err:
        error(f"{err.filename}: {err.strerror}")
    except Exception:
        # Python would end with status 1, which says that lines are missing.
        traceback.print_exc()
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
