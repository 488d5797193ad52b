#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests kernel/build.sh: bad input, killed builds, and two builds at once, with a
# cache of its own. No kernel is compiled.
. "${BASH_SOURCE%/*}/host.sh"
unset CACHE
OURS=$TMP/cache
build=(env CACHE="$OURS" kernel/build.sh)
PACKAGE_TARGET=stock-6.12
NO_ROOT=
[ "$(id -u)" -eq 0 ] || NO_ROOT='not root'

# entries N: checks that there are N kernels, each with all its parts
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

# idle: checks that no build runs; each of its processes has this CACHE in its environment
idle()
{
	! processes_with "CACHE=$OURS"
}

# midway: checks that this build is in its long command: it has made a file that is newer
# than $TMP/begin. Older files are leftovers of a killed build
midway()
{
	[ -n "$(find "$OURS/work" "$OURS/trees" \( -path '*/out/deb' -o -name begun \) \
		-newer "$TMP/begin" 2>/dev/null)" ]
}

# killed SIGNAL TARGET NAME: kills a build during a long command; checks that no process
# and no entry in the cache is left
killed()
{
	local pid name="$3, SIG$1"

	: >"$TMP/begin"
	# setsid makes a process group, as Ctrl-C signals a whole group; env restores
	# SIGINT, which a shell ignores in background processes
	setsid env --default-signal=INT "${build[@]}" "$2" \
		>"$OUT" 2>"$LOG" </dev/null &
	pid=$!
	check "$name: it has begun" until_true 30 midway
	if [ "$1" = KILL ]; then
		kill -KILL "$pid"
	else
		kill -s "$1" -- "-$pid"
	fi
	wait "$pid" 2>/dev/null
	signalled "$name: ends it" "$1" $?
	check "$name: nothing is left running" until_true 5 idle
	check "$name: nothing is in the cache" entries 0
}

# two TARGET NAME ENTRIES: builds twice at the same time, expects ENTRIES kernels
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
	check "$2: which is one entry, and whole" entries "$3"
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
says_unless "$NO_ROOT" 'a full disk is named' 2 "$TMP/disk" \
	"${on_disk[@]}" 1m "$TMP/disk" "$PACKAGE_TARGET"

says 'KERNEL_SRC that is no kernel tree is named' 2 "KERNEL_SRC=$TMP/disk" \
	env KERNEL_SRC="$TMP/disk" "${build[@]}" join-6.12
tree=$TMP/tree
mkdir -p "$tree/kernel" "$tree/scripts"
: >"$tree/Makefile"
echo '/* not what the series is for */' >"$tree/kernel/pid_namespace.c"
: >"$tree/Kbuild"
NO_ROOM=$(df -Pm "$TMP" | awk -v tmp="$TMP" \
	'NR == 2 && $4 <= 2700 { print "no room in " tmp }')
says_unless "$NO_ROOM" 'a patch that does not apply is named' 1 '0001-' \
	env KERNEL_SRC="$tree" "${build[@]}" join-6.12
if [ -z "$NO_ROOM" ]; then
	grep -q 'does not apply' "$LOG" && entries 0
	tap $? 'and nothing is in the cache'
else
	tap_skip 'and nothing is in the cache' "$NO_ROOM"
fi

