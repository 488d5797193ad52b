# SPDX-License-Identifier: GPL-2.0-only
# Every stock kernel, under each of its preemption models, on 1, 2 and 4 CPUs.

## MATRIX=KERNEL...: the kernels of the matrix (all stock-* in kernel/targets)
MATRIX ?= $(filter stock-%,$(KERNEL_TARGETS))
## MATRIX_SEEDS=N: seeds of each row (2); a kernel's own preemption model with 2 CPUs always has 20
MATRIX_SEEDS ?= 2
## MATRIX_CPUS="N ...": the numbers of CPUs for the guests of the matrix (2 1 4)
MATRIX_CPUS ?= 2 1 4
## UPDATE=1: matrix writes docs/kernels.md, instead of comparing with it

## matrix: probe, trace and judge each stock kernel and preemption model, and compare with docs/kernels.md
matrix: programs $(BUGS)
	@O=$(O) MATRIX_SEEDS=$(MATRIX_SEEDS) MATRIX_CPUS="$(MATRIX_CPUS)" VMTEST_JOBS=$(VMTEST_JOBS) UPDATE=$(UPDATE) \
		tests/matrix/matrix.sh $(O)/matrix $(MATRIX)
