# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The life of a container with an OCI runtime, $CLIENT.

rm -f "$ROOTFS/ready" "$ROOTFS/stay"
mkfifo "$ROOTFS/ready" "$ROOTFS/stay"
leaves create "$CLIENT" create --bundle /bundle box
leaves start "$CLIENT" start box
read -r _ <"$ROOTFS/ready"
enter=step
if [ "$GATE-$CLIENT" = keep-crun ]; then
	enter=forsaken
	# shellcheck disable=SC2034 # forsaken() reads it
	INIT=$(sed -n 's/^NSpid:\t\([0-9]*\)\t1$/\1/p' /proc/[0-9]*/status)
fi
$enter exec "$CLIENT" exec box sh -c 'exit 7'
$enter leader-exec setsid -f -w "$CLIENT" exec box sh -c 'exit 7'
leaves kill "$CLIENT" kill box KILL
settle "$BASE"
step delete "$CLIENT" delete box
