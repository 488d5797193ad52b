#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh [GROUP...] - installs the Debian packages that the groups need, by
# default all but the benchmarks' own, or prints the one command that does. Says
# nothing when nothing is missing. deps.sh --list GROUP... prints them.
set -eu

# pidnstrace alone
trace=(
	gcc libc6-dev make clang-16 bpftool libbpf-dev
	libelf-dev zlib1g-dev libjansson-dev libxxhash-dev jq
)
# make deb
package=(
	dpkg-dev debhelper git
)
rest=(
	# the programs
	binutils pkg-config llvm-16
	libcmocka-dev libclang-rt-16-dev
	# the kernels
	bc bison flex libssl-dev pahole ccache xz-utils zstd lz4 bzip2 lzop cpio kmod
	rsync patch perl python3 git
	# the guests
	qemu-system-x86 busybox-static util-linux libcap-dev gdb
	# the clients: real users of pid namespaces, run in the guests
	runc crun bubblewrap systemd-container
	# what reads our results in the tests
	libxml2-utils procps bsdutils python3-jsonschema strace chromium
	# The tests sign and list an archive with these
	gnupg dpkg-dev
	# what reads the man pages
	mandoc man-db
	# the shells that complete, the package that is installed
	bash-completion zsh fish lintian mmdebstrap
)
# what draws the benchmarks' plots, and what tracing is compared with
bench=(
	gnuplot-nox bpftrace strace
)

packages=()
list=
if [ "${1-}" = --list ]; then
	list=1
	shift
fi
[ $# -gt 0 ] || set -- all
for g in "$@"; do
	case $g in
	trace)		packages+=("${trace[@]}") ;;
	package)	packages+=("${package[@]}") ;;
	bench)		packages+=("${bench[@]}") ;;
	all)		packages+=("${trace[@]}" "${package[@]}" "${rest[@]}") ;;
	none)		;;
	*)
		echo "deps.sh: no group $g; there are trace, package, bench, all, none" >&2
		exit 2 ;;
	esac
done
if [ -n "$list" ]; then
	printf '%s\n' "${packages[@]}"
	exit
fi

missing=()
for p in "${packages[@]}"; do
	s=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
	[ "$s" = installed ] || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
	echo "missing packages; as root: apt-get update && $install" >&2
	exit 2
fi
echo "installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update && $install; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "could not install; by hand: apt-get update && $install" >&2
	exit 2
fi
