# SPDX-License-Identifier: GPL-2.0-only
#
# jq -n --slurpfile trace CLIENT.trace --rawfile steps CLIENT.steps -f story.jq
#
# A trace without what differs from run to run: an array of steps, {name, command,
# status, said, lines, alone}. lines has a line for each operation, in the manner
# of `pidnstrace trace`, by process: its operations in their order, then its
# children, in the order of their birth; how it ended and who reaped it come last.
# In alone the numbers are given out for this step only, so that it can be
# compared with the same step after others went another way.
#
# Left out: times; threads (how many a Go program starts is its own affair: what a
# thread does counts as its process's); setns() that is about no pid namespace;
# when a namespace was gone (that is RCU's affair).
# Numbers are given out anew: at each level the processes have consecutive ones, in
# the order of the lines, from 100 in the first namespace, and from 2 in others,
# whose init is 1. Namespaces are numbered likewise.

# --- names of values ---

def errno:
	{ "1": "EPERM", "3": "ESRCH", "9": "EBADF", "11": "EAGAIN",
	  "12": "ENOMEM", "16": "EBUSY", "22": "EINVAL", "87": "EUSERS" }[tostring] //
	"errno \(.)";
def signal:
	{ "1": "SIGHUP", "6": "SIGABRT", "9": "SIGKILL", "11": "SIGSEGV",
	  "13": "SIGPIPE", "15": "SIGTERM" }[tostring] // "signal \(.)";
def NEWPID: 536870912;
def has_newpid: (. / NEWPID | floor) % 2 == 1;
def flags:
	if . == 0 then "0"
	elif . == NEWPID then "CLONE_NEWPID"
	elif has_newpid then "CLONE_NEWPID|..."
	else "..." end;

# --- what happened to each process ---

