# SPDX-License-Identifier: GPL-2.0-only
#
# The fuzzer of the code that reads, judges, prints and exports traces. Only clang has
# libFuzzer.

FUZZ_DIR := tests/fuzz
FUZZ_CFLAGS := $(filter-out -O2,$(CFLAGS)) -O1 -fno-omit-frame-pointer \
	-Wno-gnu-variable-sized-type-not-at-end
FUZZ_SAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_LOADER := $(filter-out cmd/cmd_%,$(JUDGING_SRC))
FUZZ_OBJ := $(FUZZ_LOADER:%=$(O)/fuzz/loader/%.o) \
	$(RESULTS_SRC:%.c=$(O)/fuzz/%.o) $(LIB_SRC:%.c=$(O)/fuzz/%.o) \
	$(patsubst %,$(O)/fuzz/%.o,trace_fuzz trace_mutate records stream outputs \
	plain_text gen/perfetto_trace.pb-c)

define fuzz_compile
	$(call msg,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) $(FUZZ_SAN) -MMD -MP -c -o $@ $<
endef

$(O)/fuzz/%.o: %.c
	$(fuzz_compile)

$(O)/fuzz/gen/%.o: $(O)/gen/%.c
	$(fuzz_compile)

$(O)/fuzz/%.o: $(FUZZ_DIR)/%.c
	$(fuzz_compile)

FUZZ_LINK = $(CLANG) $(FUZZ_SAN:fuzzer-no-link%=fuzzer%) -fsanitize=fuzzer -o $@

$(O)/fuzz/trace_fuzz: $(FUZZ_OBJ)
	$(call msg,LD,$@)
	$(Q)$(FUZZ_LINK) $^ $(JUDGING_LIBS)

# The seeds are generated, not stored, so they follow the records' format: a seed for
# each scene of the unit tests.
$(O)/fuzz/trace_seeds: $(FUZZ_DIR)/trace_seeds.c $(JUDGING_OBJ)
	$(call build,CC,$(SAN) $< $(JUDGING_OBJ) $(JUDGING_LIBS) -lcmocka)

$(O)/fuzz/seeds: $(O)/fuzz/trace_seeds
	$(Q)rm -rf $@ && mkdir -p $@
	$(Q)ASAN_OPTIONS=detect_leaks=0 $< $@

# Planted bugs, each of which the short run must find.
# PLANT_name := file, sed expression
FUZZ_PLANTS := short_record no_end window_kept slices_open report_reasons text_line \
	json_op tree_numbers csv_cells page_marks raw_comm raw_json
PLANT_short_record := trace/record s/if (len < want)/if (0)/
PLANT_no_end := judge/conclude s/if (!r->whole)/if (0)/;s/else if (j->end_records/else if (r->whole \&\& j->end_records/
PLANT_window_kept := model/task s/if (t->window)/if (0)/
PLANT_slices_open := export/timeline s/while (lane->nopen)/while (0)/
PLANT_report_reasons := judge/report s/i < r->nreasons/i <= r->nreasons/
PLANT_text_line := view/print_text s/lines\[p->view->rec->type\](p)/lines[p->view->rec->type + 1](p)/
PLANT_json_op := view/print_json s/set(o, "op", json_string(op));/json_decref(o); &/
PLANT_tree_numbers := view/census s/ + n.levels \* sizeof(\*s->nr)//
PLANT_csv_cells := export/export_csv /put_ret(/,/^}/s/buf__char(t, .,.);//
PLANT_page_marks := page/page_write s/(i ? e\[i - 1\].record : 0)/e[i - 1].record/
PLANT_raw_comm := view/print_text s/fputs(comm__text(comm, text), out)/fprintf(out, "%.16s%.0s", comm, text)/
PLANT_raw_json := lib/json_text s/escape__bytes(text, bytes, max)/*__builtin_stpncpy(text, bytes, max) = 0/

define fuzz_plant
$(O)/fuzz/planted/$(1).c: loader/$(word 1,$(PLANT_$(1))).c $(FUZZ_DIR)/fuzz.mk
	$$(Q)mkdir -p $$(@D)
	$$(Q)sed '$(wordlist 2,99,$(PLANT_$(1)))' $$< >$$@
	$$(Q)! cmp -s $$< $$@

$(O)/fuzz/planted/$(1): $(O)/fuzz/planted/$(1).c $(FUZZ_OBJ)
	$$(call msg,CLANG,$$@)
	$$(Q)$$(FUZZ_LINK) $$(FUZZ_CFLAGS) \
		$$< $$(filter-out %/$(word 1,$(PLANT_$(1))).o,$(FUZZ_OBJ)) \
		$$(JUDGING_LIBS)
endef
$(foreach p,$(FUZZ_PLANTS),$(eval $(call fuzz_plant,$(p))))

FUZZ_PROGRAMS := $(O)/fuzz/trace_fuzz $(O)/fuzz/seeds \
	$(FUZZ_PLANTS:%=$(O)/fuzz/planted/%)

-include $(FUZZ_OBJ:.o=.d)

## FUZZ_SECONDS=N: the duration of fuzz (600)
FUZZ_SECONDS ?= 600

## fuzz: fuzz all that reads a trace, for FUZZ_SECONDS (600)
fuzz: $(FUZZ_PROGRAMS)
	@O=$(O) $(FUZZ_DIR)/fuzz.sh $(FUZZ_SECONDS)
