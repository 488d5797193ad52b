# SPDX-License-Identifier: GPL-2.0-only
#
# The state of a rule in several runs together: "ok" if the rule was judged in some
# run and unavailable in none.
def worst_state:
	. as $states |
	first(("violated", "unavailable", "ok", "not-exercised", "not-applicable",
	       "deselected") | select(IN($states[])));
