# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The init of a container: writes its pid, as /proc shows it, and stays. It executes
# no program, since an exec would race with the following steps.
read -r pid _ </proc/self/stat
echo "$pid" >/tmp/fifo
read -r _ <>/tmp/stay
