/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The channels of a guest under -icount, which has no virtio ports; used by the
 * runner and the guest.
 *
 * No data may enter from the host, as the time of its arrival would depend on the
 * host: the job is in the initramfs, and no BYE is sent. Results and trace leave
 * through UARTs, because QEMU 7.2 cannot load a snapshot of a virtio serial port
 * during a replay: virtio_serial_load() arms a virtual timer that is not in the
 * recording. Without snapshots, a replay cannot go backwards.
 */
#ifndef VMTEST_WIRE_ICOUNT_CHANNELS_H
#define VMTEST_WIRE_ICOUNT_CHANNELS_H

/* In the guest: the lines that the runner would otherwise send. */
#define PACKED_JOB "/job.jsonl"

/* In the guest: the command's standard input, if there is any. */
#define PACKED_INPUT "/input"

/* ttyS0 is the console. */
#define UART_RESULT 1
#define UART_TRACE 2

/* By default a third UART shares the console's IRQ, which kernels may not allow. */
#define UART_TRACE_IRQ 5

#endif /* VMTEST_WIRE_ICOUNT_CHANNELS_H */
