# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Tests what `pidnstrace trace' shows of an operation besides the numbers: the arguments
# of an exec, the flags of a fork. Run by the guest's sh; KTAP on stdout. Needs /tap.sh and
# /thread_exec in the image.
echo 'KTAP version 1'
. /tap.sh
TRACE='pidnstrace trace'

# --- exec ---
says 'an exec has its path and arguments' 0 'true[' $TRACE -e exec -- true 'a b' '' "$(printf '"\t\033')"
grep -qF ' exec("/bin/true", ["true", "a b", "", "\x22\x09\x1b"])' "$LOG"
tap $? 'in quotes, without control characters'
says 'an exec has them in JSON' 0 '"argv":["true","a b","\\x1b"],"truncated":false' \
	$TRACE --json -e exec -- true 'a b' "$(printf '\033')"
grep -qF '"path":"/bin/true"' "$LOG"
tap $? 'with the path'
long=$(printf '%0300d' 7)
says 'arguments that are too long are cut off' 0 '0"...])' $TRACE -e exec -- true "$long"
says 'which JSON shows' 0 '"truncated":true' $TRACE --json -e exec -- true "$long"
# shellcheck disable=SC2046 # one argument for each word
says 'so are those that are too many' 0 ', "999"...])' $TRACE -e exec -- true \
	$(for _ in $(seq 62); do echo 999; done) 9999
printf '#! /bin/sh -e\n' >"$TMP/script"
chmod +x "$TMP/script"
says 'a script is an argument of its interpreter' 0 \
	"exec(\"$TMP/script\", [\"/bin/sh\", \"-e\", \"$TMP/script\", \"x\"])" \
	$TRACE -e exec -- "$TMP/script" x
pidnstrace record -o "$TMP/trace" -- true 'a b' >"$LOG" 2>&1
says 'a trace keeps them' 0 'exec("/bin/true", ["true", "a b"])' \
	pidnstrace replay --print "$TMP/trace"

# --- fork ---
says 'the flags of a fork are in JSON' 0 \
	'"flag_names":["CLONE_CHILD_CLEARTID","CLONE_CHILD_SETTID"]' \
	$TRACE --json -e fork -- sh -c ':& wait'
says 'those of a thread, too' 3 '"CLONE_SIGHAND","CLONE_THREAD",' \
	$TRACE --json -e fork -- /thread_exec
says 'a line shows the unusual ones' 0 ' fork(CLONE_VM|CLONE_VFORK)  = ' \
	$TRACE -e fork -- find / -maxdepth 0 -exec /bin/sh -c : ';'
says 'and none of a plain fork' 0 'sh[' $TRACE -e fork -- sh -c ':& wait'
! grep -q CLONE "$LOG" && grep -q '\] fork  = sh\[' "$LOG"
tap $? 'which has the line it had'

# --- clocks ---
day=$(date +%Y-%m-%d)
says 'the time of day is that of this machine' 0 "$day " $TRACE --wall -e exec -- true
grep -qE "^$day $(date +%H):[0-9]{2}:[0-9]{2}\.[0-9]{6} true\[" "$LOG" ||
	grep -qE "^$(date +'%Y-%m-%d %H'):[0-9]{2}:[0-9]{2}\.[0-9]{6} true\[" "$LOG"
tap $? 'with the hour'
! grep -q 'by the clock of' "$LOG"
tap $? 'which needs no words'
says 'the time since the line before' 0 '0.000000 pidnstrace[' $TRACE --relative -- sh -c ': & wait'
awk '/\] exec\(/ { exec = NR } exec && NR == exec + 1 { found = $1 > 0 && $1 < 5 }
	END { exit !found }' "$LOG"
tap $? 'is that of the line, not of the start'
says 'JSON has the machine' 0 "\"boot_id\":\"$(cat /proc/sys/kernel/random/boot_id)\",\"here\":true" \
	$TRACE --json -e exec -- true
grep -qE "\"op\":\"exec\",.*\"wall\":\"$(date -u +%Y-%m-%dT)[0-9:.]*Z\"" "$LOG"
tap $? 'and the time of day of each operation'
says 'a report names the clock' 0 "machine         $(uname -n), Linux $(uname -r), this machine" \
	pidnstrace replay --rules I17 --report text=- "$TMP/trace"
