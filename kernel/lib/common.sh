# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Messages, and long commands that show progress and die with the script.
# Progress goes to stderr; stdout is for the one line the caller reads.

# The kernel's Makefile drops LC_ALL. Compilers would then use the user's
# language, and their messages would not be recognized as errors.
unset LANGUAGE LC_CTYPE LC_MESSAGES
export LANG=C

EXIT_FAILED=1		# the work was tried and failed
EXIT_USAGE=2		# bad arguments, or a missing requirement

MSG_PREFIX=kernel		# prefix of messages: the target, once known
JOB=			# process group of the running command
OBJECTS=		# number of objects to compile, where known
TTY=			# non-empty when progress may rewrite its line
[ -t 2 ] && TTY=1

say()
{
	printf '%s: %s\n' "$MSG_PREFIX" "$*" >&2
}

die()
{
	local code=$1

	shift
	[ -z "$TTY" ] || printf '\r\033[K' >&2
	say "$*"
	exit "$code"
}

# stop_job: ends the running command, which has a session and process group of its
# own, with SIGTERM, and after 3 seconds with SIGKILL. If the script itself dies of
# SIGKILL, the command gets SIGTERM by PR_SET_PDEATHSIG: see run().
stop_job()
{
	local i

	[ -n "$JOB" ] || return 0
	kill -TERM -- "-$JOB" 2>/dev/null || return 0
	for ((i = 0; i < 30; i++)); do
		kill -0 -- "-$JOB" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL -- "-$JOB" 2>/dev/null || :
	wait "$JOB" 2>/dev/null || :
	JOB=
}

on_signal()
{
	trap '' INT TERM HUP
	stop_job
	[ -z "$TTY" ] || printf '\r\033[K' >&2
	say "interrupted; finished steps are kept in the cache"
	trap - "$1"
	kill -s "$1" $$
}

on_exit()
{
	stop_job
	[ -z "${SCRATCH:-}" ] || rm -rf -- "$SCRATCH"
}

trap 'on_signal INT' INT
trap 'on_signal TERM' TERM
trap 'on_signal HUP' HUP
trap on_exit EXIT

duration()
{
	printf '%dm%02ds' $(($1 / 60)) $(($1 % 60))
}

# progress STAGE LOG SECONDS: prints the number of objects compiled so far, according
# to LOG, and an estimate of the time left
progress()
{
	local objects left line="$MSG_PREFIX: $1"

	objects=$(grep -cE '^  (CC|AS) ' "$2" 2>/dev/null || :)
	if [ "${objects:-0}" -gt 0 ]; then
		line+=", $objects"
		[ "${OBJECTS:-0}" -lt "$objects" ] || line+=" of $OBJECTS"
		line+=" objects"
	fi
	[ "$3" -eq 0 ] || line+=", $(duration "$3")"
	if [ "${objects:-0}" -gt 20 ] && [ "${OBJECTS:-0}" -gt "$objects" ]; then
		left=$(($3 * (OBJECTS - objects) / objects))
		line+=", about $(duration "$left") left"
	fi
	if [ -n "$TTY" ]; then
		printf '\r%s\033[K' "$line" >&2
	else
		printf '%s\n' "$line" >&2
	fi
}

