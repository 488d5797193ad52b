# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# busybox's own unshare and nsenter.

container container busybox unshare -f -p sh /clients/init.sh
step fork busybox nsenter -t "$INIT" -p sh -c 'exit 7'
step no-fork busybox nsenter -t "$INIT" -p -F sh -c 'exit 7'
step leader-fork setsid -f -w busybox nsenter -t "$INIT" -p sh -c 'exit 7'
step leader-no-fork setsid -f -w busybox nsenter -t "$INIT" -p -F sh -c 'exit 7'
end_container
