#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks the messages of pidnstrace and vmtest about an unsuitable machine, file or
# argument: each names the cause and a way out, with exit status 2.
. "${BASH_SOURCE%/*}/host.sh"

: >"$TMP/empty"
head -c 5000 /dev/zero | tr '\0' x >"$TMP/foreign"
printf 'PIDNSTRC' >"$TMP/short"
: >"$TMP/file"

if [ "$(id -u)" -eq 0 ]; then
	# A copy: other users may have no access to the original directory
	cp "$PIDNSTRACE" "$TMP/pidnstrace" && chmod 755 "$TMP" "$TMP/pidnstrace"
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups
		--bounding-set -all "$TMP/pidnstrace")
else
	nobody=("$PIDNSTRACE")
fi
for command in trace verify record; do
	says "$command without privileges names the capability" 2 CAP_BPF \
		"${nobody[@]}" "$command" -o "$TMP/unprivileged" -- true
done

check 'and none of them has made its output' [ ! -e "$TMP/unprivileged" ]

# An output is opened before anything is traced; a full disk is noticed on write
if [ "$(id -u)" -eq 0 ]; then
	for command in trace verify record; do
		says "$command -o in no directory names the file" 2 \
			"$TMP/file/trace" "$PIDNSTRACE" "$command" -o "$TMP/file/trace" -- true
	done
else
	tap_skip '-o in no directory names the file' 'not root'
fi
no_record=
[ "$(id -u)" -eq 0 ] && [ -r /sys/kernel/btf/vmlinux ] || no_record='not root, or no BTF'
says_unless "$no_record" 'record to a full disk names it' 2 'No space left on device' \
	"$PIDNSTRACE" record -o /dev/full -- true

for file in empty foreign short missing; do
	says "replay of a file that is $file names it" 2 "$TMP/$file" \
		"$PIDNSTRACE" replay "$TMP/$file"
done
says 'replay of a directory names it' 2 "$TMP" "$PIDNSTRACE" replay "$TMP"
says 'rules of an unknown id names it' 2 I999 "$PIDNSTRACE" rules I999
says 'verify by an unknown rule names it' 2 I999 \
	"${nobody[@]}" verify --rules=I1,I999 -- true
says 'verify with a report in no directory names it, too' 2 \
	"$TMP/file" "${nobody[@]}" verify --report "text=$TMP/file/r" -- true
says 'an unknown command is named' 2 frobnicate "$PIDNSTRACE" frobnicate

says 'vmtest of an unknown target names the others' 2 join-6.12 \
	"$VMTEST" --out="$TMP/out" --target=nonesuch
says 'vmtest without QEMU says what to install' 2 'deps.sh --how qemu-system-x86_64' \
	env QEMU=/nonexistent "$VMTEST" --out="$TMP/out" --target=stock-6.12
says 'vmtest with no place for its files says --out' 2 --out \
	"$VMTEST" --out="$TMP/file/out" --target=stock-6.12
says 'vmtest with a bad seed names it' 2 9..1 \
	"$VMTEST" --out="$TMP/out" --seed=9..1
says 'vmtest with no such test names it' 2 nonesuch \
	"$VMTEST" --out="$TMP/out" --tests=nonesuch
says 'vmtest with no such image names it' 2 "$TMP/missing" \
	"$VMTEST" --out="$TMP/out" --kernel="$TMP/missing"
says 'vmtest with no such image in BZIMAGE names it' 2 "$TMP/missing" \
	env BZIMAGE="$TMP/missing" "$VMTEST" --out="$TMP/out"
says 'vmtest with an image that is none names it' 2 "$TMP/foreign" \
	"$VMTEST" --out="$TMP/out" --kernel="$TMP/foreign"

# A wrong argument is refused before a kernel is built or fetched
unbuilt=(env CACHE="$TMP/cache" "$VMTEST" --out="$TMP/out" --target=join-6.12)
says 'vmtest with no such file to add' 2 "--add $TMP/missing" \
	"${unbuilt[@]}" --add="$TMP/missing" -- true
says 'vmtest with a path in the guest that is none' 2 'must begin with /' \
	"${unbuilt[@]}" --add="$TMP/file:here" -- true
says 'vmtest with no such command' 2 'no-such-command: no such program' \
	"${unbuilt[@]}" -- no-such-command
says 'vmtest with a test that does not fit' 2 '--tests dangerous: not on join-6.12' \
	"${unbuilt[@]}" --tests=dangerous
check 'and none of them has begun a build' [ ! -e "$TMP/cache" ]
says "vmtest of Debian's own kernel with KERNEL_SRC says which target a tree has" 2 \
	'--target tree' env KERNEL_SRC="$TMP" "$VMTEST" --out="$TMP/out" \
	--target=stock-6.12
says 'vmtest of a tree without KERNEL_SRC says how to name it' 2 KERNEL_SRC=DIR \
	"$VMTEST" --out="$TMP/out" --target=tree
says 'vmtest bisect-step with a bad argument stops the bisection' 255 'bad seed' \
	"$VMTEST" bisect-step --seed='bad seed'
says 'vmtest bisect-step where there is no tree stops it, too' 255 'not a kernel tree' \
	env -C "$TMP" "$VMTEST" bisect-step

mkdir "$TMP/arm"
printf '#!/bin/sh\necho aarch64\n' >"$TMP/arm/uname"
chmod +x "$TMP/arm/uname"
says 'make on another machine names it before anything is built' 2 \
	'This machine is aarch64, and nothing here works on it' \
	env PATH="$TMP/arm:$PATH" make O="$TMP/o" vmtest
says 'make help works there' 0 'make vmtest' env PATH="$TMP/arm:$PATH" make help
tap_end
