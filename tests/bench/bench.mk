# SPDX-License-Identifier: GPL-2.0-only
# What the series costs, in figures that repeat.

## bench-join: a join against mainline's setns, fork and wait, in guest instructions; build/bench/
.PHONY: bench-join
bench-join: $(VMTEST_DEPS) $(O)/guest/bench_join
	$(Q)./deps.sh bench
	$(Q)tests/bench/join.sh $(O)/vmtest/vmtest $(or $(TARGET),join-6.12) \
		$(O)/guest/bench_join $(O)/bench
