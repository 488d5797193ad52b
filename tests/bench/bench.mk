# SPDX-License-Identifier: GPL-2.0-only
# The cost of the series, in reproducible figures, and the time that an edit takes.

## bench-join: compare both kinds of join with mainline's setns, fork and wait, and fork and struct pid with join-*, in guest instructions; build/bench/
BENCH_JOIN := $(or $(TARGET),keep-6.12)
bench-join: $(VMTEST_DEPS) $(O)/guest/bench_join $(O)/guest/bench_ops
	$(Q)./deps.sh bench
	$(Q)O=$(O) tests/bench/join.sh $(O)/vmtest/vmtest $(BENCH_JOIN) \
		$(BENCH_JOIN:keep-%=join-%) $(O)/bench

## ROUNDS=N: edits that bench-edit measures (3), rounds of check-guests (10)

## bench-edit: measure the time from an edit in a kernel tree to a verdict, by step, and that of virtme-ng (15 min); build/bench/
bench-edit: programs
	$(Q)tests/bench/edit.sh $(O)/vmtest/vmtest $(O)/bench $(or $(ROUNDS),3)
