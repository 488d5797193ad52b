// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests what setns(2) does with a pid namespace: the interface of the join
 * series (docs/setns_pid_join.7) and, where setns() does not move its caller,
 * that of mainline. Prints KTAP on stdout. A descendant of the guest's init has
 * to run it as root.
 *
 * The tests change machine settings (the knob, briefly pid_max) and restore
 * them. Races are left to the stress program.
 */
#include <string.h>

#include "actor.h"
#include "cases.h"
#include "cases_life.h"
#include "keep.h"

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		cases_gate__add, cases_mainline__add, cases_refusal__add,
		cases_view__add, cases_trace__add, cases_ways__add,
		cases_pidfd__add, cases_life__add, cases_ending__add,
		keep_gate__add, keep_refusal__add, keep_view__add,
		keep_pidfd__add, keep_life__add, keep_wait__add,
		keep_tracer__add, keep_timer__add, keep_signal__add,
		keep_group__add, keep_terminal__add, keep_object__add,
		keep_security__add, keep_unprivileged__add, keep_trace__add,
		keep_end__add, NULL,
	};

	/* Cases execute this program to see what exec keeps: parse no options. */
	if (argc == 2 && !strcmp(argv[1], LIFE_EXEC_ARGUMENT))
		return life__report_after_exec();
	if (argc == 2 && !strcmp(argv[1], ACTOR_RESUME))
		return actor__resume();
	return program__main(argc, argv,
			     "Tests what setns(2) does with pid namespaces.",
			     parts);
}
