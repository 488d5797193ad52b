# SPDX-License-Identifier: GPL-2.0-only
# Reproducers of mainline's bugs: see docs/mainline-bugs.md.

BUGS := $(patsubst tests/bugs/%.c,$(O)/bugs/%,$(wildcard tests/bugs/*.c))

$(O)/bugs/%: tests/bugs/%.c
	$(call build,CC,-static $< -pthread)

## bugs: check that the bugs of docs/mainline-bugs.md show on stock, and those that are fixed not on join (2 min)
bugs: programs $(BUGS)
	@O=$(O) LINE=$(LINE) tests/bugs_test.sh
