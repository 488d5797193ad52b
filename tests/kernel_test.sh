#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel/build.sh: bad input, and builds that are killed or run two at once,
# with a cache of its own. No kernel is compiled here.
set -u
cd -- "${BASH_SOURCE%/*}/.." || exit 2
REAL=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
unset CACHE BZIMAGE KERNEL_SRC
. tests/tap.sh
OURS=$TMP/cache
build=(env CACHE="$OURS" kernel/build.sh)
PACKAGE_TARGET=stock-6.12

# entries: how many kernels there are; each must have all its parts
entries()
{
	local dir part n=0

	for dir in "$OURS"/kernels/*; do
		[ -e "$dir" ] || continue
		for part in vmlinux target inputs config; do
			[ -s "$dir/$part" ] && continue
			echo "half an entry: no $dir/$part" >>"$LOG"
			return 1
		done
		n=$((n + 1))
	done
	[ "$n" -eq "$1" ] || {
		echo "$n entries, not $1" >>"$LOG"
		return 1
	}
}

# Whatever a build started has its CACHE in the environment
running()
{
	# Not by grep's status: a process that has just gone is an error to it
	grep -lzsxF "CACHE=$OURS" /proc/[0-9]*/environ | grep .
}

# until_true TIMES COMMAND...: it is tried 20 times a second
until_true()
{
	local i

	for ((i = $1; i > 0; i--)); do
		"${@:2}" && return
		sleep 0.05
	done
	return 1
}

idle()
{
	! running >>"$LOG"
}

# What a build that was killed has left behind is older
midway()
{
	[ -n "$(find "$OURS/work" \( -path '*/out/deb' -o -name begun \) \
		-newer "$TMP/begin" 2>/dev/null)" ]
}

# killed SIGNAL TARGET NAME: of a build that is in a long command
killed()
{
	local pid rc=0 name="$3, SIG$1"

	: >"$TMP/begin"
	# A group of its own, as Ctrl-C ends a whole one; a shell ignores SIGINT
	# in what it starts in the background.
	setsid env --default-signal=INT "${build[@]}" "$2" \
		>"$OUT" 2>"$LOG" </dev/null &
	pid=$!
	until_true 600 midway
	tap $? "$name: it has begun"
	if [ "$1" = KILL ]; then
		kill -KILL "$pid"
	else
		kill -s "$1" -- "-$pid"
	fi
	wait "$pid" 2>/dev/null || rc=$?
	[ "$rc" -eq $((128 + $(kill -l "$1"))) ]
	tap $? "$name: ends it"
	until_true 100 idle
	tap $? "$name: nothing is left running"
	entries 0
	tap $? "$name: nothing is in the cache"
}

# two TARGET NAME ENTRIES: at the same time; the cache has ENTRIES then
two()
{
	local first second rc=0

	"${build[@]}" "$1" >"$TMP/1" 2>"$LOG" </dev/null &
	first=$!
	"${build[@]}" "$1" >"$TMP/2" 2>"$LOG.2" </dev/null &
	second=$!
	wait "$first" || rc=$?
	wait "$second" || rc=$?
	cat "$LOG.2" >>"$LOG"
	tap $rc "$2: two at once both succeed"
	[ -s "$TMP/1" ] && [ "$(tail -n 1 "$TMP/1")" = "$(tail -n 1 "$TMP/2")" ] &&
		[ -s "$(tail -n 1 "$TMP/1")" ]
	tap $? "$2: both name the same image"
	entries "$3"
	tap $? "$2: which is one entry, and whole"
}

says 'an unknown target: the others are listed' 2 join-6.12 \
	"${build[@]}" nonesuch
: >"$TMP/file"
says 'a cache that cannot be made is named' 2 "$TMP/file/below" \
	env CACHE="$TMP/file/below" kernel/build.sh join-6.12
mkdir "$TMP/disk"
# shellcheck disable=SC2016
on_disk=(unshare -m bash -c 'mount -t tmpfs -o size="$1" tmpfs "$2" || exit 77
	CACHE="$2" exec kernel/build.sh "$3"' disk)
if [ "$(id -u)" -eq 0 ]; then
	says 'a full disk is named' 2 "$TMP/disk" \
		"${on_disk[@]}" 1m "$TMP/disk" "$PACKAGE_TARGET"
else
	tap_skip 'a full disk is named' 'not root: no disk to fill'
fi

says 'KERNEL_SRC that is no kernel tree is named' 2 "KERNEL_SRC=$TMP/disk" \
	env KERNEL_SRC="$TMP/disk" "${build[@]}" join-6.12
tree=$TMP/tree
mkdir -p "$tree/kernel"
echo 'mrproper:' >"$tree/Makefile"
echo '/* not what the series is for */' >"$tree/kernel/pid_namespace.c"
: >"$tree/Kbuild"
space=$(df -Pm "$TMP" | awk 'NR == 2 { print $4 }')
if [ "$space" -gt 4500 ]; then
	says 'a patch that does not apply is named' 1 '0001-' \
		env KERNEL_SRC="$tree" "${build[@]}" join-6.12
	grep -q 'does not apply' "$LOG" && entries 0
	tap $? 'and nothing is in the cache'
else
	tap_skip 'a patch that does not apply is named' "no room in $TMP"
	tap_skip 'and nothing is in the cache' "no room in $TMP"
fi

head -c 100000 /dev/urandom >"$TMP/garbage"
: >"$TMP/empty"
cp "$(type -P true)" "$TMP/elf"
for bad in garbage empty missing disk; do
	says "BZIMAGE that is no image is named: $bad" 2 "$TMP/$bad" \
		env BZIMAGE="$TMP/$bad" "${build[@]}" "$PACKAGE_TARGET"
done
says 'BZIMAGE without BTF: the option is named' 2 CONFIG_DEBUG_INFO_BTF \
	env BZIMAGE="$TMP/elf" "${build[@]}" "$PACKAGE_TARGET"
entries 0
tap $? 'and none of them is in the cache'

# A tree that is never done being cleaned, then a download
printf 'mrproper:\n\ttouch begun\n\tsleep 60\n' >"$tree/Makefile"
for signal in KILL INT; do
	if [ "$space" -gt 4500 ]; then
		KERNEL_SRC=$tree killed $signal join-6.12 'a series'
	else
		tap_skip "a series, SIG$signal" "no room in $TMP"
	fi
	killed $signal "$PACKAGE_TARGET" 'a package'
done
two "$PACKAGE_TARGET" 'a package, after it was killed' 1

image=$(find "$REAL/kernels" "$OURS/kernels" -name vmlinux 2>/dev/null | head -n 1)
[ -n "$image" ] && cp -- "$image" "$TMP/vmlinux"
export BZIMAGE=$TMP/vmlinux
if [ "$(id -u)" -eq 0 ]; then
	says 'BZIMAGE and a disk too small for it' 2 "$TMP/disk" \
		"${on_disk[@]}" 24m "$TMP/disk" "$PACKAGE_TARGET"
else
	tap_skip 'BZIMAGE and a disk too small for it' 'not root'
fi
two "$PACKAGE_TARGET" 'BZIMAGE' 2
idle
tap $? 'nothing is left running'

tap_end
