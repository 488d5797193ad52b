# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Tests what `pidnstrace trace' shows of an operation besides the numbers: the arguments
# of an exec, the flags of a fork, cgroups. Run by the guest's sh; KTAP on stdout. Needs
# /tap.sh, /thread_exec, /terminal, /held and /filecap in the image. To attach the programs
# takes 1 to 2 seconds, so one run of the tracer serves many checks.
echo 'KTAP version 1'
. /tap.sh
TRACE='pidnstrace trace'

# has NAME TEXT: checks that the output of the last command contains TEXT
has()
{
	grep -qF -- "$2" "$LOG"
	tap $? "$1"
}

# --- the story, which is traced as text, as JSON, and into a file ---
printf '#! /bin/sh -e\n' >"$TMP/script"
chmod +x "$TMP/script"
ID=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
GROUP=/machines.slice/docker-$ID.scope
mkdir -p "/sys/fs/cgroup$GROUP/threads"
echo threaded >"/sys/fs/cgroup$GROUP/threads/cgroup.type"
cat >"$TMP/enter" <<X
echo \$\$ >/sys/fs/cgroup$GROUP/cgroup.procs
exec find / -maxdepth 0 -exec /bin/true ';'
X
cat >"$TMP/story" <<X
/bin/true 'a b' '' '$(printf '"\t\033')'
/bin/true 'a b' '$(printf '\033')'
/bin/true $(printf %0300d 7)
/bin/true $(for _ in $(seq 60); do echo 999; done | tr "\n" " ") 99999999
$TMP/script x
: &
wait
find / -maxdepth 0 -exec /bin/sh -c : ';'
sh $TMP/enter
exec /thread_exec
X
# A process is moved with its two threads, and then one of them alone.
cat >"$TMP/moves" <<X
sh $TMP/enter
rm -f $TMP/hold $TMP/ready
mkfifo $TMP/hold $TMP/ready
/held threads <$TMP/hold >$TMP/ready &
exec 8>$TMP/hold
read -r pid tid <$TMP/ready
echo \$pid >/sys/fs/cgroup$GROUP/cgroup.procs
echo \$tid >/sys/fs/cgroup$GROUP/threads/cgroup.threads
exec 8>&-
wait
exec sh -c "/bin/true 'a b'; : & wait"
X

# --- as text ---
day=$(date +%Y-%m-%d)
says 'an exec has its path and arguments' 3 'true[' \
	$TRACE --wall -e exec,fork -o - -- sh "$TMP/story"
has 'in quotes, without control characters' \
	' exec("/bin/true", ["/bin/true", "a b", "", "\x22\x09\x1b"])'
has 'the path is not the first argument' ' exec("/bin/sh", ["sh", "-c", "exit 3"])'
has 'arguments that are too long are cut off' '0"...])'
has 'so are those that are too many' ', "999", "999999"...])'
has 'a script is an argument of its interpreter' \
	"exec(\"$TMP/script\", [\"/bin/sh\", \"-e\", \"$TMP/script\", \"x\"])"
has 'a line shows the unusual flags of a fork' ' fork(CLONE_VM|CLONE_VFORK)  = '
grep -q '\] fork  = sh\[' "$LOG"
tap $? 'and none of a plain fork'
has 'an exec in a container names it' '"/bin/true", ["/bin/true"])  in container 0123456789ab'
[ "$(grep -c 'in container' "$LOG")" -eq 2 ]
tap $? 'but not one outside'
has 'the time of day is that of this machine' "$day "
grep -qE "^$day $(date +%H):[0-9]{2}:[0-9]{2}\.[0-9]{6} true\[" "$LOG" ||
	grep -qE "^$(date +'%Y-%m-%d %H'):[0-9]{2}:[0-9]{2}\.[0-9]{6} true\[" "$LOG"
tap $? 'with the hour'
! grep -q 'by the clock of' "$LOG"
tap $? 'which needs no words'
grep -q 'exec("/bin/true"' "$OUT"
tap $? 'lines may be written to stdout'

# --- as JSON ---
says 'an exec has its arguments in JSON' 3 '"argv":["/bin/true","a b","\\x1b"],"truncated":false' \
	$TRACE --json -e exec,fork -- sh "$TMP/story"