# refuse FILE TEXT [OFFSET BYTES]...: writes BYTES at each OFFSET of FILE, which is zero
# elsewhere if it is new, and checks that FILE is refused as an image, with TEXT
refuse()
{
	local name=$1 text=$2 file=$TMP/$1

	shift 2
	[ $# -eq 0 ] || [ -e "$file" ] || head -c 4096 /dev/zero >"$file"
	while [ $# -gt 0 ]; do
		printf '%b' "$2" | dd of="$file" bs=1 seek="$1" conv=notrunc status=none
		shift 2
	done
	says "BZIMAGE that is no image is named: $name" 2 "$file: $text" \
		env BZIMAGE="$file" "${build[@]}" "$PACKAGE_TARGET"
	says "vmtest --kernel refuses it: $name" 2 "$file" \
		env CACHE="$OURS" "$VMTEST" --kernel "$file" --out "$TMP/out" -- true
}

head -c 100000 /dev/urandom >"$TMP/garbage"
echo 'make vmtest' >"$TMP/text"
: >"$TMP/empty"
for file in elf elf-arm64 object; do
	cp "$(type -P true)" "$TMP/$file"
done
head -c 10000 "$TMP/elf" >"$TMP/elf-short"
gzip -c "$TMP/elf" >"$TMP/compressed"
refuse garbage 'neither a bzImage nor an ELF kernel'
refuse text 'neither a bzImage nor an ELF kernel'
refuse empty 'empty; a vmlinux or bzImage is needed'
refuse missing 'no such file'
refuse disk 'not a file; a vmlinux or bzImage is needed'
refuse elf 'an ELF program, not a kernel'
refuse elf-arm64 'an ELF file for AArch64, but guests are x86-64' 18 '\xb7\x00'
refuse object 'an ELF object, not a linked kernel' 16 '\x01\x00'
refuse elf-short 'a truncated ELF file'
refuse arm64 'a kernel for arm64, but guests are x86-64' 56 'ARM\x64'
refuse arm 'a kernel for arm, but guests are x86-64' 36 '\x18\x28\x6f\x01'
refuse uki 'an EFI program, not a bzImage; extract that of a unified kernel image' 0 MZ
refuse compressed 'compressed as a whole; unpack it first'
refuse short 'a truncated bzImage: 66048 bytes are needed' 500 '\x00\x10' 514 HdrS \
	518 '\x0f\x02' 566 '\x01'
refuse i386 'a 32-bit kernel' 500 '\x10' 514 HdrS 518 '\x0f\x02'
refuse old 'a kernel too old' 500 '\x10' 514 HdrS 518 '\x05\x02'
refuse path "its version is '6.1/../../x'" 500 '\x10' 514 HdrS 518 '\x0f\x02' \
	526 '\x00\x04' 566 '\x01' 1536 '6.1/../../x (a path)'
says 'make with a BZIMAGE that is no image: the same' 2 \
	"$TMP/garbage: neither a bzImage nor an ELF kernel" \
	make -s DEPS=none CACHE="$OURS" BZIMAGE="$TMP/garbage" kernel
chmod 755 "$TMP"
cp "$TMP/elf" "$TMP/closed"
chmod 000 "$TMP/closed"
says_unless "$NO_ROOT" 'BZIMAGE that cannot be read is named' 2 \
	"$TMP/closed: permission denied" \
	setpriv --reuid 65534 --regid 65534 --clear-groups \
	env CACHE="$TMP/nobody" BZIMAGE="$TMP/closed" bash kernel/build.sh
says 'BZIMAGE beside KERNEL_SRC: one too many' 2 'name two kernels' \
	env BZIMAGE="$TMP/elf" KERNEL_SRC="$tree" "${build[@]}" join-6.12
check 'and none of them is in the cache' entries 0

# shellcheck disable=SC2016
printf 'tinyconfig:\n\t@echo "<$(origin O)>"; false\n' >"$tree/Makefile"
says_unless "$NO_ROOM" "O=DIR of a make that calls is not the kernel's" 1 '<undefined>' \
	env -u O MAKEFLAGS=' -- O=elsewhere' KERNEL_SRC="$tree" "${build[@]}" tree

# The build of a tree is killed during a configuration that takes a minute, that of a
# package during its download. tests/tree_test.sh tests whole trees
printf 'tinyconfig:\n\ttouch begun\n\tsleep 60\n' >"$tree/Makefile"
for signal in KILL INT; do
	if [ -z "$NO_ROOM" ]; then
		KERNEL_SRC=$tree killed $signal tree 'a tree'
	else
		tap_skip "a tree, SIG$signal" "$NO_ROOM"
	fi
	killed $signal "$PACKAGE_TARGET" 'a package'
done
two "$PACKAGE_TARGET" 'a package, after it was killed' 1

image=$(find "$USER_CACHE/kernels" "$OURS/kernels" -name vmlinux 2>/dev/null | head -n 1)
[ -n "$image" ] && cp -- "$image" "$TMP/vmlinux"
objcopy -R .BTF "$TMP/vmlinux" "$TMP/no-btf" 2>"$LOG"
says 'BZIMAGE without BTF: the option is named' 2 CONFIG_DEBUG_INFO_BTF \
	env BZIMAGE="$TMP/no-btf" "${build[@]}" ''
# A table of targets with a version that no kernel here has
mkdir "$TMP/kernel"
cp -r kernel/build.sh kernel/lib "$TMP/kernel/"
echo 'join-9.9 series - base join' >"$TMP/kernel/targets"
says 'BZIMAGE of another version than the target: leave that out' 2 \
	'which does not match target join-9.9' \
	env BZIMAGE="$TMP/vmlinux" "$TMP/kernel/build.sh" join-9.9
export BZIMAGE=$TMP/vmlinux
says_unless "$NO_ROOT" 'BZIMAGE and a disk too small for it' 2 "$TMP/disk" \
	"${on_disk[@]}" 24m "$TMP/disk" ''
two '' 'BZIMAGE' 2
says 'TIMES: a kernel that is there' 0 '' \
	env TIMES="$TMP/times" "${build[@]}" ''
sed 's/^[0-9]*\.[0-9]\{6\} /S /' "$TMP/times" | paste -sd , >"$LOG"
[ "$(cat "$LOG")" = 'S reading the source,S keeping the kernel' ]
tap $? 'TIMES: the seconds of each stage'
check 'nothing is left running' idle

# A file that is replaced by another of its size and mtime is a different file.
# in_cache COMMAND...: runs a function of kernel/lib with the cache of this test
in_cache()
(
	HERE=kernel CACHE=$OURS
	. kernel/lib/common.sh
	. kernel/lib/layout.sh
	. kernel/lib/source.sh
	. kernel/lib/tree.sh
	STATE_SETTLES_S=${SETTLES_S:-$STATE_SETTLES_S}
	"$@"
)

# memos: prints how many digests are kept
memos()
{
	find "$OURS/downloads" -name '.????????????????????????????????????????????????????????????????' |
		wc -l
}

# rewrite FILE WORDS: replaces the contents in place, and sets the mtime back
rewrite()
{
	touch -r "$1" "$TMP/stamp"
	printf '%s\n' "$2" >"$1"
	touch -r "$TMP/stamp" "$1"
}

# other NAME COMMAND...: checks that COMMAND prints another text than that in $TMP/was
other()
{
	local name=$1

	shift
	"$@" >"$TMP/now" 2>"$LOG"
	[ -s "$TMP/now" ] && [ -s "$TMP/was" ] && ! cmp -s "$TMP/was" "$TMP/now"
	tap $? "$name"
}

# A build waits for another one, which removes the tree that nobody has used for long.
# open_tree: opens a tree, and says so when it has to wait
open_tree()
{
	SOURCE_NAME=linux-9.9.9 FRAGMENTS=base TREE_MB=1
	tree_open
	[ -e "$TREE/used" ]
}
tree=$OURS/trees/linux-9.9.9/base
mkdir -p "$OURS/locks" "$tree"
(
	flock 5
	until_true 10 grep -q 'waiting for another build' "$LOG"
	rm -r "$tree"
) 5>"$OURS/locks/linux-9.9.9.base" &
sleep 0.2
: >"$LOG"
in_cache open_tree >"$LOG" 2>&1
tap $? 'a tree that another build has removed is made again'
wait $!
rm -rf "$OURS/trees/linux-9.9.9"

own=$TMP/boot/vmlinuz-9.9.9
mkdir -p "$TMP/boot" "$TMP/lib/modules/9.9.9"
echo 'kernel one' >"$own"
echo 'CONFIG_ONE=y' >"$TMP/boot/config-9.9.9"
echo 'module one' >"$TMP/lib/modules/9.9.9/virtio_pci.ko"
touch -d '2 days ago' "$own" "$TMP/boot/config-9.9.9" "$TMP/lib/modules/9.9.9/virtio_pci.ko"
before=$(memos)
# The file has just changed, however long the test takes on a busy machine.
SETTLES_S=1000 in_cache digest_file "$own" >"$LOG"
[ "$(memos)" = "$before" ]
tap $? 'the digest of a file that has just changed is not kept'
sleep 3
in_cache digest_file "$own" >"$TMP/was" 2>"$LOG"
in_cache digest_file "$own" >"$TMP/now" 2>>"$LOG"
[ "$(memos)" = $((before + 1)) ] && cmp "$TMP/was" "$TMP/now" >>"$LOG" 2>&1
tap $? 'that of a settled file is kept'
rewrite "$own" 'kernel two'
other 'an image rewritten at its size and mtime' in_cache digest_file "$own"
in_cache digest_file "$own" >"$TMP/was" 2>"$LOG"
echo 'kernel 333' >"$own.new"
touch -r "$own" "$own.new"
mv "$own.new" "$own"
other 'an image replaced by one of its size and mtime' in_cache digest_file "$own"
in_cache layout_inputs "$own" 9.9.9 >"$TMP/was" 2>"$LOG"
rewrite "$TMP/boot/config-9.9.9" 'CONFIG_TWO=y'
other 'its config' in_cache layout_inputs "$own" 9.9.9
in_cache layout_inputs "$own" 9.9.9 >"$TMP/was" 2>"$LOG"
rewrite "$TMP/lib/modules/9.9.9/virtio_pci.ko" 'module two'
other 'one of its modules' in_cache layout_inputs "$own" 9.9.9

# contents DIR: prints what identifies the files of a tree
contents()
{
	SCRATCH=
	scratch
	SOURCE_KEPT=$TMP/kept
	tree_list "$1"
	tree_contents
	rm -rf -- "$SCRATCH"
}

mkdir -p "$TMP/tree" "$TMP/kept"
echo 'int one;' >"$TMP/tree/a.c"
touch -d '2 days ago' "$TMP/tree/a.c"
SETTLES_S=1000 in_cache contents "$TMP/tree" >"$TMP/was" 2>"$LOG"
[ -s "$TMP/was" ] && [ -e "$TMP/kept/list" ] && [ ! -s "$TMP/kept/list" ]
tap $? 'the hash of a source that has just changed is not kept'
sleep 3
in_cache contents "$TMP/tree" >"$TMP/was" 2>"$LOG"
[ -s "$TMP/kept/list" ]
tap $? 'that of a settled source is kept'
rewrite "$TMP/tree/a.c" 'int two;'
other 'a source rewritten at its size and mtime' in_cache contents "$TMP/tree"

tap_end
