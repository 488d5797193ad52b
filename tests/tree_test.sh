#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests KERNEL_SRC with kernel trees as users have them, each the complete real source.
#
# The mirror of each tree must hold the same files as the tarball that the tree came
# from, and the tree is never written. The most difficult tree is built: not a git
# tree, read-only, with a blank in its name, with the objects and the .config of
# another build in it. With ALL=1 (make check-trees) each tree is built.
#
# The tests of the edit loop follow: an edit, an error in the source, a series that
# does not apply.
. "${BASH_SOURCE%/*}/host.sh"
export CACHE=$USER_CACHE
ALL=${ALL:-}
# Kernel trees are large: they are kept beside the cache, not in /tmp
HERE=$CACHE/work/tree_test.$$
mkdir -p "$HERE" || exit 2
TREE="$HERE/linux with a blank"

. kernel/lib/common.sh
. kernel/lib/source.sh
trap 'stop_job; chmod -R u+w "$HERE"; rm -rf -- "$TMP" "$HERE"' EXIT

# snapshot DIR: prints every path, with all attributes that a write may change
snapshot()
{
	(cd "$1" && find . -path ./.git -prune -o \
		-printf '%P %y %m %s %T@ %C@ %l\n' | LC_ALL=C sort)
}

# source_id DIR: prints build.sh's ID of the source, and the number of its files
source_id()
(
	SCRATCH=
	source_from_tree "$1" >&2
	printf '%s, %d files\n' "$SOURCE_ID" "$(wc -l <"$SOURCE_LIST")"
	rm -rf -- "$SCRATCH"
)

# build DIR [TARGET]: builds the tree
build()
{
	KERNEL_SRC=$1 kernel/build.sh "${2:-tree}"
}

# unwritten NAME: checks that TREE is unchanged since `snapshot >"$TMP/before"'
unwritten()
{
	snapshot "$TREE" | diff "$TMP/before" - >"$LOG" 2>&1
	tap $? "$1: nothing was written to the tree"
}

# builds NAME TREE: checks that the result is an image of the tree's own version
builds()
{
	local image

	image=$(build "$2" 2>"$LOG") && [ -s "$image" ] &&
		strings -n 12 "$image" | grep "^Linux version 6\..*-tree " >/dev/null
	tap $? "$1: is built"
}

# same NAME TREE: checks that the mirror has the same files as the tarball
same()
{
	local id

	id=$(source_id "$2" 2>"$LOG")
	[ "$id" = "$PRISTINE" ] || echo "$id, not $PRISTINE" >>"$LOG"
	check "$1: the sources are found" [ "$id" = "$PRISTINE" ]
	[ -z "$ALL" ] || builds "$1" "$2"
}

source_from_package 6.12
mkdir "$TREE"
tar -C "$TREE" --strip-components=1 -xf "$SOURCE_TAR" ||
	{ echo "Bail out! $SOURCE_TAR"; exit 1; }

snapshot "$TREE" >"$TMP/before"
PRISTINE=$(source_id "$TREE" 2>"$LOG")
found=$(find "$TREE" -type f -o -type l | wc -l)
[ "$found" -gt 10000 ] && [ "${PRISTINE##*, }" = "$found files" ]
tap $? "a tarball: each of its files is a source"
unwritten 'a tarball'

# A git tree, with everything in the index
git_ init -q
git_ add -A -f
same 'a git tree' "$TREE"
printf 'CONFIG_64BIT=y\n' >"$TREE/.config"
same 'a git tree with a .config' "$TREE"
rm "$TREE/.config"
git_ commit -q -m tree
git_ worktree add -q --detach "$HERE/worktree"
same 'a worktree' "$HERE/worktree"
rm -rf -- "$HERE/worktree" "$TREE/.git"

# A build was made in the tree, under a name that the kernel's Makefile accepts
mv "$TREE" "$HERE/linux"
make -s -C "$HERE/linux" tinyconfig >"$LOG" 2>&1 &&
	make -s -C "$HERE/linux" -j"$(nproc)" prepare kernel/pid.o >>"$LOG" 2>&1 &&
	[ -e "$HERE/linux/kernel/pid.o" ]
tap $? 'a build is made in the tree'
mv "$HERE/linux" "$TREE"
chmod -R a-w "$TREE"
snapshot "$TREE" >"$TMP/before"
same 'a tree with objects and a .config' "$TREE"
# The same check, now that the list of build leftovers is cached
same 'the same tree once more' "$TREE"
builds 'a read-only tree with objects, and a blank in its name' "$TREE"
unwritten 'a tree with objects'

# The edit loop: only an edited file is compiled
chmod -R u+w "$TREE"
# Each edit is unique, so that its kernel is not in the cache. The kernel of the
# unedited tree may be cached, and is then not built here.
edit()
{
	sed -i "s|^struct pid init_struct_pid = {|&\t/* $(date +%s%N) */|" \
		"$TREE/kernel/pid.c"
}

edit
build "$TREE" >"$OUT" 2>"$LOG"
tap $? 'an edited file: the tree is built once'
edit
TIMES="$TMP/times" build "$TREE" >"$OUT" 2>"$LOG"
tap $? 'an edited file: is built'
sed 's/^[0-9]*\.[0-9]\{6\} //' "$TMP/times" | paste -sd , >"$LOG"
grep -qx 'reading the source,.*,before building,building,keeping the kernel' \
	"$LOG"
tap $? 'an edited file: the seconds of each stage are in TIMES'
log=$(find "$CACHE/trees" -name log -path '*/base/*' -newer "$TREE/kernel/pid.c" |
	head -n 1)
grep -E '^  CC ' "$log" | grep -vE 'init/version|\.tmp_|vmlinux' >"$LOG"
[ "$(grep -c . "$LOG")" = 1 ] && grep -q 'kernel/pid\.o' "$LOG"
tap $? 'an edited file: no other object is compiled'

sed -i 's/^struct pid init_struct_pid = {/&\n\t.nonesuch = 1,/' \
	"$TREE/kernel/pid.c"
LIMIT=900 says 'an error: the compiler is quoted' 1 \
	"error: 'struct pid' has no member named 'nonesuch'" \
	env KERNEL_SRC="$TREE" kernel/build.sh tree
grep -n . "$LOG" | grep -m1 'error:' | grep -qE '^([1-9]|1[0-9]):'
tap $? 'an error: it comes first'
check 'an error: no line of make hides it' not grep -qE '^  (CC|LD|AR) ' "$LOG"

# A series that does not apply: the message names the place
sed -i '/nonesuch/d; s/^static struct kmem_cache/static  struct kmem_cache/' \
	"$TREE/kernel/pid.c"
sed -i 's/^static int pid_ns_ctl_handler/static  int pid_ns_ctl_handler/; s/^static int pidns_install/static  int pidns_install/' \
	"$TREE/kernel/pid_namespace.c"
says 'a series that does not apply: the file and the hunk are named' 1 \
	'kernel/pid_namespace.c: Hunk #' \
	env KERNEL_SRC="$TREE" kernel/build.sh --applies join-6.12
says 'stock-6.12 with KERNEL_SRC is an error' 2 'KERNEL_SRC' \
	env KERNEL_SRC="$TREE" kernel/build.sh stock-6.12
says 'tree without KERNEL_SRC is an error' 2 'KERNEL_SRC=DIR' \
	kernel/build.sh tree

tap_end
