// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fails each allocation of setns(2) once, by /proc/PID/fail-nth, and checks the
 * result. KTAP on stdout; run as root by a descendant of the guest's init, on a
 * kernel with CONFIG_FAULT_INJECTION_DEBUG_FS.
 *
 * Limits: an allocation that happens only sometimes (a slab that has to grow)
 * is tested only in a run in which it happens.
 */
#include "failnth.h"

#include "program.h"

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = { failnth__add, NULL };

	return program__main(argc, argv,
			     "Fails each allocation of setns once.", parts);
}
