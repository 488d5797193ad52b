# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Finds the source of a kernel: Debian's linux-source package, or a tree of the
# user's (KERNEL_SRC). source_find sets
#
#   SOURCE_NAME  a name for the source, stable as long as its place is the same
#   SOURCE_ID    changes when any file of the source does
#
# A user's tree is never written: lib/tree.sh keeps a mirror of it. The list of
# its files, with the hash of each, is cached and updated by stat(2), so reading
# a tree with one edited file takes a second.

SOURCE_TAR=
SOURCE_ID=
SOURCE_NAME=
SOURCE_LIST=		# files of a user's tree: PATH, a tab, STAT, a tab, HASH
SOURCE_KEPT=		# directory of that list in the cache
BLAKE2_BITS=256

# source_suite VERSION: prints the Debian suite with Linux VERSION, for a
# machine whose own release has none: the suite of the target stock-VERSION
source_suite()
{
	awk -v target="stock-$1" '$1 == target { split($3, what, "/")
		print what[1] }' "$HERE/targets"
}

source_from_package()
{
	local version=$1 name="linux-source-$1" digest dir suite

	SOURCE_TAR="/usr/src/$name.tar.xz"
	[ -r "$SOURCE_TAR" ] || SOURCE_TAR="$CACHE/downloads/$name.tar.xz"
	if [ ! -r "$SOURCE_TAR" ]; then
		need_space "$CACHE" 500
		scratch
		dir="$SCRATCH/$name"
		suite=$(source_suite "$version")
		[ -n "$suite" ] ||
			die $EXIT_USAGE "no target stock-$version in" \
				"${HERE##*/}/targets names its source"
		apt_find "$suite" "$version" "$name"
		apt_download "$APT_SUITE" "$dir" "$name"
		must_run "unpacking $name" "$CACHE/downloads/$name.log" \
			dpkg-deb -x "$dir"/"$name"_*.deb "$dir"
		mv -f "$dir/usr/src/$name.tar.xz" "$SOURCE_TAR"
		rm -rf -- "$dir"
	fi
	digest=$(digest_file "$SOURCE_TAR")
	SOURCE_ID="tar $digest"
	SOURCE_NAME="linux-$version-${digest:0:12}"
}

# Files that a build leaves in a tree, from "make clean" in the kernel's
# Makefile; "make mrproper" of the tree knows more.
TREE_JUNK=(-name '*.[aios]' -o -name '*.rsi' -o -name '*.ko' -o -name '*.ko.*'
	-o -name '.*.cmd' -o -name '*.dtb' -o -name '*.dtbo'
	-o -name '*.dtb.S' -o -name '*.dtbo.S' -o -name '*.dwo'
	-o -name '*.su' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.d'
	-o -name '.*.tmp' -o -name '*.lex.c' -o -name '*.tab.[ch]'
	-o -name '*.asn1.[ch]' -o -name 'modules.order' -o -name '*.gcno'
	-o -name '.tmp_*' -o -name '.config' -o -name '.config.old'
	-o -name '.version' -o -name '.git' -o -path ./vmlinux
	-o -path './vmlinux.[aosum]*' -o -path './.vmlinux*'
	-o -path ./System.map -o -path './arch/*/boot/*Image'
	-o -path './arch/*/boot/compressed/vmlinux'
	-o -path './arch/*/boot/compressed/vmlinux.bin*'
	-o -path ./include/generated -o -path ./include/config
	-o -path './arch/*/include/generated')

# git_in DIR WORD...: runs git in a tree that may belong to another user
git_in()
{
	git -c safe.directory='*' -C "$1" "${@:2}" 2>/dev/null
}

# A repository above the tree, or one that does not track the tree, is ignored
tree_is_git()
{
	[ "$(git_in "$1" rev-parse --show-toplevel)" = "$(realpath -- "$1")" ] &&
		git_in "$1" ls-files --error-unmatch Kbuild >/dev/null
}

# The same test as in the kernel's own Makefile (outputmakefile)
tree_is_built()
{
	[ -e "$1/.config" ] || [ -d "$1/include/config" ] ||
		[ -d "$1/arch/x86/include/generated" ] || [ -e "$1/vmlinux" ]
}

