# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# steps.sh CLIENT - in the guest, traced: the steps of CLIENT.sh. What they are
# made of is below.
#
# Leaves $OUT.steps: for each step a line "NAME<tab>PID<tab>STATUS<tab>COMMAND",
# then each line that it said, after "> ". A process of the trace belongs to a
# step if it descends from its PID; what this shell starts besides does not count.
set -u
CLIENT=$1
SAID=/tmp/said
FIFO=/tmp/fifo STAY=/tmp/stay

# Sets PROCESSES: how many there are, but for the kernel's own; zombies count.
count()
{
	local dir stat
	PROCESSES=0
	for dir in /proc/[0-9]*; do
		{ read -r stat <"$dir/stat"; } 2>/dev/null || continue
		# After the name, which may have blanks: state and parent. 2 is
		# kthreadd, and the parent of all that it started.
		case ${stat%% *}:${stat##*) } in
		2:* | *:?' 2 '*) ;;
		*) PROCESSES=$((PROCESSES + 1)) ;;
		esac
	done
}

# settle N: until there are no more than that. The trace has who reaped whom.
settle()
{
	while count && [ "$PROCESSES" -gt "$1" ]; do
		sleep 0.05
	done
}

record()
{
	printf '%s\t%s\t%s\t%s\n' "$@" >>"$OUT.steps"
	sed 's/^/> /' "$SAID.$1" >>"$OUT.steps"
}

# Sets PID and STATUS: of COMMAND, which is step NAME
run()
{
	local said=$SAID.$1
	shift
	"$@" >"$said" 2>&1 </dev/null &
	PID=$!
	wait $PID
	STATUS=$?
}

# leaves NAME COMMAND...: a step that leaves something running
leaves()
{
	local name=$1
	run "$@"
	shift
	record "$name" $PID $STATUS "$*"
}

# step NAME COMMAND...: it ends before the next begins, with all it started: one
# that joined is not waited for by its parent, who does not know its number, and
# what an orphan of crun's has to say comes late.
step()
{
	local name=$1 before
	count
	before=$PROCESSES
	run "$@"
	shift
	settle "$before"
	record "$name" $PID $STATUS "$*"
}

# container NAME COMMAND...: COMMAND runs `sh /clients/init.sh`; INIT is its number
container()
{
	CONTAINER=$1
	shift
	"$@" >"$SAID.$CONTAINER" 2>&1 </dev/null &
	CONTAINER_PID=$! CONTAINER_COMMAND=$*
	read -r INIT <"$FIFO"
}

# Its init is killed, and its command ends.
end_container()
{
	kill -KILL "$INIT"
	wait "$CONTAINER_PID"
	record "$CONTAINER" "$CONTAINER_PID" $? "$CONTAINER_COMMAND"
}

rm -f "$FIFO" "$STAY"
mkfifo "$FIFO" "$STAY"
: >"$OUT.steps"
count
BASE=$PROCESSES
. "/clients/$CLIENT.sh"
settle "$BASE"
