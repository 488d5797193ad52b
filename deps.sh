#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh [GROUP...] - installs the missing packages of the groups, by default of all
# groups but bench. Without root, or without apt, prints what is missing and the
# command that installs it. Prints nothing when nothing is missing. deps.txt lists the
# needs and their packages.
# deps.sh --list GROUP... prints the packages for this machine's distribution
# deps.sh --how COMMAND prints the command that installs the package with COMMAND
# deps.sh --clang prints the path of a clang that can compile the BPF programs
#
# Environment: OS_RELEASE=FILE, instead of /etc/os-release.
# Exit status: 0 nothing is missing, 2 a need is missing, or bad arguments.
set -u
cd -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 2
TABLE=deps.txt
GROUPS_ALL='trace package vmtest check'
DISTRIBUTIONS=(debian ubuntu fedora arch)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

fail()
{
	printf 'deps.sh: %s\n' "$*" >&2
	exit 2
}

# Sets DISTRIBUTION, empty if the table does not have it, and MANAGER. The installed
# package manager takes precedence over the file.
find_distribution()
{
	local id ID='' ID_LIKE='' file=${OS_RELEASE:-/etc/os-release}

	DISTRIBUTION='' MANAGER=''
	# shellcheck disable=SC1090
	[ ! -r "$file" ] || . "$file"
	for id in $ID $ID_LIKE; do
		case $id in
		debian|ubuntu|fedora|arch)	DISTRIBUTION=$id ;;
		rhel|centos)			DISTRIBUTION=fedora ;;
		*)				continue ;;
		esac
		break
	done
	for MANAGER in apt-get dnf pacman ''; do
		[ -z "$MANAGER" ] || ! command -v $MANAGER >/dev/null || break
	done
	case $MANAGER:$DISTRIBUTION in
	apt-get:debian|apt-get:ubuntu|:fedora|:arch)	;;
	apt-get:*)	DISTRIBUTION=debian ;;
	dnf:*)		DISTRIBUTION=fedora ;;
	pacman:*)	DISTRIBUTION=arch ;;
	*)		DISTRIBUTION='' ;;
	esac
}

# rows GROUP...: prints "KIND ARGUMENTS<tab>DEBIAN<tab>UBUNTU<tab>FEDORA<tab>ARCH",
# with each "=" replaced
rows()
{
	awk -v groups=" $* " '
		/^#/ || !NF || !index(groups, " " $1 " ") { next }
		{
			n = split($0, field, /\t+/)
			if (n != 6) {
				print FILENAME ":" FNR ": not six fields" >"/dev/stderr"
				exit 1
			}
			line = field[2]
			for (i = 3; i <= n; i++) {
				if (field[i] == "=")
					field[i] = field[i - 1]
				line = line "\t" field[i]
			}
			if (!seen[line]++)
				print line
		}' "$TABLE"
}

# at_least VERSION MINIMUM: compares versions; false for an empty VERSION
at_least()
{
	[ -n "$1" ] && printf '%s\n%s\n' "$2" "$1" | sort -CV
}

# version_of PROGRAM: prints the first number with a dot in the output of --version
version_of()
{
	"$1" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9.]*[0-9]' | sed -n 1p
}

# find_clang: prints the path of a clang of CLANG_VERSION or later: the one in $CLANG,
# else the plain name, else the newest
find_clang()
{
	local name path

	for name in ${CLANG:-} clang $(compgen -c clang- |
		grep -xE 'clang-[0-9]+' | sort -Vru); do
		path=$(command -v "$name") || continue
		at_least "$(version_of "$path")" "$CLANG_VERSION" || continue
		printf '%s\n' "$path"
		return
	done
	return 1
}

# command_there NAME VERSION: tests for a command, of at least VERSION unless empty
command_there()
{
	if [ "$1" = clang ]; then
		find_clang >/dev/null
	else
		command -v "$1" >/dev/null &&
			{ [ -z "$2" ] || at_least "$(version_of "$1")" "$2"; }
	fi
}

