#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# user.sh OUT - `make check-user`: the README's two commands as an ordinary user,
# from a fresh clone of HEAD, without a capability, a group or a way to get them.
#
# Run as root, it gives the rights up (nobody); the user has a home and a cache of
# its own in OUT, into which the newest kernel of each target is copied. Run as a
# user, it uses that user's cache. Prints TAP; a log for each point is in OUT.
set -u
cd -- "${BASH_SOURCE%/*}/../.." || exit 2
OUT=$1
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pidns-vmtest}
NOBODY=65534
unset KERNEL_SRC BZIMAGE MAKEFLAGS MFLAGS MAKEOVERRIDES O
TARGETS=(stock-6.12 stock-6.1 seed-6.12 join-6.12 join-6.12-gcov mutants-6.12
	mutants-6.12-debug)
COUNT=0 FAILED=0

# as_user COMMAND...: runs it in the clone
as_user()
{
	if [ "$(id -u)" -eq 0 ]; then
		env -C "$OUT/clone" -i PATH="$PATH" HOME="$OUT/home" LC_ALL=C \
			TMPDIR="$OUT/tmp" setpriv --reuid=$NOBODY --regid=$NOBODY \
			--clear-groups --inh-caps=-all --bounding-set=-all \
			--no-new-privs "$@"
	else
		env -C "$OUT/clone" "$@"
	fi
}

# point NAME COMMAND...
point()
{
	local name=$1 log rc=0

	shift
	COUNT=$((COUNT + 1))
	log=$OUT/$COUNT.log
	echo "# $name" >&2
	as_user "$@" >"$log" 2>&1 </dev/null || rc=$?
	if [ $rc -eq 0 ]; then
		echo "ok $COUNT - $name"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $COUNT - $name"
		echo "# exit status $rc; $log ends:"
		tail -n 8 "$log" | sed 's/^/#   /'
	fi
}

rm -rf -- "$OUT"
mkdir -p "$OUT/home/.cache/pidns-vmtest/kernels" "$OUT/tmp"
OUT=$(realpath "$OUT")
git clone -q . "$OUT/clone"
if [ "$(id -u)" -eq 0 ]; then
	for target in "${TARGETS[@]}"; do
		kernel=$(ls -td "$CACHE/kernels/$target"-???????????????? 2>/dev/null |
			sed -n 1p)
		[ -z "$kernel" ] ||
			cp -a -- "$kernel" "$OUT/home/.cache/pidns-vmtest/kernels/"
	done
	chown -R $NOBODY:$NOBODY "$OUT"
fi

point 'no capability is left' grep -qE '^CapEff:[[:space:]]*0+$' /proc/self/status
point 'make vmtest' make vmtest
point 'make check' make check
echo "1..$COUNT"
[ "$FAILED" -eq 0 ]
