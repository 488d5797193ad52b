# SPDX-License-Identifier: GPL-2.0-only
#
# break.py HOW: copies a .pftrace from stdin to stdout with one fault, which a reader must
# notice. Exit status 1 if the trace has nothing to break. The numbers of the fields are
# those of Perfetto's .proto files.
import sys

VARINT, FIXED64, BYTES = 0, 1, 2
CLOCKS, TIMESTAMP, EVENT, TRACK = 6, 8, 11, 60              # of a packet
ARGUMENT, TYPE, NAME, FLOW_OUT, FLOW_IN = 4, 9, 23, 47, 48  # of an event
BEGIN, END, INSTANT, COUNTER = 1, 2, 3, 4                   # types of events
PROCESS, THREAD = 3, 4                                    # of a track
NUMBER = 4                                                  # of an argument


def varint(data, at):
    n = shift = 0
    while True:
        n |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return n, at


def fields(data):
    at, found = 0, []
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == VARINT:
            value, at = varint(data, at)
        else:
            size, at = (8, at) if key & 7 == FIXED64 else varint(data, at)
            value, at = data[at:at + size], at + size
            assert at <= len(data)
        found.append((key >> 3, key & 7, value))
    return found


def number(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def message(found):
    out = b""
    for field, wire, value in found:
        out += number(field << 3 | wire)
        if wire == BYTES:
            out += number(len(value))
        out += number(value) if wire == VARINT else value
    return out


def get(found, field):
    return next((value for f, _, value in found if f == field), None)


def put(found, field, change):
    """Changes the first such field; None removes it."""
    i = next(i for i, f in enumerate(found) if f[0] == field)
    value = change(found[i][2])
    found[i:i + 1] = [] if value is None else [(*found[i][:2], value)]


def event(packet):
    return fields(get(packet, EVENT) or b"")


def track(packet):
    return fields(get(packet, TRACK) or b"")


def in_event(field, change):
    def broken(packet):
        e = event(packet)
        put(e, field, change)
        put(packet, EVENT, lambda _: message(e))
        return packet
    return broken


def of_type(kind):
    return lambda p: get(event(p), TYPE) == kind


def has_number(packet):
    return get(fields(get(event(packet), ARGUMENT) or b""), NUMBER) is not None


def other_number(argument):
    a = fields(argument)
    put(a, NUMBER, lambda n: n + 1)
    return message(a)


def dropped(_):
    return None


def later(packet):
    put(packet, TIMESTAMP, lambda n: n + 1)
    return packet


# Which packet, and what is done to the first one.
WAYS = {
    "begin": (of_type(BEGIN), dropped),
    "end": (of_type(END), dropped),
    "instant": (of_type(INSTANT), dropped),
    "counter": (of_type(COUNTER), dropped),
    "time": (of_type(INSTANT), later),
    "name": (of_type(BEGIN), in_event(NAME, lambda s: b"X" + s)),
    "argument": (has_number, in_event(ARGUMENT, other_number)),
    "flow_out": (lambda p: get(event(p), FLOW_OUT), in_event(FLOW_OUT, dropped)),
    "flow_in": (lambda p: get(event(p), FLOW_IN), in_event(FLOW_IN, dropped)),
    "process": (lambda p: get(track(p), PROCESS), dropped),
    "thread": (lambda p: get(track(p), THREAD), dropped),
    "clocks": (lambda p: get(p, CLOCKS), dropped),
}


def main():
    which, broken = WAYS[sys.argv[1]]
    out, done = [], False
    for field, wire, packet in fields(sys.stdin.buffer.read()):
        found = fields(packet)
        if not done and which(found):
            done, found = True, broken(found)
        if found is not None:
            out.append((field, wire, message(found)))
    sys.stdout.buffer.write(message(out))
    return not done


sys.exit(main())
