# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# steps.sh CLIENT - in the guest, traced: runs the steps of CLIENT.sh, with the
# functions below.
#
# Leaves $OUT.steps: for each step a line "NAME<tab>PID<tab>STATUS<tab>COMMAND", then
# each line of its output, after "> ". A process of the trace belongs to a step if it
# descends from its PID; other processes of this shell do not count.
set -u
CLIENT=$1
SAID=/tmp/said
FIFO=/tmp/fifo STAY=/tmp/stay

# Sets PROCESSES: the number of user processes; zombies count.
count()
{
	local dir stat
	PROCESSES=0
	for dir in /proc/[0-9]*; do
		{ read -r stat <"$dir/stat"; } 2>/dev/null || continue
		# After the name, which may contain blanks, come state and parent. 2
		# is kthreadd, the parent of all kernel threads.
		case ${stat%% *}:${stat##*) } in
		2:* | *:?' 2 '*) ;;
		*) PROCESSES=$((PROCESSES + 1)) ;;
		esac
	done
}

# settle N: waits until at most N processes are left. The trace has all reapings.
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

# run NAME COMMAND...: runs COMMAND, which is step NAME; sets PID and STATUS
run()
{
	local said=$SAID.$1
	shift
	"$@" >"$said" 2>&1 </dev/null &
	PID=$!
	wait $PID
	STATUS=$?
}

# leaves NAME COMMAND...: a step that leaves a process running
leaves()
{
	local name=$1
	run "$@"
	shift
	record "$name" $PID $STATUS "$*"
}

# Sets ZOMBIES: the number of those of the container's init, which does not wait for them.
count_zombies()
{
	local dir stat
	ZOMBIES=0
	for dir in /proc/[0-9]*; do
		{ read -r stat <"$dir/stat"; } 2>/dev/null || continue
		case ${stat##*) } in
		"Z $INIT "*) ZOMBIES=$((ZOMBIES + 1)) ;;
		esac
	done
}

# forsaken NAME COMMAND...: a step whose process inside becomes a child of the container's
# init. The client does not learn that it ended, and is killed if it waits for that. The
# zombie stays as long as the init.
forsaken()
{
	local said=$SAID.$1 name=$1 before
	shift
	count_zombies
	before=$ZOMBIES
	"$@" >"$said" 2>&1 </dev/null &
	PID=$!
	while count_zombies && [ "$ZOMBIES" -eq "$before" ]; do
		sleep 0.05
	done
	killall -KILL "$CLIENT" 2>/dev/null
	wait $PID
	record "$name" $PID $? "$*"
}

# step NAME COMMAND...: the step ends, with all its processes, before the next one
# begins. The wait is needed for a process that joined, whose number its parent does
# not know, and for an orphan of crun's, whose output comes late.
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

# container NAME COMMAND...: COMMAND runs `sh /clients/init.sh`; sets INIT, its pid
container()
{
	CONTAINER=$1
	shift
	"$@" >"$SAID.$CONTAINER" 2>&1 </dev/null &
	CONTAINER_PID=$! CONTAINER_COMMAND=$*
	read -r INIT <"$FIFO"
}

# Kills the container's init, and waits for its command.
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