# links COMPILER FLAG...: tests that a program links; a fuzzer brings its own main()
links()
{
	local cc=$1 rc=0 out main='main(void)'

	shift
	[ "$cc" != clang ] || cc=$(find_clang) || return 1
	[[ $* != *=fuzzer* ]] || main='LLVMFuzzerTestOneInput(void)'
	out=$(mktemp) || return 1
	printf '#include <stdlib.h>\nint %s { return EXIT_SUCCESS; }\n' "$main" |
		"$cc" -x c - "$@" -o "$out" 2>/dev/null || rc=1
	rm -f "$out"
	return $rc
}

# static NAME: tests for a command without a program interpreter
static()
{
	local path

	path=$(command -v "$1") &&
		! LC_ALL=C readelf -lW "$path" 2>/dev/null | grep -q INTERP
}

# there KIND ARGUMENT...: tests that the need is met
there()
{
	local kind=$1 name=${2%%>=*} version=

	[ "$name" = "$2" ] || version=${2#*>=}
	shift
	case $kind in
	command)	command_there "$name" "$version" ;;
	library)	pkg-config ${version:+--atleast-version="$version"} \
				--exists "$name" 2>/dev/null ;;
	links)		links "$@" ;;
	static)		static "$1" ;;
	python)		python3 -c "import $1" 2>/dev/null ;;
	file)		[ -e "$1" ] ;;
	*)		fail "$TABLE: unknown need $kind" ;;
	esac
}

# label KIND ARGUMENT...: prints the need for people
label()
{
	local kind=$1 name=${2/>=/ >= }

	shift
	case $kind in
	command|file)	echo "$name" ;;
	library)	echo "$name (library)" ;;
	links)		echo "programs of $*" ;;
	static)		echo "$name (static)" ;;
	python)		echo "$name (Python)" ;;
	esac
}

# candidate PACKAGE: prints the upstream version that apt would install
candidate()
{
	apt-cache policy "$1" 2>/dev/null |
		sed -nE 's/^ *Candidate: ([0-9]+:)?([0-9][^-~+]*).*/\2/p'
}

# clang_major: prints the major version of the installed clang, or of apt's candidate
clang_major()
{
	local path version=''

	if path=$(find_clang); then
		version=$(version_of "$path")
	elif [ "$MANAGER" = apt-get ]; then
		version=$(candidate "$(packages_of <<<"$CLANG_ROW")")
	fi
	echo "${version%%.*}"
}

# pick NAME[>=VERSION] A|B: prints the first package that apt has in that version;
# without apt, the first
pick()
{
	local want='' name found
	local -a names

	[[ $1 != *'>='* ]] || want=${1#*>=}
	IFS='|' read -ra names <<<"$2"
	if [ "$MANAGER" = apt-get ] && [ ${#names[@]} -gt 1 ]; then
		for name in "${names[@]}"; do
			found=$(candidate "$name")
			[ -n "$found" ] || continue
			[ -z "$want" ] || at_least "$found" "$want" || continue
			echo "$name"
			return
		done
	fi
	echo "${names[0]}"
}

# package_for NEED PACKAGES...: prints the name in this distribution, or "-"
package_for()
{
	local need=$1 i name

	shift
	for i in "${!DISTRIBUTIONS[@]}"; do
		[ "${DISTRIBUTIONS[i]}" = "$DISTRIBUTION" ] || continue
		shift "$i"
		name=$(pick "${need#* }" "$1")
		case $name in
		*%c*)	echo "${name//%c/$(clang_major)}" ;;
		*)	echo "$name" ;;
		esac
	done
}

# Reads rows, prints those whose need is not met
missing_rows()
{
	local row need

	while IFS= read -r row; do
		need=${row%%$'\t'*}
		# shellcheck disable=SC2086 # the words of the need
		there $need </dev/null || printf '%s\n' "$row"
	done
}

# Reads rows, prints each after its package in this distribution and a tab
with_package()
{
	local row
	local -a names

	while IFS= read -r row; do
		IFS=$'\t' read -ra names <<<"$row"
		printf '%s\t%s\n' "$(package_for "${names[@]}")" "$row"
	done
}

# Reads rows, prints the packages of this distribution, each once
packages_of()
{
	with_package | cut -f1 | grep -vx -- - | awk '!seen[$0]++'
}

# Reads rows, prints the labels of the needs in one line
labels_of()
{
	local need

	while IFS=$'\t' read -r need _; do
		# shellcheck disable=SC2086 # the words of the need
		label $need
	done | awk '{ printf "%s%s", (NR > 1 ? ", " : ""), $0 } END { print "" }'
}

# install_command PACKAGE...: prints the command that installs the packages
install_command()
{
	case $DISTRIBUTION in
	debian|ubuntu)
		echo "apt-get install -y --no-install-recommends $*" ;;
	fedora)	echo "dnf install $*" ;;
	arch)	echo "pacman -S --needed $*" ;;
	esac
}