# tree_find DIR: prints files and links below DIR, without those of a build. A
# directory with a .config is the output of another build (make O=DIR).
tree_find()
{
	local -a out=()
	local dir

	while IFS= read -r dir; do
		out+=(-o -path "${dir%/.config}")
	done < <(cd "$1" && find . -mindepth 2 -maxdepth 4 -name .config \
		-not -path './tools/*')
	if tree_is_built "$1"; then
		(cd "$1" && find . \( "${TREE_JUNK[@]}" "${out[@]}" \) -prune \
			-o \( -type f -o -type l \) -printf '%P\n')
	else
		(cd "$1" && find . \( -name .git "${out[@]}" \) -prune \
			-o \( -type f -o -type l \) -printf '%P\n')
	fi
}

# tree_leftovers DIR LIST: prints the files in LIST that "make mrproper"
# removes. make cleans a copy, since the tree is the user's.
tree_leftovers()
{
	local copy="$SCRATCH/copy" log="$SOURCE_KEPT/log"

	rm -rf -- "$copy"
	mkdir "$copy"
	tree_copy "$1" "$2" "$copy" "$log"
	must_run "finding the sources among what was built" "$log" \
		make -C "$copy" ARCH=x86_64 mrproper
	(cd "$copy" && find . \( -type f -o -type l \) -printf '%P\n') |
		LC_ALL=C sort | LC_ALL=C comm -23 "$2" - \
		>"$SOURCE_KEPT/leftovers"
	rm -rf -- "$copy"
	cp "$2" "$SOURCE_KEPT/found"
}

# tree_files DIR: prints the paths of the sources, one a line, sorted
tree_files()
{
	local dir=$1 list="$SCRATCH/found"

	if tree_is_git "$dir"; then
		git_in "$dir" ls-files -z --cached --others \
			--exclude-standard | tr '\0' '\n' | LC_ALL=C sort -u
		return
	fi
	tree_find "$dir" | LC_ALL=C sort >"$list"
	tree_is_built "$dir" || {
		cat "$list"
		return
	}
	cmp -s "$list" "$SOURCE_KEPT/found" || tree_leftovers "$dir" "$list"
	LC_ALL=C comm -23 "$list" "$SOURCE_KEPT/leftovers"
}

# tree_copy FROM LIST TO LOG: copies files and gives them the current time, so
# that make notices a file that was replaced by an older one
tree_copy()
{
	must_run "copying the source, $(wc -l <"$2") of its files" "$4" bash -c \
		'set -o pipefail; tar -C "$1" --no-recursion --verbatim-files-from \
		 -T "$2" -cf - | tar -C "$3" -xmf -' copy "$1" "$2" "$3"
}

# tree_stat DIR: prints "PATH tab STAT" for each existing path of standard
# input. STAT is type and mode, size, times and inode: an edit changes one of them.
tree_stat()
{
	tr '\n' '\0' | (cd "$1" && xargs -0 -r stat \
		--printf='%n\t%f %s %.9Y %.9Z %i\n' -- 2>/dev/null || :)
}

# tree_hash DIR: prints "PATH tab HASH" for each "PATH tab STAT" of standard
# input; the hash of a link is its target
tree_hash()
{
	local dir=$1 link=a	# S_IFLNK is 0xa000

	awk -F'\t' -v kind=$link -v links="$SCRATCH/links" '
		substr($2, 1, 1) == kind { print $1 >links; next } { print $1 }' |
		tr '\n' '\0' | (cd "$dir" &&
		xargs -0 -r b2sum -l $BLAKE2_BITS -- 2>/dev/null || :) |
		sed 's/^\([0-9a-f]*\) [ *]\(.*\)$/\2\t\1/'
	[ -e "$SCRATCH/links" ] || return 0
	while IFS= read -r link; do
		printf '%s\t>%s\n' "$link" "$(readlink -- "$dir/$link")"
	done <"$SCRATCH/links"
	rm -f "$SCRATCH/links"
}

