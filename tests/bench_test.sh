#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests make bench-edit: measurements and output, with a fake vmtest that takes no
# time and a tree of one file; and the chroot, which leaves nothing mounted or running.
. "${BASH_SOURCE%/*}/host.sh"
unset CACHE TIMES
chmod 755 "$TMP"
export CACHE="$TMP/cache"

# A tarball of a tree with one file, in place of Debian's
mkdir -p "$CACHE/downloads" "$TMP/linux/kernel"
cat >"$TMP/linux/kernel/pid.c" <<'EOF'
void put_pid(struct pid *pid)
{
	if (!pid)
		return;
}

void other(struct pid *pid)
{
	if (!pid)
		return;
}
EOF
tar -C "$TMP" -cJf "$CACHE/downloads/linux-source-6.12.tar.xz" linux

# A fake vmtest that keeps the file to build, and writes the time of each stage
cat >"$TMP/vmtest" <<'EOF'
#!/bin/bash
set -eu
n=$(find "$SEEN" -type f | wc -l)
cp "$KERNEL_SRC/kernel/pid.c" "$SEEN/$n"
printf '%s\n' "$*" "$CACHE" >"$SEEN.words"
[ -z "${HANG:-}" ] || sleep 300
[ -z "${FAIL:-}" ] || { echo "vmtest: no such luck"; exit 1; }
while [ $# -gt 0 ]; do
	[ "$1" != --out ] || out=$2
	shift
done
cat >>"$TIMES" <<'TIMES'
1.000000 reading the source
0.200000 before building
8.000000 building
0.300000 keeping the kernel
TIMES
mkdir -p "$out"
echo '{"targets": [{"tests": {"ok": 37}, "results": [{"test_seconds": 1.5}]}]}' \
	>"$out/summary.json"
EOF
chmod 755 "$TMP/vmtest"
export SEEN="$TMP/seen" DISK_MB=1
mkdir "$SEEN"

# Without root there is no chroot, whatever is installed.
nobody=()
if [ "$(id -u)" -eq 0 ]; then
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	chown -R 65534:65534 "$TMP"
fi
edit=("${nobody[@]}" bash tests/bench/edit.sh "$TMP/vmtest" "$TMP/out")

says 'without root: the reason is in the table' 0 \
	'vng: not measured: a chroot needs root' "${edit[@]}" 2
check 'the table is in edit.txt, too' cmp "$OUT" "$TMP/out/edit.txt"
says 'the steps are those of build.sh and of the summary' 0 \
	'1.2 8 0.3 1.5 null' \
	jq -j '"\(.steps[0:4] | map(.ours) | join(" ")) \(.steps[5].vng)"' \
	"$TMP/out/edit.json"
says 'no figure of virtme-ng is made up' 0 '[null]' \
	jq -c '[.steps[].vng, .steps[].ratio, .range.vng, .first_build.vng] | unique' \
	"$TMP/out/edit.json"
says 'the goal is judged' 0 '{"seconds":60,"met":true}' \
	jq -c .goal "$TMP/out/edit.json"

grep -qx 'if (!pid)' <(sed 's/^\t//' "$SEEN/0")
tap $? 'the first build is of the tree as it was unpacked'
cat "$SEEN"/* | grep -c 'WARN_ON_ONCE(pid->level == [0-9]*))$' >"$LOG"
[ "$(cat "$LOG")" = 2 ] && ! cmp -s "$SEEN/1" "$SEEN/2" && [ ! -e "$SEEN/3" ]
tap $? 'each round has an edit that nothing has seen'
cp "$SEEN.words" "$LOG"
grep -q -- '--target tree --tests semantics --accel tcg' "$LOG" &&
	grep -qE "^$CACHE/work/tmp\.[0-9]+/cache$" "$LOG"
tap $? 'a tree, semantics, no KVM, a cache of its own'

# left NAME: checks that the session left no file, mount or process
left()
{
	find "$CACHE/work" -mindepth 1 >"$LOG"
	check "$1: nothing is left in the cache" [ ! -s "$LOG" ]
}

left 'its end'
FAIL=1 says 'a run that is not a PASS: its words, and no table' 1 \
	'vmtest: no such luck' "${edit[@]}" 1
left 'a failure'

# hanging: tests that the hanging vmtest is running
hanging()
{
	[ -n "$(ls -A "$SEEN")" ]
}

rm -f "$SEEN"/*
HANG=1 setsid env --default-signal=INT "${edit[@]}" 1 >"$OUT" 2>"$LOG" </dev/null &
pid=$!
until_true 20 hanging
kill -INT -- "-$pid"
wait "$pid" 2>/dev/null
signalled 'Ctrl-C ends it' INT $?
left 'Ctrl-C'
check 'Ctrl-C: nothing is left running' until_true 5 not processes_with HANG=1

# The table, with both sides
jq -n --slurpfile ours <(printf '{"read":%s,"make":9.5,"keep":0.1,"boot":1.9,"tests":0.7,"whole":%s,"count":37}\n' \
		1.3 13.5 1.4 13.6 9.9 22.1) \
	--slurpfile vng <(printf '{"make":%s,"boot":%s,"whole":%s}\n' \
		12 9.94 21.94 13 10 23 11 10 21) \
	--argjson goal 60 --argjson cpus 4 --argjson our_first 163.91 \
	--argjson vng_first 540 --arg reason '' \
	--arg vng_version 'virtme-ng 1.41' --arg suite testing \
	--arg compiler gcc-12 --arg source linux-source-6.12.tar.xz \
	-f tests/bench/edit_figures.jq >"$TMP/edit.json" 2>"$LOG"
tap $? 'the figures of both are put together'
jq -r -f tests/bench/edit_table.jq "$TMP/edit.json" >"$OUT" 2>>"$LOG"
diff - "$OUT" >"$LOG" 2>&1 <<'EOF'
linux-source-6.12.tar.xz, a line of kernel/pid.c changed; 2 CPUs, no KVM, the middle of 3
  step                                             ours      vng   vng/ours
  read the tree, bring the mirror up to date      1.4 s        -           
  make: compile, link, BTF                        9.5 s   12.0 s      1.3 x
  strip and keep the kernel                       0.1 s        -           
  boot to the first test; vng: run `true`         1.9 s    9.9 s      5.2 x
  37 tests under all rules, verdict               0.7 s        -           
  from the edit to the verdict                   13.6 s   21.9 s      1.6 x
  first build and run, not counted              163.9 s  540.0 s
all rounds: ours 13.5 to 22.1 s, vng 21.0 to 23.0 s
goal: at most 60 s: met
vng: virtme-ng 1.41 of Debian testing, gcc-12;
  config: virtme-configkernel --allnoconfig, kernel/config/base.config, tests/bench/vng.config
EOF
tap $? 'the table: the middle of the rounds, the ratios, where it comes from'

# mounts: prints the number of mounts below the root
mounts()
{
	grep -c " $TMP/root" /proc/self/mountinfo || :
}

if [ "$(id -u)" -eq 0 ] && unshare --mount --pid --fork true 2>"$LOG"; then
	mkdir -p "$TMP"/root/{bin,usr,proc,sys,tmp,dev}
	cp "$(type -P busybox)" "$TMP/root/bin/"
	chroot "$TMP/root" /bin/busybox --install -s /bin
	chroot=(tests/machines/enter.sh "$TMP/root" --bind "$TMP/linux" /src
		--bind "$CACHE/downloads" /ccache CCACHE_DIR=/ccache)
	says 'chroot: the tree is where the command begins' 3 'kernel 1' \
		"${chroot[@]}" sh -c 'echo $(ls) $$; test -c /dev/null && exit 3'
	says 'chroot: ccache is there' 0 linux-source \
		"${chroot[@]}" sh -c 'ls "$CCACHE_DIR"'
	"${chroot[@]}" sh -c 'sleep 301 & echo up >/src/up; sleep 302' &
	pid=$!
	until_true 10 [ -e "$TMP/linux/up" ] && [ "$(mounts)" -eq 0 ]
	tap $? 'chroot: its mounts are not ours'
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	sleep 0.5
	pgrep -f '^sleep 30[12]$' >"$LOG"
	tap $((! $?)) 'chroot: killed, it leaves nothing running'
else
	for name in 'the tree' 'ccache' 'mounts' 'killed'; do
		tap_skip "chroot: $name" 'no mount namespaces here'
	done
fi

tap_end