has 'with the path' '"path":"/bin/true"'
grep -q '"argv":\["/bin/true","00*7*"\],"truncated":true' "$LOG"
tap $? 'JSON shows that they are cut off'
has 'the flags of a fork are in JSON' \
	'"flag_names":["CLONE_CHILD_CLEARTID","CLONE_CHILD_SETTID"]'
has 'those of a thread, too' '"CLONE_SIGHAND","CLONE_THREAD",'
has 'JSON has the path of a cgroup' "\"cgroup\":\"$GROUP\",\"container\":\"$ID\""
grep -q '"op":"fork".*"cgroup":"/machines' "$LOG" && grep -q '"op":"exec".*"container":null' "$LOG"
tap $? 'of a fork as well, and no container outside'
has 'JSON has the machine' "\"boot_id\":\"$(cat /proc/sys/kernel/random/boot_id)\",\"here\":true"
grep -qE "\"op\":\"exec\",.*\"wall\":\"$(date -u +%Y-%m-%dT)[0-9:.]*Z\"" "$LOG"
tap $? 'and the time of day of each operation'

# --- a recording ---
pidnstrace record -o "$TMP/trace" -- sh "$TMP/moves" >"$LOG" 2>&1
says 'a trace keeps the arguments' 0 'exec("/bin/true", ["/bin/true", "a b"])' \
	pidnstrace replay --print "$TMP/trace"
says 'the time since the line before' 0 '0.000000 pidnstrace[' \
	pidnstrace replay --print --relative "$TMP/trace"
awk '/\] exec\(/ { exec = NR } exec && NR == exec + 1 { found = $1 > 0 && $1 < 5 }
	END { exit !found }' "$LOG"
tap $? 'is that of the line, not of the start'
says 'a report names the clock' 0 "machine         $(uname -n), Linux $(uname -r), this machine" \
	pidnstrace replay --rules I17 --report text=- "$TMP/trace"
grep -q '^clock  *its CLOCK_MONOTONIC, which was [0-9.]* at 20' "$LOG"
tap $? 'and its reading at the start'

# --- cgroups ---
says 'a cgroup selects its tasks' 0 'true[' \
	$TRACE --cgroup "/sys/fs/cgroup$GROUP/" -- sh "$TMP/moves"
! grep -q '^[0-9.]* sh\[.*\] \(exec\|exit\|fork\)' "$LOG" && grep -q 'true\[.* exit(0)' "$LOG"
tap $? 'and no others'
grep -q ' held\[[0-9]*\] exit(0)' "$LOG" && ! grep -q '"/held"' "$LOG"
tap $? 'from the moment they are moved there'
# moved_to DIRECTORY: prints the number of moves into this cgroup
moved_to()
{
	grep -c ",cgroup_move,.*: to cgroup $(stat -c %i "/sys/fs/cgroup$GROUP$1")[^0-9]*\$" "$LOG"
}
says 'a move of a process is a record for each thread' 0 ',cgroup_move,' \
	pidnstrace export --format csv "$TMP/trace"
[ "$(moved_to '')" -eq 3 ] && [ "$(moved_to /threads)" -eq 1 ]
tap $? 'and that of a thread is one'
rmdir "/sys/fs/cgroup$GROUP/threads" "/sys/fs/cgroup$GROUP"
says 'a trace keeps the paths' 0 'in container 0123456789ab' \
	pidnstrace replay --print --cgroup /machines.slice "$TMP/trace"
grep -q ' held\[[0-9]*\] exit(0)' "$LOG"
tap $? 'and the moves'
says 'a tree has the cgroup of now' 0 level pidnstrace replay --print --tree "$TMP/trace"
grep -q ' held .*  in container 0123456789ab' "$LOG"
tap $? 'of a process that was moved'
says 'a cgroup in which no task was seen is named' 0 '--cgroup /none: no task was seen in it' \
	$TRACE --cgroup /none -- true
says 'one that does not exist is named at the start' 0 'there is no such cgroup at present' \
	$TRACE --cgroup /none --duration 0.1
says 'what is no path of a cgroup is refused' 2 'not the path of a cgroup' \
	$TRACE --cgroup docker -- true
cat >"$TMP/version1" <<X
umount /sys/fs/cgroup
exec $TRACE --cgroup / -- true
X
says 'without version 2 it says so' 2 'no cgroup hierarchy of version 2' \
	unshare --mount sh "$TMP/version1"

