# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A kernel built here: patches, configuration, compilation. An interrupted build
# resumes, as its tree is kept: see lib/tree.sh.
#
# Any change to this file can change the result, so the file is part of the key.

# series_patches LIST: of one series, or of several, comma separated, each on
# top of those before it; in order, "-" has none. They are those for VERSION.
series_patches()
{
	local name

	[ "$1" != - ] || return 0
	for name in ${1//,/ }; do
		find "$HERE/series/$VERSION/$name" \
			-name '[0-9][0-9][0-9][0-9]-*.patch' | LC_ALL=C sort
	done
}

# series_list NAME: it and those it stands on, as a target for VERSION has them
series_list()
{
	awk -v name="$1" -v version="$VERSION" '
		!/^#/ && NF == 5 && $2 == "series" && $3 ~ "(^|,)" name "$" &&
		$1 ~ "-" version "(-|$)" { print $3; exit }' "$HERE/targets"
}

# series_touches LIST SUFFIX: the files of the kernel that the patches change
series_touches()
{
	series_patches "$1" | xargs -r sed -n "s|^+++ b/\(.*\.$2\)\$|\1|p" |
		grep -v '^tools/' | LC_ALL=C sort -u || :
}

# series_compiles SRC: the .c files of a tree whose objects have code of the
# patches in them: those they change, and those that make tracepoints of the
# headers of events they change.
series_compiles()
{
	local src=$1 file

	series_touches "$SERIES" c
	for file in $(series_touches "$SERIES" h); do
		[[ $file == include/trace/events/* ]] || continue
		(cd "$src" && grep -lR --include='*.c' \
			"^#include <${file#include/}>" kernel mm fs block net \
			drivers | xargs -r grep -l '^#define CREATE_TRACE_POINTS')
	done
}

# CONFIG_GCOV_KERNEL alone counts nothing. What has code of the series is
# counted, and the rest of the kernel as fast as ever: words for make.
# gcov_words SRC
gcov_words()
{
	case ,$FRAGMENTS, in
	*,gcov,*)
		series_compiles "$1" | LC_ALL=C sort -u |
			sed 's|.*/||; s|\(.*\)\.c$|GCOV_PROFILE_\1.o=y|'
		;;
	esac
}

# gcov_keep SRC OUT: what gcov(1) needs of the tree, as in the tree, below
# OUT/gcov: sources, headers they are blamed on, and .gcno. Touched files that
# this configuration does not compile have none.
gcov_keep()
{
	local src=$1 out=$2 file

	mkdir "$out/gcov"
	for file in $(series_compiles "$src" | LC_ALL=C sort -u); do
		(cd "$src" && find . -path "./${file%.c}.gcno" -o -path "./$file" |
			cpio --quiet -pdm "$out/gcov")
	done
	(cd "$src" && series_touches "$SERIES" h |
		cpio --quiet -pdm "$out/gcov")
}

# fragment_files LIST
fragment_files()
{
	local name

	for name in ${1//,/ }; do
		[ "$name" != - ] || continue
		[ -r "$HERE/config/$name.config" ] ||
			die $EXIT_USAGE "no fragment $HERE/config/$name.config"
		printf '%s\n' "$HERE/config/$name.config"
	done
}

compiler()
{
	command -v ccache >/dev/null && printf 'ccache gcc' || printf 'gcc'
}

# kernel_words DIR WORD...: sets KMAKE
# make gets the same words each time, or it would start over. The words hold no
# absolute path and no name of the machine, so two trees that differ in one file
# share the cached objects of all others. In depend mode ccache needs no
# preprocessor run of its own.
kernel_words()
{
	KMAKE=(env CCACHE_DIR="$CACHE/ccache" CCACHE_NOHASHDIR=1
		CCACHE_DEPEND=1 CCACHE_MAXSIZE=5G LC_ALL=C
		make -C "$1" -j"$JOBS" -Otarget CC="$(compiler)"
		HOSTCC="$(compiler)" ARCH=x86_64 LOCALVERSION="-$TARGET"
		KBUILD_BUILD_TIMESTAMP=1970-01-01 KBUILD_BUILD_VERSION=1
		KBUILD_BUILD_USER=pidns-vmtest KBUILD_BUILD_HOST=localhost
		"${@:2}")
}

# kernel_make DIR LOG STAGE WORD...
kernel_make()
{
	kernel_words "$1" "${@:4}"
	must_run "$3" "$2" "${KMAKE[@]}"
}

# Everything the image depends on, one line each
series_inputs()
{
	local file

	printf 'source %s\n' "$SOURCE_ID"
	printf 'release %s\n' "$TARGET"
	series_patches "$SERIES" | while read -r file; do
		printf 'patch %s %s\n' "${file##*/}" "$(digest <"$file")"
	done
	fragment_files "$FRAGMENTS" | while read -r file; do
		printf 'config %s %s\n' "${file##*/}" "$(digest <"$file")"
	done
	printf 'config %s\n' "$(digest <"$HERE/config/may-lack")"
	printf 'gcc %s\n' "$(gcc --version | head -n 1)"
	printf 'ld %s\n' "$(ld --version | head -n 1)"
	printf 'pahole %s\n' "$(pahole --version)"
	printf 'script %s\n' "$(cat "$HERE"/lib/{series,tree}.sh | digest)"
}

# series_paths LIST: every path that the patches name, old or new
series_paths()
{
	series_patches "$1" | tr '\n' '\0' |
		xargs -0 -r sed -nE 's,^(---|\+\+\+) [ab]/([^\t]*).*$,\2,p' |
		LC_ALL=C sort -u
}

# series_apply_to LIST DIR LOG: by patch(1), since the tree need not be a git
# tree. Returns 1 if a patch does not apply; LOG has the place.
series_apply_to()
{
	local file

	: >"$3"
	while IFS= read -r file; do
		printf '%s\n' "${file##*/}" >"$3.patch"
		patch -d "$2" -p1 -F0 -f --no-backup-if-mismatch -r - \
			<"$file" >"$3" 2>&1 || return 1
	done < <(series_patches "$1")
	rm -f "$3.patch"
}

# series_there LIST DIR: the tree has the series already, if its last patch can
# be undone
series_there()
{
	local last

	last=$(series_patches "$1" | tail -n 1)
	[ -n "$last" ] && patch -d "$2" -p1 -R -F0 -s -f --dry-run -r - \
		<"$last" >/dev/null 2>&1
}

# series_refused LIST LOG: reports the patch, the files and the hunks
series_refused()
{
	say "series $1 does not apply to ${KERNEL_SRC:-$SOURCE_TAR}:"
	{
		printf '  in %s:\n' "$(cat "$2.patch")"
		grep -E "^(patching file|Hunk.*FAILED|can't find|The text)" "$2" |
			awk '/^patching file/ { file = substr($0, 15); next }
				{ print "    " (file == "" ? "" : file ": ") $0 }'
	} >&2
	exit $EXIT_FAILED
}

# patch_tree DIR LOG: patches a whole tree in which nothing is built later
patch_tree()
{
	if [ -n "${KERNEL_SRC:-}" ] && series_there "$SERIES" "$1"; then
		say "$KERNEL_SRC has series $SERIES already, taken as it is"
		return
	fi
	series_apply_to "$SERIES" "$1" "$2" || series_refused "$SERIES" "$2"
}

# The last word on an option counts, as in the .config it is appended to
config_wanted()
{
	fragment_files "$FRAGMENTS" | xargs -r cat | awk '
		/^CONFIG_[A-Z0-9_a-z]+=/ { split($0, a, "="); key = a[1] }
		/^# CONFIG_[A-Z0-9_a-z]+ is not set/ { key = $2 }
		key != "" { last[key] = $0; key = "" }
		END { for (key in last) print last[key] }' |
		LC_ALL=C sort
}

# configure DIR LOG WANTED
configure()
{
	local dir=$1 log=$2 wanted=$3 missing

	kernel_make "$dir" "$log" "configuring" tinyconfig
	cat "$wanted" >>"$dir/.config"
	kernel_make "$dir" "$log" "completing the configuration" olddefconfig
	missing=$(awk '
		FILENAME == ARGV[1] { lack[$1] = 1; next }
		FILENAME == ARGV[2] { have[$0] = 1; if ($1 != "#") { split($0, a, "="); set[a[1]] = 1 } next }
		{ split($0, a, "=") }
		/^#/ ? ($2 in set) : !($0 in have) && !(a[1] in lack) { print "  " $0 }' \
		"$HERE/config/may-lack" "$dir/.config" "$wanted")
	[ -z "$missing" ] || {
		printf '%s\n' "$missing" >&2
		die $EXIT_FAILED "these options of $FRAGMENTS did not survive" \
			"olddefconfig: something they depend on is missing"
	}
}

# count_objects DIR LOG WORD...: sets OBJECTS
# Counting the objects that make is going to build takes a few seconds.
count_objects()
{
	local dir=$1 log=$2

	shift 2
	kernel_make "$dir" "$log" preparing "$@" prepare
	kernel_words "$dir" -k -n "$@" vmlinux
	OBJECTS=$("${KMAKE[@]}" 2>/dev/null | grep -cE "'  (CC|AS) " || :)
}

# series_build OUT
series_build()
{
	local out=$1 src log series=$SERIES
	local -a words

	need gcc
	need make
	need flex
	need bison
	need bc
	need patch
	need pahole

	tree_open
	src=$TREE/src log=$TREE/log
	tree_sync
	if [ -n "${KERNEL_SRC:-}" ] && series_there "$SERIES" "$KERNEL_SRC"; then
		say "$KERNEL_SRC has series $SERIES already, taken as it is"
		series=-
	fi
	tree_patch "$series"
	tree_configure
	mapfile -t words < <(gcov_words "$src")
	# After an edit to the same series there are few objects, and no count.
	[ "$(cat "$TREE/built" 2>/dev/null)" = "$series" ] ||
		count_objects "$src" "$log" "${words[@]}"
	rm -f "$TREE/built"
	kernel_make "$src" "$log" "building" "${words[@]}" vmlinux
	OBJECTS=

	has_btf "$src/vmlinux" ||
		die $EXIT_FAILED "the kernel has no BTF, which the BPF programs need"
	strip -s -o "$out/vmlinux" "$src/vmlinux"
	cp "$src/vmlinux" "$out/vmlinux.debug"
	cp "$src/.config" "$out/config"
	mkdir "$out/modules"
	: >"$out/modules/order"
	[ ${#words[@]} -eq 0 ] || gcov_keep "$src" "$out"
	series_bzimage "$src" "$log" "$out"
	printf '%s\n' "$series" >"$TREE/built"
	tree_close
	trees_prune
}

# series_bzimage SRC LOG OUT
# The ELF image of a kernel with KASAN would not start: see image_bzimage.
series_bzimage()
{
	has_kasan "$3" || return 0
	kernel_make "$1" "$2" "packing" bzImage
	cp "$1/arch/x86/boot/bzImage" "$3/bzImage"
}
