# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Builds a kernel: patches, configuration, compilation. An interrupted build
# resumes, since its tree is kept: see lib/tree.sh.
#
# Any change to this file can change the result, so the file is part of the key.

# series_patches LIST: prints the patches for VERSION, in order, of one series
# or of a comma separated list, each on top of those before it; "-" has none.
series_patches()
{
	local name

	[ "$1" != - ] || return 0
	for name in ${1//,/ }; do
		find "$HERE/series/$VERSION/$name" \
			-name '[0-9][0-9][0-9][0-9]-*.patch' | LC_ALL=C sort
	done
}

# series_list NAME: prints NAME after its bases, as a target for VERSION lists them
series_list()
{
	awk -v name="$1" -v version="$VERSION" '
		!/^#/ && NF == 5 && $2 == "series" && $3 ~ "(^|,)" name "$" &&
		$1 ~ "-" version "(-|$)" { print $3; exit }' "$HERE/targets"
}

# series_touches LIST SUFFIX: prints the kernel's files that the patches change
series_touches()
{
	series_patches "$1" | xargs -r sed -n "s|^+++ b/\(.*\.$2\)\$|\1|p" |
		grep -v '^tools/' | LC_ALL=C sort -u || :
}

# series_compiles SRC: prints the .c files of a tree whose objects contain code
# of the patches: the changed ones, and those that create the tracepoints of a
# changed header of events.
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

# gcov_words SRC: prints words for make
# CONFIG_GCOV_KERNEL alone counts nothing. Objects with code of the series are
# counted; the rest of the kernel runs at full speed.
gcov_words()
{
	case ,$FRAGMENTS, in
	*,gcov,*)
		series_compiles "$1" | LC_ALL=C sort -u |
			sed 's|.*/||; s|\(.*\)\.c$|GCOV_PROFILE_\1.o=y|'
		;;
	esac
}

# gcov_keep SRC OUT: copies the files of the tree that gcov(1) needs to
# OUT/gcov, under the same paths: sources, headers that counts are attributed
# to, and .gcno. A changed file that this configuration does not compile has no .gcno.
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

# fragment_files LIST: prints the paths of the configuration fragments
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

# kernel_words DIR WORD...: sets KMAKE, the command line of make.
# The words must be the same each time, or make would rebuild everything. They contain
# no absolute path and no name of the machine, so two trees that differ in one file
# share the cached objects of all others. In depend mode ccache needs no preprocessor
# run of its own.
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

# kernel_make DIR LOG STAGE WORD...: runs make in DIR; a failure ends the script
kernel_make()
{
	kernel_words "$1" "${@:4}"
	must_run "$3" "$2" "${KMAKE[@]}"
}

# Prints everything the image depends on, one line each
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

# series_paths LIST: prints every path that the patches name, old or new
series_paths()
{
	series_patches "$1" | tr '\n' '\0' |
		xargs -0 -r sed -nE 's,^(---|\+\+\+) [ab]/([^\t]*).*$,\2,p' |
		LC_ALL=C sort -u
}

# series_apply_to LIST DIR LOG: applies the patches with patch(1), since the
# tree need not be a git tree. Returns 1 if a patch does not apply; LOG names the place.
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

# series_there LIST DIR: tests that the tree already has the series: its last
# patch can be reverted
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

# patch_tree DIR LOG: patches a whole tree that is not built afterwards
patch_tree()
{
	if [ -n "${KERNEL_SRC:-}" ] && series_there "$SERIES" "$1"; then
		say "$KERNEL_SRC has series $SERIES already, taken as it is"
		return
	fi
	series_apply_to "$SERIES" "$1" "$2" || series_refused "$SERIES" "$2"
}

# Prints the requested options; the last setting of an option counts, as in .config
config_wanted()
{
	fragment_files "$FRAGMENTS" | xargs -r cat | awk '
		/^CONFIG_[A-Z0-9_a-z]+=/ { split($0, a, "="); key = a[1] }
		/^# CONFIG_[A-Z0-9_a-z]+ is not set/ { key = $2 }
		key != "" { last[key] = $0; key = "" }
		END { for (key in last) print last[key] }' |
		LC_ALL=C sort
}

# configure DIR LOG WANTED: writes .config, and ends if an option of WANTED is lost
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

# count_objects DIR LOG WORD...: sets OBJECTS, the number of objects that make
# is going to build. Takes a few seconds.
count_objects()
{
	local dir=$1 log=$2

	shift 2
	kernel_make "$dir" "$log" preparing "$@" prepare
	kernel_words "$dir" -k -n "$@" vmlinux
	OBJECTS=$("${KMAKE[@]}" 2>/dev/null | grep -cE "'  (CC|AS) " || :)
}

# series_build OUT: builds the kernel of the target into OUT
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
	# After an edit to the same series few objects are built: the count is skipped.
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

# series_bzimage SRC LOG OUT: also keeps the bzImage of a kernel with KASAN,
# whose ELF image would not start: see image_bzimage.
series_bzimage()
{
	has_kasan "$3" || return 0
	kernel_make "$1" "$2" "packing" bzImage
	cp "$1/arch/x86/boot/bzImage" "$3/bzImage"
}