# --- the user of the command, who cannot log in ---
echo 'tester:x:1234:1235:A tester:/tmp:/usr/sbin/nologin' >>/etc/passwd
printf 'wheel:x:77:other,tester\nusers:x:78:other\n' >/etc/group
cat >"$TMP/who" <<'X'
id -u; id -g; id -G; echo "$HOME $USER $LOGNAME"; grep '^Cap[PE]' /proc/self/status
X
chmod 755 "$TMP"
cat >"$TMP/want" <<X
1234
1235
1235 77
/tmp tester tester
CapPrm:	0000000000000000
CapEff:	0000000000000000
X
for command in "trace -e exec -o $TMP/lines" "verify --rules I17 --report text=$TMP/report"; do
	# shellcheck disable=SC2086 # several arguments
	pidnstrace $command -u tester -- sh "$TMP/who" >"$TMP/said" 2>"$LOG"
	cmp -s "$TMP/said" "$TMP/want"
	rc=$?
	cat "$TMP/said" >>"$LOG"
	tap $rc "${command%% *} runs a command as another user"
done
says 'a user that does not exist is named' 2 '--user nobody: no such user in /etc/passwd' \
	$TRACE --user nobody -- true
says 'a user without a command is an error' 2 'without COMMAND' $TRACE -u tester

# --- binary output ---
says 'a trace is not written to a terminal' 0 'stdout is a terminal: write to a file with -o FILE' \
	/terminal pidnstrace record -o - -- true
grep -q 'ended with 2' "$LOG"
tap $? 'which is an error'
says 'nor by verify' 0 'stdout is a terminal' \
	/terminal pidnstrace verify -o - --report text=/dev/null -- true
says 'it does not share stdout with a report' 2 'a report on stdout' \
	pidnstrace verify -o - -- true
pidnstrace record -o - -u tester -- sh "$TMP/who" 2>"$LOG" |
	pidnstrace replay --print -e exec - >"$TMP/lines"
[ "$(grep -xFf "$TMP/want" "$LOG")" = "$(cat "$TMP/want")" ] &&
	grep -q 'grep.* exec("[^"]*/grep", \["grep", ' "$TMP/lines"
tap $? 'nor with the command, which record runs as another user, too'

# --- file capabilities in place of root ---
SYSLOG=34 PERFMON=38 BPF=39
cp /bin/pidnstrace /capable
chmod 1777 /tmp
# as_tester NAME STATUS TEXT COMMAND: calls says, as a user without any capability
as_tester()
{
	says "$1" "$2" "$3" su -s /bin/sh -c "$4" tester
}
/filecap /capable $BPF $PERFMON $SYSLOG
as_tester 'a user passes a verdict with three capabilities' 0 PASS \
	"/capable verify -- sh -c 'sleep 0 & wait'"
! grep -q 'warning' "$LOG"
tap $? 'without a warning'
as_tester 'traces' 0 'exec("/bin/true"' '/capable trace -e exec -- true'
as_tester 'and records' 0 '' '/capable record -o /tmp/theirs -- true'
says 'all that root does' 0 PASS pidnstrace replay /tmp/theirs
as_tester 'of their own processes only as themselves' 126 '--user root: Operation not permitted' \
	'/capable trace -u root -e exec -- true'
/filecap /capable $BPF $PERFMON
as_tester 'without CAP_SYSLOG a warning names it' 3 'without CAP_SYSLOG' \
	'/capable verify -- true'
grep -q 'I15 could not be evaluated' "$LOG"
tap $? 'and one rule is not judged'
as_tester 'which a trace does not need' 0 'exec("/bin/true"' '/capable trace -e exec -- true'
/filecap /capable $BPF $SYSLOG
as_tester 'CAP_PERFMON is named' 2 'needs CAP_PERFMON:' '/capable trace -e exec -- true'
/filecap /capable $PERFMON $SYSLOG
as_tester 'CAP_BPF is named' 2 'needs CAP_BPF:' '/capable trace -e exec -- true'
/filecap /capable
as_tester 'both are named' 2 'needs CAP_BPF and CAP_PERFMON:' '/capable trace -e exec -- true'
tap_end
