# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The life of a container with an OCI runtime, $CLIENT.

rm -f "$ROOTFS/ready" "$ROOTFS/stay"
mkfifo "$ROOTFS/ready" "$ROOTFS/stay"
leaves create "$CLIENT" create --bundle /bundle box
leaves start "$CLIENT" start box
read -r _ <"$ROOTFS/ready"
enter=step
if [ "$GATE" = keep ]; then
	INIT=$(sed -n 's/^NSpid:\t\([0-9]*\)\t1$/\1/p' /proc/[0-9]*/status)
	# runc uses numbers inside as numbers outside, where nobody has these.
	nsenter -F -p -t "$INIT" sh -c 'echo 20000 >/proc/sys/kernel/ns_last_pid'
	[ "$CLIENT" != crun ] || enter=forsaken
fi
$enter exec "$CLIENT" exec box sh -c 'exit 7'
$enter leader-exec setsid -f -w "$CLIENT" exec box sh -c 'exit 7'
leaves kill "$CLIENT" kill box KILL
settle "$BASE"
step delete "$CLIENT" delete box
