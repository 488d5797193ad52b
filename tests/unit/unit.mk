# SPDX-License-Identifier: GPL-2.0-only
#
# Unit tests of the judging half of pidnstrace: no kernel, no root. Each test links
# that whole half, which is built once under ASan and UBSan.

UNIT_DIR := tests/unit
JUDGING_SRC := $(patsubst loader/%.c,%,$(wildcard $(patsubst %,loader/%/*.c, \
	lib trace model rules view export judge page))) \
	$(addprefix capture/,hooks lingering proc_state ns_files) $(addprefix cmd/,option offline cmd_replay cmd_rules cmd_export \
	cmd_report)
JUDGING_OBJ := $(JUDGING_SRC:%=$(O)/unit/loader/%.o) $(patsubst %, \
	$(O)/unit/san/%.o,tracegen tracegen_setns tracegen_keep tracegen_life \
	tracegen_process tracegen_failed judging rules_scenes rules_guilty \
	rules_silent page_scenes files stories machine trace_file thinned hostile) \
	$(O)/unit/gen/perfetto_trace.pb-c.o $(RESULTS_SAN_OBJ) $(LIB_SAN_OBJ)
JUDGING_LIBS := -ljansson -lxxhash -lprotobuf-c

JUDGING_TESTS := $(addprefix $(O)/unit/,$(basename $(notdir \
	$(wildcard $(addprefix $(UNIT_DIR)/,rules_test.c rules_loss_test.c \
	hits_test.c trace_test.c trace_writer_test.c record_test.c table_test.c \
	model_test.c loss_test.c judge_test.c judge_loss_test.c \
	judge_damage_test.c report_test.c print_test.c expect_test.c \
	offline_test.c history_test.c announce_test.c evidence_test.c \
	filter_test.c export_test.c page_test.c absent_test.c hostile_test.c \
	exec_test.c machine_test.c census_test.c holders_test.c creation_test.c \
	refusal_test.c process_test.c output_test.c fields_test.c container_test.c links_test.c)))))
UNIT_TESTS += $(JUDGING_TESTS)

$(O)/unit/san/%.o: $(UNIT_DIR)/%.c
	$(call compile,$(SAN))

$(JUDGING_TESTS): $(O)/unit/%: $(O)/unit/san/%.o $(JUDGING_OBJ)
	$(call build,LD,$(SAN) $^ $(JUDGING_LIBS) -lcmocka)

-include $(JUDGING_OBJ:.o=.d) $(JUDGING_TESTS:$(O)/unit/%=$(O)/unit/san/%.d)

# Generates traces for tests/report_test.sh.
REPORT_MAKE := $(O)/unit/page_make
$(REPORT_MAKE): $(O)/unit/san/page_make.o $(JUDGING_OBJ)
	$(call build,LD,$(SAN) $^ $(JUDGING_LIBS) -lcmocka)

-include $(O)/unit/san/page_make.d

## bench-report: measure the time to open a page of 100,000 records, and to draw a frame of it
bench-report: $(REPORT_MAKE) $(O)/unit/bench_replay $(O)/pidnstrace
	@O=$(O) tests/bench_report.sh

# Counts the blocks of code that reading a trace takes.
SCALE_OBJ := $(JUDGING_SRC:%=$(O)/scale/loader/%.o) $(O)/gen/perfetto_trace.pb-c.o \
	$(RESULTS_OBJ) $(LIB_OBJ)

$(O)/scale/%.o: %.c
	$(call compile,-O1 -fsanitize-coverage=trace-pc)

UNIT_TESTS += $(O)/unit/scale_test
$(O)/unit/scale_test: $(O)/unit/bench/scale_test.o $(SCALE_OBJ)
	$(call build,LD,$^ $(JUDGING_LIBS) -lcmocka)

-include $(SCALE_OBJ:.o=.d) $(O)/unit/bench/scale_test.d

# Measures the speed of replay, without sanitizers.
BENCH_REPLAY_OBJ := $(JUDGING_SRC:%=$(O)/loader/%.o) \
	$(patsubst %,$(O)/unit/bench/%.o,tracegen tracegen_setns tracegen_keep tracegen_life \
	tracegen_process tracegen_failed bench_replay) \
	$(O)/gen/perfetto_trace.pb-c.o $(RESULTS_OBJ) $(LIB_OBJ)

$(O)/unit/bench/%.o: $(UNIT_DIR)/%.c
	$(compile)

$(O)/unit/bench_replay: $(BENCH_REPLAY_OBJ)
	$(call build,LD,$^ $(JUDGING_LIBS))

-include $(BENCH_REPLAY_OBJ:.o=.d)

## bench-replay: measure the speed and memory of replay, up to BENCH_RECORDS (100000000)
## BENCH_RECORDS=N: the largest number of records of a trace in bench-replay (100000000)
BENCH_RECORDS ?= 100000000

bench-replay: $(O)/unit/bench_replay $(O)/pidnstrace
	$(O)/unit/bench_replay $(O)/pidnstrace $(BENCH_RECORDS)
