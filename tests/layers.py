#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
layers.py ROOMS OBJECTS: do the includes and calls of a program run downwards?

ROOMS lists the folders beside it, from the bottom to the top. OBJECTS is the directory
of its object files, each with the dependency file of the compiler (-MMD) beside it.
Prints a line for each include or call that runs up, for each circle of calls between
files, and for a folder that is not in ROOMS. Exit status 0: there is none.

An include that the compiler never sees (under #if) goes unnoticed, and so does a call
by a pointer, which is how a lower room may call a higher one.
"""
import pathlib
import re
import subprocess
import sys

rooms_file, objects = map(pathlib.Path, sys.argv[1:])
source = rooms_file.parent
rooms = [line.split("\t")[0] for line in rooms_file.read_text().splitlines()
         if line and not line.startswith("#")]
rank = {room: i for i, room in enumerate(rooms)}
bad = []


def room_of(path):
    """The room of loader/model/task.c is model, that of loader/main.c the topmost."""
    parts = path.parts
    return parts[0] if len(parts) > 1 else None


def is_up(user, used):
    return rank[used] > rank.get(user, len(rooms))


def includes(dep):
    text = dep.read_text().replace("\\\n", " ").split("\n", 1)[0]
    for word in text.split()[1:]:
        match = re.search(rf"(?:^|/){source.name}/(\w+)/[\w.]+$", word)
        if match and match[1] in rank:
            yield match[1], word


def symbols(obj):
    defined, used = set(), set()
    for line in subprocess.check_output(["nm", obj], text=True).splitlines():
        kind, name = line.split()[-2:]
        (used if kind == "U" else defined).add(name)
    return defined, used


def circles(calls):
    """Tarjan's strongly connected components of more than one file."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in calls[node]:
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            part = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(part) > 1:
                found.append(sorted(part))

    for node in calls:
        if node not in index:
            visit(node)
    return found


for folder in source.iterdir():
    if any(folder.glob("*.c")) and folder.name not in rank:
        bad.append(f"{folder} is not in {rooms_file}")
files = {obj.relative_to(objects): symbols(obj) for obj in objects.rglob("*.o")
         if room_of(obj.relative_to(objects)) in {*rank, None}}
if len(files) < 2:
    bad.append(f"{objects} has no objects")
owner = {name: path for path, (defined, _) in files.items() for name in defined
         if name != "main"}
calls = {path: {owner[name] for name in used if owner.get(name, path) != path}
         for path, (_, used) in files.items()}
for path, called in calls.items():
    user = room_of(path)
    dep = (objects / path).with_suffix(".d")
    bad += [f"{path.with_suffix('.c')} includes {word}, which is above {user}"
            for used, word in includes(dep) if is_up(user, used)]
    bad += [f"{path.with_suffix('.c')} calls {other.with_suffix('.c')}, which is above {user}"
            for other in called if room_of(other) and is_up(user, room_of(other))]
bad += ["a circle of calls: " + ", ".join(str(path.with_suffix(".c")) for path in part)
        for part in circles(calls)]
print("\n".join(sorted(bad)), end="\n" if bad else "")
sys.exit(bool(bad))
