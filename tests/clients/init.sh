# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The init of a container: tells its number, as /proc has it, and stays. It stays
# what it is, too: an exec would come before or after what others do next.
read -r pid _ </proc/self/stat
echo "$pid" >/tmp/fifo
read -r _ <>/tmp/stay
