// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives a program file capabilities, as setcap(8) does: filecap FILE NUMBER...
 * Without numbers, the file has none.
 */
#include <err.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <stdlib.h>
#include <sys/xattr.h>

int main(int argc, char **argv)
{
	struct vfs_cap_data data = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
	};

	if (argc < 2)
		errx(2, "which file?");
	for (int i = 2; i < argc; i++) {
		int cap = atoi(argv[i]);

		data.data[cap / 32].permitted |= 1U << cap % 32;
	}
	if (setxattr(argv[1], XATTR_NAME_CAPS, &data, sizeof(data), 0))
		err(1, "%s", argv[1]);
	return 0;
}
