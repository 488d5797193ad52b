// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the capabilities of this process. CAP_BPF and CAP_PERFMON are enough to load and
 * to attach programs, and CAP_SYSLOG to learn addresses of the kernel: of tasklist_lock,
 * and those of the names in stacks. CAP_SYS_ADMIN includes the first two.
 */
#include "loader/capture/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "lib/array.h"
#include "lib/msg.h"

static bool has(int cap)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	return !syscall(SYS_capget, &header, data) &&
	       data[cap / 32].effective & 1U << cap % 32;
}

int privileges__check(void)
{
	bool admin = has(CAP_SYS_ADMIN);
	bool bpf = admin || has(CAP_BPF), perfmon = admin || has(CAP_PERFMON);

	if (bpf && perfmon)
		return 0;
	msg__error("loading BPF programs needs %s%s%s: run as root, or give this program the capabilities",
		   bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
		   perfmon ? "" : "CAP_PERFMON");
	return -EPERM;
}

void privileges__warn(void)
{
	if (!has(CAP_SYSLOG))
		msg__warning("without CAP_SYSLOG, the kernel hides its addresses: stacks have no names, and rule I15 cannot be judged");
}

/*
 * libbpf looks for a type or function that the kernel lacks in its modules, which needs
 * CAP_SYS_ADMIN, and before 1.2 fails without it; but only the first such search of an
 * object fails. The search here is for a function that does not exist.
 */
void privileges__prepare(struct bpf_program *program)
{
	libbpf_print_fn_t print;

	if (has(CAP_SYS_ADMIN))
		return;
	print = libbpf_set_print(NULL);
	bpf_program__set_attach_target(program, 0, "no_such_function");
	libbpf_set_print(print);
}
