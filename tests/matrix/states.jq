# SPDX-License-Identifier: GPL-2.0-only
#
# Of several states of a rule, the one that stands for all of them: a rule is "ok" if it
# was judged in some run and unavailable in none.
def worst_state:
	. as $states |
	first(("violated", "unavailable", "ok", "not-exercised", "not-applicable",
	       "deselected") | select(IN($states[])));
