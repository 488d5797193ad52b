#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# coverage.sh RUN... - which lines of the series did these runs of vmtest's
# execute, on the kernel that counts them? Exit status of build/coverage/coverage.
set -eu
shopt -s inherit_errexit
: "${O:=build}"
target=join-6.12-gcov

image=$(kernel/build.sh "$target" | tail -n 1)
exec "$O/coverage/coverage" --series kernel/series/join --kernel "${image%/*}" \
	--reasons tests/coverage/reasons --out "$O/coverage" "$@"
