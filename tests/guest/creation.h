/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the creation program: what fork, vfork, clone, clone3, unshare
 * and setns promise about new processes, about their numbers, and about the pid
 * namespaces that these processes are born in.
 */
#ifndef TESTS_GUEST_CREATION_H
#define TESTS_GUEST_CREATION_H

#include "program.h"

program_add_fn creation_flags__add, creation_unshare__add,
	       creation_arguments__add, creation_numbers__add,
	       creation_limits__add, creation_family__add, creation_held__add,
	       creation_sysctl__add;

/*
 * On each kernel. setns() must leave its caller where it is, so cases that call
 * it are not for a seed kernel.
 */
#define CREATION(name_, fn) \
	CASE(.modes = MODE_MAINLINE | MODE_JOIN | MODE_SEED, name_, fn)
#define CREATION_WITH(name_, fn, arg_) \
	CASE_WITH(.modes = MODE_MAINLINE | MODE_JOIN | MODE_SEED, name_, fn, \
		  arg_)
#define CREATION_ENTERS(name_, fn)		CASE(WHERE_STAYS, name_, fn)
#define CREATION_ENTERS_WITH(name_, fn, arg_) \
	CASE_WITH(WHERE_STAYS, name_, fn, arg_)

/*
 * Arguments of creation itself, for cases that execute a program: one exits
 * with status 0, the other prints the identity of its time namespace.
 */
#define CREATION_EXIT	"--exit"
#define CREATION_TIME	"--time-namespace"

#endif /* TESTS_GUEST_CREATION_H */