grep -q '^clock  *its CLOCK_MONOTONIC, which was [0-9.]* at 20' "$LOG"
tap $? 'and its reading at the start'

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
for command in "trace -o $TMP/lines" "record -o $TMP/trace" "verify --rules I17 --report text=$TMP/report"; do
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
pidnstrace record -o - -- echo said 2>"$LOG" | pidnstrace replay --print -e exec - >"$TMP/lines"
grep -q '^said$' "$LOG" && grep -q 'echo.* exec("/bin/echo", ' "$TMP/lines"
tap $? 'nor with the command'
$TRACE -e exec -o - -- true >"$TMP/lines" 2>"$LOG"
grep -q 'exec("/bin/true"' "$TMP/lines"
tap $? 'lines may be written to stdout'

# --- cgroups ---
ID=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
GROUP=/machines.slice/docker-$ID.scope
mkdir -p "/sys/fs/cgroup$GROUP"
cat >"$TMP/enter" <<X
echo \$\$ >/sys/fs/cgroup$GROUP/cgroup.procs
exec find / -maxdepth 0 -exec /bin/true ';'
X
says 'an exec in a container names it' 0 '"/bin/true", ["/bin/true"])  in container 0123456789ab' \
	$TRACE -e exec -- sh "$TMP/enter"
[ "$(grep -c 'in container' "$LOG")" -eq 2 ]
tap $? 'but not one outside'
says 'JSON has the path' 0 "\"cgroup\":\"$GROUP\",\"container\":\"$ID\"" \
	$TRACE --json -- sh "$TMP/enter"
grep -q '"op":"fork".*"cgroup":"/machines' "$LOG" && grep -q '"op":"exec".*"container":null' "$LOG"
tap $? 'of a fork as well, and no container outside'
says 'a cgroup selects its tasks' 0 'true[' \
	$TRACE --cgroup /machines.slice -- sh "$TMP/enter"
! grep -q '^[0-9.]* sh\[' "$LOG" && grep -q 'true\[.* exit(0)' "$LOG"
tap $? 'and no others'
says 'by the path of its directory, too' 0 'exec("/bin/true"' \
	$TRACE --cgroup "/sys/fs/cgroup$GROUP/" -- sh "$TMP/enter"
pidnstrace record -o "$TMP/trace" -- sh "$TMP/enter" >"$LOG" 2>&1
rmdir "/sys/fs/cgroup$GROUP"
says 'a trace keeps the paths' 0 'in container 0123456789ab' \
	pidnstrace replay --print --cgroup /machines.slice "$TMP/trace"
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

# --- file capabilities in place of root ---
SYSLOG=34 PERFMON=38 BPF=39
cp /bin/pidnstrace /capable
# The command of a user without any capability
AS_TESTER="$TRACE -u tester -o /dev/null --"
chmod 1777 /tmp
/filecap /capable $BPF $PERFMON $SYSLOG
says 'a user passes a verdict with three capabilities' 0 PASS \
	$AS_TESTER /capable verify -- sh -c 'sleep 0 & wait'
! grep -q 'warning' "$LOG"
tap $? 'without a warning'
says 'traces' 0 'exec("/bin/true"' $AS_TESTER /capable trace -- true
says 'and records' 0 '' $AS_TESTER /capable record -o /tmp/theirs -- true
says 'all that root does' 0 PASS pidnstrace replay /tmp/theirs
says 'of their own processes only as themselves' 126 '--user root: Operation not permitted' \
	$AS_TESTER /capable trace -u root -- true
/filecap /capable $BPF $PERFMON
says 'without CAP_SYSLOG a warning names it' 3 'without CAP_SYSLOG' \
	$AS_TESTER /capable verify -- true
grep -q 'I15 could not be evaluated' "$LOG"
tap $? 'and one rule is not judged'
says 'which a trace does not need' 0 'exec("/bin/true"' $AS_TESTER /capable trace -- true
/filecap /capable $BPF $SYSLOG
says 'CAP_PERFMON is named' 2 'needs CAP_PERFMON:' $AS_TESTER /capable trace -- true
/filecap /capable $PERFMON $SYSLOG
says 'CAP_BPF is named' 2 'needs CAP_BPF:' $AS_TESTER /capable trace -- true
/filecap /capable
says 'both are named' 2 'needs CAP_BPF and CAP_PERFMON:' $AS_TESTER /capable trace -- true
tap_end