# tree_list DIR: sets SOURCE_LIST. Only files with a new STAT are read.
tree_list()
{
	local dir=$1 kept="$SOURCE_KEPT/list" now="$SCRATCH/now" began

	began=$(date +%s)
	SOURCE_LIST="$SCRATCH/list"
	[ -e "$kept" ] || : >"$kept"
	# A failure in tree_files must end the script, which in a pipe it would not do.
	tree_files "$dir" >"$SCRATCH/files"
	tree_stat "$dir" <"$SCRATCH/files" >"$now"
	awk -F'\t' -v old=1 '
		old { hash[$1 FS $2] = $3; next }
		$0 in hash { print $0 FS hash[$0] }' \
		"$kept" old=0 "$now" >"$SCRATCH/known"
	awk -F'\t' -v old=1 'old { seen[$1]; next } !($1 in seen)' \
		"$SCRATCH/known" old=0 "$now" >"$SCRATCH/unread"
	tree_hash "$dir" <"$SCRATCH/unread" >"$SCRATCH/read"
	awk -F'\t' -v old=1 '
		old { hash[$1] = $2; next }
		$1 in hash { print $0 FS hash[$1] }' \
		"$SCRATCH/read" old=0 "$SCRATCH/unread" |
		cat "$SCRATCH/known" - | LC_ALL=C sort >"$SOURCE_LIST"
	# A file that has just changed is read again: its next state may look the same.
	awk -F'\t' -v settled=$((began - STATE_SETTLES_S)) '
		{ split($2, stat, " ") } stat[4] < settled' "$SOURCE_LIST" >"$kept.$$"
	mv -f "$kept.$$" "$kept"
}

# Prints the part of the list that identifies the source: PATH, x or - for the
# owner's execute permission (0100), HASH
tree_contents()
{
	awk -F'\t' '{
		print $1 FS (substr($2, 3, 1) ~ /[4-7c-f]/ ? "x" : "-") FS $3
	}' "$SOURCE_LIST"
}

source_from_tree()
{
	local dir

	[ -f "$1/Kbuild" ] && [ -f "$1/kernel/pid_namespace.c" ] &&
		[ -d "$1/scripts" ] ||
		die $EXIT_USAGE "KERNEL_SRC=$1 is not a kernel tree: it lacks" \
			"Kbuild, scripts/ or kernel/pid_namespace.c"
	dir=$(realpath -- "$1")
	SOURCE_NAME="tree-$(printf '%s' "$dir" | digest | cut -c1-12)"
	SOURCE_KEPT="$CACHE/trees/$SOURCE_NAME"
	make_dir "$SOURCE_KEPT"
	scratch
	[ -e "$SOURCE_KEPT/list" ] || say "reading $dir"
	exec 7>"$CACHE/locks/$SOURCE_NAME"
	flock 7
	printf '%s\n' "$dir" >"$SOURCE_KEPT/source"
	tree_list "$dir"
	exec 7>&-
	SOURCE_ID="tree $(tree_contents | digest)"
}

# source_find VERSION: sets SOURCE_NAME and SOURCE_ID, for KERNEL_SRC or VERSION
source_find()
{
	if [ -n "${KERNEL_SRC:-}" ]; then
		source_from_tree "$KERNEL_SRC"
	else
		source_from_package "$1"
	fi
}

# source_unpack DIR LOG [DIR-NAME...]: unpacks all but the named directories
source_unpack()
{
	local -a without

	mkdir -p "$1"
	if [ -n "${KERNEL_SRC:-}" ]; then
		cut -f1 "$SOURCE_LIST" >"$1.list"
		tree_copy "$KERNEL_SRC" "$1.list" "$1" "$2"
		rm -f "$1.list"
	else
		# A fifth of the source, included by a single driver
		without=("${@/#/--exclude=*/}")
		must_run "unpacking the source" "$2" tar -C "$1" \
			--exclude='*/drivers/gpu/drm/amd/include' \
			"${without[@]:2}" \
			--strip-components=1 -xf "$SOURCE_TAR"
	fi
}
