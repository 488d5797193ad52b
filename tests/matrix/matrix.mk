# SPDX-License-Identifier: GPL-2.0-only
# Every stock kernel, under each of its preemption models, on 1, 2 and 4 CPUs.

## MATRIX=KERNEL...: the kernels of the matrix (all stock-* of kernel/targets)
MATRIX ?= $(filter stock-%,$(KERNEL_TARGETS))
## MATRIX_SEEDS=N: seeds of each row but a kernel's own model with 2 CPUs, which has 20 (2)
MATRIX_SEEDS ?= 2
## MATRIX_CPUS="N ...": the numbers of CPUs that a guest of the matrix has (2 1 4)
MATRIX_CPUS ?= 2 1 4
## UPDATE=1: make matrix writes docs/kernels.md, instead of comparing with it

## matrix: each stock kernel and preemption model, probed, traced, judged; as in docs/kernels.md
.PHONY: matrix
matrix: programs $(BUGS)
	@O=$(O) MATRIX_SEEDS=$(MATRIX_SEEDS) MATRIX_CPUS="$(MATRIX_CPUS)" VMTEST_JOBS=$(VMTEST_JOBS) UPDATE=$(UPDATE) \
		tests/matrix/matrix.sh $(O)/matrix $(MATRIX)
