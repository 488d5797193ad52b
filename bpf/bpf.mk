# SPDX-License-Identifier: GPL-2.0-only
#
# The programs, and the skeleton that the loader is compiled with.
# .bpf.c -> .bpf.o -> .skel.h. No vmlinux.h: see kernel.h.

BPF_OUT := $(O)/bpf
BPF_SKEL := $(BPF_OUT)/pidnstrace.skel.h

# v3: atomic operations that return the old value, 5.12.
# The lines that the verifier shows are named from here: wherever it is built,
# the program is the same.
BPF_CFLAGS = -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror \
	-Wno-unused-parameter -fdebug-compilation-dir=. \
	-I/usr/include/$(shell $(CC) -print-multiarch)

$(BPF_OUT)/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h) bpf/bpf.mk
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@.tmp
	$(Q)$(BPFTOOL) gen object $@ $@.tmp
	$(Q)rm $@.tmp

$(BPF_OUT)/%.skel.h: $(BPF_OUT)/%.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(*F)_bpf >$@
