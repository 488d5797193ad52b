# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the BPF programs, and the skeleton that the loader is compiled with: .bpf.c ->
# .bpf.o -> .skel.h. bpf/kernel.h takes the place of a vmlinux.h.

BPF_OUT := $(O)/bpf
BPF_SKEL := $(BPF_OUT)/pidnstrace.skel.h

# The instruction set v3 has atomic operations that return the old value; Linux supports
# them since 5.12. The paths in the verifier's log are relative to this directory, so
# the program is the same wherever it is built.
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

# The loader uses one skeleton for both variants: they differ in the programs' bytes only.
$(BPF_OUT)/probing.bpf.o: bpf/pidnstrace.bpf.c
$(BPF_OUT)/%.layout: $(BPF_OUT)/%.skel.h
	$(Q)sed '/elf_bytes(size_t \*sz)$$/,$$d; s/$*/NAME/gI; s/"[A-Z_a-z]*\.\([a-z]*\)";/"\1";/' $< >$@
$(BPF_OUT)/variants: $(BPF_OUT)/pidnstrace.layout $(BPF_OUT)/probing.layout
	$(Q)diff $^ && touch $@
