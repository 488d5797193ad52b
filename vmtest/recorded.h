/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest under -icount has instead of virtio ports, for both its sides.
 *
 * Nothing may come in from the host, as its timing would decide when: the job
 * lies in the initramfs, and nobody says BYE. Results and trace leave through
 * UARTs, because QEMU 7.2 does not get over loading a snapshot of a virtio
 * serial port when it replays: virtio_serial_load() arms a virtual timer that
 * the recording knows nothing of. Without snapshots nothing goes backwards.
 */
#ifndef VMTEST_RECORDED_H
#define VMTEST_RECORDED_H

/* In the guest: what the runner would have said, line by line. */
#define PACKED_JOB "/job.jsonl"

/* In the guest: the standard input of its command, if it has one. */
#define PACKED_INPUT "/input"

/* ttyS0 is the console. */
#define UART_RESULT 1
#define UART_TRACE 2

/* A third UART shares the console's line by default, and kernels need not. */
#define UART_TRACE_IRQ 5

#endif