# Reads rows, prints a table of the packages for every distribution
print_table()
{
	local row
	local -a names
	{
		printf 'need\tDebian\tUbuntu\tFedora\tArch\n'
		while IFS= read -r row; do
			IFS=$'\t' read -ra names <<<"${row//%c/VERSION}"
			# shellcheck disable=SC2086 # the words of the need
			names[0]=$(label ${names[0]})
			printf '%s\t%s\t%s\t%s\t%s\n' "${names[@]%%|*}"
		done
	} | column -t -s $'\t' | sed 's/^/  /'
}

# lacking ROWS: prints what is missing and the remedy
lacking()
{
	local none update=

	echo "missing: $(labels_of <<<"$1")"
	if [ -z "$DISTRIBUTION" ]; then
		echo "its packages, by distribution:"
		print_table <<<"$1"
		return
	fi
	[ "$MANAGER" != apt-get ] || update='apt-get update && '
	echo "as root: $update$(
		# shellcheck disable=SC2046 # a package is a word
		install_command $(packages_of <<<"$1"))"
	none=$(with_package <<<"$1" | sed -n 's/^-\t//p' | labels_of)
	[ -z "$none" ] || echo "not packaged for $DISTRIBUTION: $none"
}

# quietly MESSAGE COMMAND...: runs COMMAND; if it fails, the end of its output precedes
# MESSAGE
quietly()
{
	local output

	output=$("${@:2}" 2>&1) && return
	tail -n 20 <<<"$output" >&2
	fail "$1"
}

# by_apt ROWS: installs the packages; needs root
by_apt()
{
	local install

	export DEBIAN_FRONTEND=noninteractive
	quietly "apt-get update failed; check the network" apt-get update
	# shellcheck disable=SC2046 # a package is a word
	install=$(install_command $(packages_of <<<"$1"))
	echo "installing, which may take some minutes: ${install##*recommends }" >&2
	# shellcheck disable=SC2086 # the words of the command
	quietly "installation failed; to install by hand: apt-get update && $install" $install
}

find_distribution
CLANG_ROW=$(rows trace | grep '^command clang>=')
CLANG_VERSION=${CLANG_ROW%%$'\t'*}
CLANG_VERSION=${CLANG_VERSION#*>=}

case ${1-} in
--clang)
	find_clang
	exit ;;
--how)
	row=$(rows "$GROUPS_ALL" bench | awk -F'\t' -v name="${2-}" '
		{ split($1, need, /[ >]/) } need[2] == name { print; exit }')
	[ -n "$row" ] || fail "$TABLE names no package with ${2-}"
	lacking "$row" | sed -n '2,$p'
	exit ;;
--list)
	LIST=1
	shift ;;
esac

[ $# -gt 0 ] || set -- all
groups=
for g in "$@"; do
	case " $GROUPS_ALL bench none all " in
	*" $g "*)	;;
	*)		fail "no group $g; the groups are $GROUPS_ALL, bench, all, none" ;;
	esac
	[ "$g" != all ] || g=$GROUPS_ALL
	[ "$g" = none ] || groups+=" $g"
done
# shellcheck disable=SC2086 # a group is a word
all=$(rows $groups) || exit 2
if [ -n "${LIST-}" ]; then
	packages_of <<<"$all"
	exit
fi
[ -n "$all" ] || exit 0
rows=$(missing_rows <<<"$all")
[ -n "$rows" ] || exit 0
if [ "$MANAGER" = apt-get ] && [ "$(id -u)" -eq 0 ] &&
   [ -n "$(packages_of <<<"$rows")" ]; then
	by_apt "$rows"
	rows=$(missing_rows <<<"$all")
	[ -n "$rows" ] || exit 0
fi
lacking "$rows" >&2
[ -n "$(packages_of <<<"$rows")" ] || [ -z "$DISTRIBUTION" ] || exit 0
exit 2
