# SPDX-License-Identifier: GPL-2.0-only
#
# The cost of tracing: see vmtest/bench-trace.sh.

BENCH_OUT := $(O)/bench
BENCH_PROGRAMS := $(O)/guest/bench_ops $(O)/guest/bench_bpf $(BENCH_OUT)/trace_counts

bench_ops_PARTS := bench_ops ns
$(eval $(call guest_program,bench_ops))

$(O)/guest/bench_bpf: $(O)/guest/bench_bpf.o $(O)/guest/command.o
	$(call build,LD,-static $^ $(BPF_LIBS_STATIC))

$(BENCH_OUT)/trace_counts: tests/bench/trace_counts.c \
		$(patsubst %,$(O)/loader/trace/%.o,links record trace_reader semantics) \
		$(LIB_OBJ)
	$(call build,LD,-static $^ -lxxhash)

## bench-trace: measure the cost that record, verify, bpftrace, ftrace and strace add to setns, fork and setpgid (6 min)
bench-trace: $(VMTEST_DEPS) $(BENCH_PROGRAMS)
	$(Q)./deps.sh bench
	$(Q)O=$(O) vmtest/bench-trace.sh $(O)/vmtest/vmtest $(or $(TARGET),join-6.12) $(BENCH_OUT)

## SECONDS=N: the duration of each part of bench-lossless (60)
SECONDS ?= 60

## bench-lossless: check that no fork is lost while two CPUs fork, and then vfork, for SECONDS=60, and measure the loader's memory
bench-lossless: $(VMTEST_DEPS) $(BENCH_PROGRAMS)
	$(Q)O=$(O) vmtest/bench-lossless.sh $(O)/vmtest/vmtest $(or $(TARGET),join-6.12) $(BENCH_OUT) $(SECONDS)

-include $(O)/guest/bench_bpf.d
