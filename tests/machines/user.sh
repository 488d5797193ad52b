#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# user.sh DIR - `make check-user`: runs the README's two commands as an ordinary user,
# from a fresh clone of HEAD, without any capability or group, or a way to gain them.
#
# Run as root, the script drops its privileges (to nobody); the user then has a home
# and a cache in DIR, into which the cached kernels are copied. Run as a user, the
# script uses that user's cache. Prints TAP; DIR has a log for each point.
set -u
DIR=$1
. "${BASH_SOURCE%/*}/begin.sh" check-user
. tests/machines/point.sh
unset O
NOBODY=65534
TARGETS=(stock-6.12 stock-6.1 stock-7.3 seed-6.12 join-6.12 keep-6.12 keep-6.12-gcov
	mutants-6.12 mutants-6.12-debug)

rm -rf -- "$DIR"
mkdir -p "$DIR/home/.cache/pidns-vmtest/kernels" "$DIR/tmp"
DIR=$(realpath "$DIR")
git clone -q . "$DIR/clone"
INSIDE=(env -C "$DIR/clone")
if [ "$(id -u)" -eq 0 ]; then
	INSIDE+=(-i PATH="$PATH" HOME="$DIR/home" LC_ALL=C TMPDIR="$DIR/tmp"
		setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups
		--inh-caps=-all --bounding-set=-all --no-new-privs)
	for target in "${TARGETS[@]}"; do
		! kernel=$(kernel/build.sh --cached "$target") ||
			cp -a -- "${kernel%/*}" "$DIR/home/.cache/pidns-vmtest/kernels/"
	done
	chown -R $NOBODY:$NOBODY "$DIR"
fi
MACHINE="$(this_machine), not root"

point 'no capability is left' grep -qE '^CapEff:[[:space:]]*0+$' /proc/self/status
row 'make vmtest' make vmtest
row 'make check' make check
tap_end