LAP=${EPOCHREALTIME//[!0-9]/}

# lap STAGE: appends "SECONDS STAGE" to the file TIMES, if set. SECONDS is the time
# since the previous call, or since the start of the script.
lap()
{
	local now=${EPOCHREALTIME//[!0-9]/}

	[ -z "${TIMES:-}" ] || printf '%d.%06d %s\n' \
		$(((now - LAP) / 1000000)) $(((now - LAP) % 1000000)) "$1" \
		>>"$TIMES"
	LAP=$now
}

# run STAGE LOG COMMAND...: runs COMMAND to its end, with all output in LOG
run()
{
	local stage=$1 log=$2 start=$SECONDS next=0 rc=0 nap

	shift 2
	lap "before $stage"
	: >"$log" || die $EXIT_USAGE "cannot write $log"
	setpriv --pdeathsig TERM setsid "$@" >"$log" 2>&1 </dev/null &
	JOB=$!
	while kill -0 "$JOB" 2>/dev/null; do
		if [ $((SECONDS - start)) -ge "$next" ]; then
			progress "$stage" "$log" $((SECONDS - start))
			next=$((SECONDS - start + (${#TTY} ? 1 : 10)))
		fi
		sleep 0.5 &
		nap=$!
		wait -n "$JOB" "$nap" || :
		kill "$nap" 2>/dev/null || :
	done
	wait "$JOB" || rc=$?
	JOB=
	lap "$stage"
	[ -z "$TTY" ] || printf '\r\033[K' >&2
	return $rc
}

ERROR_LINES=60		# limit of the lines of errors that are printed

# log_errors LOG: prints the blocks of lines that contain an error. Lines of make
# ("  CC  kernel/pid.o") separate the blocks, and are left out.
log_errors()
{
	awk '
		function flush() { if (bad) printf "%s", block; block = ""; bad = 0 }
		/^  [A-Z][A-Z0-9_]* +[^ ]/ || /^make(\[[0-9]+\])?:/ { flush(); next }
		{ block = block $0 "\n" }
		/[Ee]rror|undefined reference|multiple definition/ { bad = 1 }
		END { flush() }' "$1"
}

# report_failure LOG: prints the errors, or the end of the log if there are none
report_failure()
{
	local errors

	errors=$(log_errors "$1")
	if [ -z "$errors" ]; then
		printf '%s\n' "--- last lines of $1"
		tail -n 30 "$1"
		printf '%s\n' "---"
		return
	fi
	head -n $ERROR_LINES <<<"$errors"
	[ "$(wc -l <<<"$errors")" -le $ERROR_LINES ] ||
		printf '... %d more lines\n' \
			$(($(wc -l <<<"$errors") - ERROR_LINES))
}

# must_run STAGE LOG COMMAND...: as run, but a failure ends the script
must_run()
{
	local rc=0

	run "$@" || rc=$?
	[ "$rc" -ne 0 ] || return 0
	if grep -q 'No space left on device' "$2"; then
		die $EXIT_USAGE "$1: no space left below $CACHE: free some," \
			"or name another directory in CACHE=DIR (log: $2)"
	fi
	report_failure "$2" >&2
	die $EXIT_FAILED "$1 failed; the whole log is $2"
}

# Makes a directory that is removed after this run; sets SCRATCH
scratch()
{
	[ -z "$SCRATCH" ] || return 0
	SCRATCH="$CACHE/work/tmp.$$"
	rm -rf -- "$SCRATCH"
	mkdir "$SCRATCH"
}

# need COMMAND: ends the script if COMMAND is missing; a message names the package
need()
{
	command -v "$1" >/dev/null || die $EXIT_USAGE "$1 not found;" \
		"$("${BASH_SOURCE[0]%/*}/../../deps.sh" --how "$1" 2>&1)"
}

# Prints the SHA-256 of standard input, for the keys of the cache
digest()
{
	sha256sum | cut -c1-64
}

# file_state FILE...: prints, for each file, a line that a write changes: no program can
# set the ctime or choose the inode
file_state()
{
	stat -L --printf='%n %s %.9Y %.9Z %d %i\n' -- "$@"
}

# A write so soon after another may leave the ctime as it is, as clocks of file systems tick
STATE_SETTLES_S=2

# digest_file FILE: prints the SHA-256 of FILE, cached until its state changes
digest_file()
{
	local memo sum began

	began=$(date +%s)
	memo="$CACHE/downloads/.$(file_state "$1" | digest)"
	if [ -s "$memo" ]; then
		cat "$memo"
		return
	fi
	sum=$(digest <"$1")
	if [ $((began - $(stat -Lc %Z -- "$1"))) -gt $STATE_SETTLES_S ]; then
		printf '%s\n' "$sum" >"$memo.$$"
		mv -f "$memo.$$" "$memo"
	fi
	printf '%s\n' "$sum"
}

# make_dir DIR: creates DIR; ends the script if DIR cannot be created or written to
make_dir()
{
	{ mkdir -p -- "$1" && [ -w "$1" ]; } 2>/dev/null ||
		die $EXIT_USAGE "cannot write to $1: name a writable" \
			"directory in CACHE=DIR"
}

# need_space DIR MEGABYTES: ends the script if less than MEGABYTES is free in DIR
need_space()
{
	local free

	free=$(df -Pm -- "$1" | awk 'NR == 2 { print $4 }')
	[ "${free:-0}" -ge "$2" ] ||
		die $EXIT_USAGE "$1 has $free MB left, about $2 MB are" \
			"needed: free some, or name another directory in" \
			"CACHE=DIR"
}

# make_once KEY STAMP COMMAND...: runs COMMAND, which makes STAMP, unless STAMP exists. A
# lock makes other callers with the same KEY wait. build.sh describes the cache.
make_once()
{
	local key=$1 stamp=$2

	shift 2
	[ ! -e "$stamp" ] || return 0
	exec 9>"$CACHE/locks/$key"
	if ! flock -n 9; then
		say "waiting for another build of $key"
		flock 9
	fi
	[ -e "$stamp" ] || "$@"
	exec 9>&-
}
