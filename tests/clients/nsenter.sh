# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# nsenter of util-linux. A joining process must be a session leader: setsid.

container container unshare --fork --pid sh /clients/init.sh
step fork nsenter -t "$INIT" -p sh -c 'exit 7'
step no-fork nsenter -t "$INIT" -p -F sh -c 'exit 7'
step no-fork-child nsenter -t "$INIT" -p -F sh -c '/bin/true; exit 7'
step leader-fork setsid -f -w nsenter -t "$INIT" -p sh -c 'exit 7'
step leader-no-fork setsid -f -w nsenter -t "$INIT" -p -F sh -c 'exit 7'
step leader-no-fork-child setsid -f -w nsenter -t "$INIT" -p -F sh -c '/bin/true; exit 7'
end_container
