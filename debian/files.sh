#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# files.sh - prints the paths of the project's files, each ended by a NUL byte: those that
# git tracks; in an unpacked tarball, all but the output directories. The current directory
# is the top of the project.
set -eu
if [ -e .git ]; then
	exec git ls-files -z
fi
find "$PWD" \( -path "$PWD/build" -o -path "$(realpath -m "${O:-build}")" \) -prune -o \
	\( -type f -o -type l \) -printf '%P\0' | LC_ALL=C sort -z