# {procs, of: a number at the first level to an index in procs, ns: an inode
# number to that namespace's own number, since inode numbers are used again}
def numbers($s): map({ nr, ns: ($s.ns["\(.ns)"] // 0) });

def add($i; $event): .procs[$i].events += [$event];

def operation($r):
	# Who does it, as a process
	.of["\($r.tgid)"] as $me |
	# A call that failed made nothing.
	if $r.error and $r.op != "setns" then .
	elif $r.op == "fork" then
		if $r.thread then .
		else
			(.procs | length) as $child | . as $s |
			.procs += [{ comm: $r.comm, events: [], parent: $me,
				numbers: ($r.child_numbers | numbers($s)) }] |
			.procs[$child].now = .procs[$child].numbers |
			.of["\($r.child)"] = $child |
			if $me == null then .
			else add($me; { op: "fork", comm: $r.comm, child: $child }) end
		end
	elif $r.op == "ns_new" then
		.made += 1 | .ns["\($r.ns)"] = .made |
		if $me == null then .
		else add($me; { op: "new", comm: $r.comm, ns: .made, level: $r.level }) end
	elif $r.op == "wait" then
		.of["\($r.child)"] as $child |
		# A thread; or a leader whose place another thread took
		if $child == null or ($child == $me and $r.reaped) then .
		else
			.procs[$child].last = $r.child_comm |
			.procs[$child].reaper = if $r.reaped then
				{ comm: $r.comm, proc: $me, pid: $r.tgid } else {} end
		end
	elif $r.op | IN("ns_free", "machine", "thread_exit", "orphan") then .
	elif $r.op == "lost" then
		.lost += $r.records
	elif $r.op == "setns" then
		.of["\($r.before[0].nr // $r.tgid)"] as $me | . as $s |
		if $me == null then .
		else
			if $r.type == "pid" or ($r.kind == "pidfd" and ($r.flags | has_newpid)) then
				add($me; { op: "setns", comm: $r.comm,
					fd: $r.fd, kind: $r.kind,
					flags: $r.flags, ret: $r.ret, moved: $r.moved,
					target: ($s.ns["\($r.target // $r.ns)"] // 0),
					after: ($r.after | numbers($s)),
					children: ($s.ns["\($r.children_ns)"] // 0) })
			else . end |
			if $r.moved then
				.of["\($r.after[0].nr)"] = $me |
				.procs[$me].now = ($r.after | numbers($s)) |
				.procs[$me].joined = .procs[$me].now
			else . end
		end
	elif $r.op == "setsid" or $r.op == "setpgid" or $r.op == "change_pid" then
		.of["\($r.subject)"] as $subject | . as $s |
		if $subject == null then .
		else add($subject; { op: $r.op, comm: $r.comm, type: $r.type,
			before: ($r.before | numbers($s)),
			after: ($r.after | numbers($s)) }) end
	elif $r.op == "exec" then
		if $me == null then .
		else add($me; { op: "exec", comm: $r.now }) end
	elif $r.op == "ns_end" then
		if $me == null then .
		else add($me; { op: "end", comm: $r.comm, ns: (.ns["\($r.ns)"] // 0) }) end
	elif $r.op == "exit" then
		if $me == null then .
		else .procs[$me].exit = { comm: $r.comm, code: $r.code, signal: $r.signal } end
	else
		error("an operation that is not known: \($r.op)")
	end;

# The tracer itself makes the first fork, of the shell that runs the steps. A
# fork whose parent is not in the trace belongs to no client.
def processes:
	reduce ($trace[] | select(.op != "fork" or .comm)) as $r ({ procs: [], of: {}, ns: {}, made: 0, lost: 0 };
		operation($r));

# --- in the order of birth, with new numbers ---

def descend($s; $i):
	$i, ($s.procs[$i].events[] | select(.op == "fork") | descend($s; .child));

# Indices to {numbers: {ns: {nr: new}}, spaces: {ns: new}}
def rename($s; $indices):
	reduce ($indices[] | $s.procs[.] | .numbers, (.joined // empty) | .[]) as $n
		({ numbers: {}, spaces: { "0": 0 } };
		"\($n.ns)" as $ns | "\($n.nr)" as $nr |
		.spaces[$ns] //= (.spaces | length) |
		.numbers[$ns] //= (if $ns == "0" then { last: 99 } else { last: 1, "1": 1 } end) |
		if .numbers[$ns] | has($nr) then .
		else
			.numbers[$ns].last += 1 |
			.numbers[$ns][$nr] = .numbers[$ns].last
		end) |
	# A namespace in which nobody came to be
	reduce ($indices[] | $s.procs[.].events[] | .ns // .target // empty) as $ns
		(.; .spaces["\($ns)"] //= (.spaces | length));

def put($names):
	"[" + (map($names.numbers["\(.ns)"]["\(.nr)"] // "?" | tostring) | join(",")) + "]";
def space($names): "pid:[\($names.spaces["\(.)"] // "?")]";

# now: the numbers that it has at this operation
def line($s; $names; $now):
	if .op == "fork" then
		$s.procs[.child].numbers as $n |
		"fork  = \(.comm)\($n | put($names))" +
		if ($n | last.ns) == ($now | last.ns) then ""
		else " in \($n | last.ns | space($names))" end
	elif .op == "new" then "new \(.ns | space($names))  level \(.level)"
	elif .op == "end" then "ends \(.ns | space($names))  kills all that are in it"
	elif .op == "setns" then
		(if .kind == "nsfs" then .target | space($names) else .kind end) as $what |
		"setns(\(.fd) \($what), \(.flags | flags)) = " +
		if .ret < 0 then "-1 \(-.ret | errno)"
		elif .moved then
			"\(.ret)  joined: pid \($now | put($names)) -> \(.after | put($names))"
		else "\(.ret)  children will be in \(.children | space($names))" end
	elif .op == "change_pid" then
		"change_pid(\(.type))  \(.before | put($names)) -> \(.after | put($names))"
	else .op end;

def end_line($s; $names):
	(if .exit | not then "has not ended"
	elif .exit.signal != 0 then "killed by \(.exit.signal | signal)"
	else "exit(\(.exit.code))" end) +
	if .reaper | not then ""
	elif .reaper == {} then ", not waited for"
	elif .reaper.proc == null then ", reaped by \(.reaper.comm)[\(.reaper.pid)]"
	else
		", reaped by \(.reaper.comm)\($s.procs[.reaper.proc].now | put($names))"
	end;

def lines($s; $names; $i; $indent):
	$s.procs[$i] as $p |
	# change_pid comes before the setns that it is part of
	foreach ($p.events[], { op: "exit" }) as $e
		({ now: $p.numbers };
		.line = $indent + if $e.op == "exit" then
				($p.last // $p.exit.comm // $p.comm) + ($p.now | put($names)) + " " +
				($p | end_line($s; $names))
			else
				.now as $now | $e.comm + (.now | put($names)) + " " +
				($e | line($s; $names; $now))
			end |
		if $e.moved then .now = $e.after else . end;
		.line),
	($p.events[] | select(.op == "fork") |
		lines($s; $names; .child; $indent + "  "));

# --- the steps ---

def step_records:
	reduce ($steps | split("\n")[] | select(. != "")) as $l ([];
		if $l[:2] == "> " then .[-1].said += [$l[2:]]
		else
			($l | split("\t")) as $f |
			. + [{ name: $f[0], pid: $f[1], status: ($f[2] | tonumber),
				command: $f[3], said: [] }]
		end);

# What a program says, without times and numbers of processes
def said:
	gsub("\\bpid [0-9]+"; "pid N") |
	sub("^time=\"[^\"]*\" level=(?<l>[a-z]+) msg="; "\(.l): ") |
	gsub("(?<![0-9.])[0-9]{2,}(?![0-9.])"; "N");

processes as $s |
step_records |
map(.index = ($s.of[.pid] // error("the trace has no step \(.name)"))) |
sort_by(.index) |
[0, (.[].index | descend($s; .))] as $all |
rename($s; $all) as $names |
if $s.lost > 0 then error("\($s.lost) records were lost") else . end |
map(. as $step | [0, descend($s; .index)] as $own | {
	name, status,
	command: (.command | split(" ") | map(. as $w |
		if test("^[0-9]+$") and $s.of[$w] then
			$names.numbers["0"][$w] // $w | tostring
		else $w end) | join(" ")),
	# Several processes may say it
	said: (.said | map(said) | sort),
	lines: [lines($s; $names; .index; "")],
	alone: (rename($s; $own) as $n | [lines($s; $n; $step.index; "")])
})
