#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh [bench]: installs the Debian packages that building and running need,
# or those that only the benchmarks do, or prints the one command that does.
# Says nothing when nothing is missing.
set -eu

packages=(
	# the programs
	gcc libc6-dev binutils make pkg-config clang-16 llvm-16 bpftool libbpf-dev
	libelf-dev zlib1g-dev libjansson-dev libxxhash-dev
	libcmocka-dev libclang-rt-16-dev jq
	# the kernels
	bc bison flex libssl-dev pahole ccache xz-utils zstd lz4 cpio kmod
	rsync patch perl python3 git
	# the guests
	qemu-system-x86 busybox-static util-linux libcap-dev gdb
	# what reads our results in the tests
	libxml2-utils procps bsdutils python3-jsonschema
	# what reads the man pages
	mandoc man-db
)
# what draws their plots, and what tracing is compared with
bench=(gnuplot-nox bpftrace strace)
[ "${1:-}" != bench ] || packages=("${bench[@]}")

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
