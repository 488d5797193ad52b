# SPDX-License-Identifier: GPL-2.0-only
# The cost of the series, in reproducible figures, and the time that an edit takes.

## bench-join: compare a join with mainline's setns, fork and wait, in guest instructions; build/bench/
bench-join: $(VMTEST_DEPS) $(O)/guest/bench_join
	$(Q)./deps.sh bench
	$(Q)tests/bench/join.sh $(O)/vmtest/vmtest $(or $(TARGET),join-6.12) \
		$(O)/guest/bench_join $(O)/bench

## ROUNDS=N: edits that bench-edit measures (3), rounds of check-guests (10)

## bench-edit: measure the time from an edit in a kernel tree to a verdict, by step, and that of virtme-ng (15 min); build/bench/
bench-edit: programs
	$(Q)tests/bench/edit.sh $(O)/vmtest/vmtest $(O)/bench $(or $(ROUNDS),3)
