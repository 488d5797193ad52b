# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Runs reproducers of mainline's bugs in guests. Sourced in the top directory; O is
# the output directory.

# bug_show TARGET OUT PROGRAM [ARGUMENT...]: runs PROGRAM in a guest, whose files are
# in OUT. Prints "yes" if the bug is present, "no" if it did not show, "not looked
# for: WHY", or nothing if the guest did not run the program to its end; OUT.log has
# the rest.
bug_show()
{
	local target=$1 out=$2 status

	shift 2
	setpriv --pdeathsig TERM "$O/vmtest/vmtest" --target "$target" --out "$out" \
		--jobs 1 --no-snapshot --bare -- "$@" >"$out.log" 2>&1 </dev/null
	status=$(sed -n 's/.* ended with exit status \([0-9]*\) .*/\1/p' "$out.log" |
		head -n 1)
	[ -n "$status" ] || ! grep -q "^$target .* PASS " "$out.log" || status=0
	case $status in
	0) echo yes ;;
	1) echo no ;;
	2) echo "not looked for: $(tail -n 1 "$out/$target-1/output" | sed 's/^[^:]*: //')" ;;
	esac
}
