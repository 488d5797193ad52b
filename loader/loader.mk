# SPDX-License-Identifier: GPL-2.0-only
#
# pidnstrace: a static program, for the host and for any guest. With STATIC=0 the
# installed program is linked with the host's shared libraries; guests have none, and
# always get the static one.

# libelf's own dependencies differ: zstd since elfutils 0.190.
BPF_LIBS := -lbpf -lelf -lz
BPF_LIBS_STATIC := $(or $(shell pkg-config --static --libs libbpf libelf zlib \
	2>/dev/null),$(BPF_LIBS))
# Calls between files are inlined at link time, which saves 6 % of what a record costs in
# the judge. The objects have code as well: tests/layers_test.sh reads their symbols. With
# -mtune, records are copied by moves of 16 bytes and not by rep movs, which starts slowly.
# -O3 saves another 3 %.
LOADER_OPT := -O3 -flto=auto -mtune=skylake
LOADER_OBJ := $(patsubst loader/%.c,$(O)/loader/%.o,$(wildcard loader/*.c loader/*/*.c))
$(LOADER_OBJ): private CFLAGS += -I$(BPF_OUT) $(LOADER_OPT) -ffat-lto-objects

## STATIC=0: link pidnstrace with this machine's shared libraries (1: statically)
STATIC ?= 1
ifneq ($(filter-out 0 1,$(STATIC))$(word 2,$(STATIC)),)
$(error STATIC=$(STATIC): expected 0 or 1)
endif
PIDNSTRACE := $(if $(filter 0,$(STATIC)),$(O)/dynamic/pidnstrace,$(O)/pidnstrace)

## pidnstrace: build only the tracer, which needs no QEMU and no kernel; STATIC=0: not static
pidnstrace: $(PIDNSTRACE)

LOADER_PARTS := $(LOADER_OBJ) $(O)/gen/perfetto_trace.pb-c.o $(RESULTS_OBJ) $(LIB_OBJ)
LOADER_LIBS := -ljansson -lxxhash -lprotobuf-c -lpthread

$(O)/pidnstrace $(O)/dynamic/pidnstrace: private CFLAGS += $(LOADER_OPT)
$(O)/pidnstrace: $(LOADER_PARTS)
	$(call msg,LD,$@)
	$(call link_for_guest,$(LOADER_PARTS),$(BPF_LIBS_STATIC) $(LOADER_LIBS),$(BPF_LIBS) $(LOADER_LIBS))

$(O)/dynamic/pidnstrace: $(LOADER_PARTS)
	$(call build,LD,$(EXTRA_LDFLAGS) $(LOADER_PARTS) $(BPF_LIBS) $(LOADER_LIBS))

# The version of the package, from the changelog.
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
$(O)/loader/main.o: private CFLAGS += -DVERSION='"$(VERSION)"'
$(O)/loader/main.o: debian/changelog

# The compiler of the BPF programs, for --version.
$(O)/gen/clang_version.h: $(BPF_SKEL)
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)printf '#define CLANG_VERSION "%s"\n' "$$($(CLANG) -dumpversion)" >$@
$(O)/loader/main.o: $(O)/gen/clang_version.h

$(patsubst %.c,$(O)/%.o,$(wildcard loader/capture/session*.c)) \
	$(patsubst %,$(O)/loader/capture/%.o,object kernel ring skeleton): $(BPF_SKEL)
$(O)/loader/capture/skeleton.o: $(BPF_OUT)/probing.skel.h $(BPF_OUT)/variants
$(O)/loader/capture/widen.o: $(BPF_OUT)/widen.skel.h

# The tables of fields are made from the structs.
WIRE_FIELDS := $(O)/gen/wire_fields.h
$(WIRE_FIELDS): loader/trace/wire_fields.awk bpf/wire_parts.h bpf/wire_sweep.h bpf/wire_keep.h bpf/wire.h bpf/wire_meta.h
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)awk -f $^ >$@
$(patsubst %,$(O)%loader/trace/fields.o,/ /unit/ /fuzz/ /scale/): $(WIRE_FIELDS)

# The messages of a .pftrace file.
$(O)/gen/%.pb-c.c $(O)/gen/%.pb-c.h: loader/export/%.proto
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)protoc-c --proto_path=$(<D) --c_out=$(O)/gen $<
$(O)/gen/%.o: $(O)/gen/%.c
	$(compile)
$(O)/unit/gen/%.o: $(O)/gen/%.c
	$(call compile,$(SAN))
$(patsubst %,$(O)%loader/export/trace_event_proto.o,/ /unit/ /fuzz/ /scale/) \
	$(O)/fuzz/outputs.o $(O)/unit/san/export_test.o: $(O)/gen/perfetto_trace.pb-c.h

# The page's own files are embedded in the program.
PAGE_ASSETS := $(filter-out %.c %.h,$(wildcard loader/page/*))
$(O)/loader/page/page_write.o $(O)/unit/loader/page/page_write.o \
	$(O)/fuzz/loader/page/page_write.o: $(PAGE_ASSETS)

-include $(LOADER_OBJ:.o=.d)

# Unit tests of code that needs no kernel.
ksyms_test_SRC := loader/capture/ksyms.c
hooks_test_SRC := loader/capture/hooks.c
hooks_test_LIBS := -lbpf -lelf -lz
ways_test_SRC := loader/capture/ways.c loader/capture/hooks.c
command_test_SRC := $(addprefix loader/capture/,command.c user.c) loader/lib/open_files.c loader/lib/parse.c \
	loader/trace/fan_out.c loader/trace/links.c
ring_test_SRC := loader/capture/ring_reader.c
ring_test_LIBS := -lpthread
$(foreach t,ksyms_test hooks_test ways_test command_test ring_test,$(eval $(call unit_test,$(t))))
