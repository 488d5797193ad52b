// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the guest's end of the input port, with pipes in place of port and command.
 * Frames may arrive in pieces, no byte is lost, and a command that does not read, or
 * has closed its input, does not block anything else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

struct ends {
	int host, command;	/* write end and read end of the test */
	struct input in;
};

static void begin(struct ends *e)
{
	int port[2], to[2];

	assert_int_equal(pipe2(port, O_NONBLOCK), 0);
	assert_int_equal(pipe2(to, O_NONBLOCK), 0);
	e->host = port[1];
	e->command = to[0];
	input__init(&e->in, port[0], to[1], false);
}

static void end(struct ends *e)
{
	input__close(&e->in);
	close(e->host);
	if (e->command >= 0)
		close(e->command);
}

static size_t make_frame(char *to, char type, const char *data, size_t len)
{
	uint32_t n = htonl((uint32_t)len);

	to[0] = type;
	memcpy(to + 1, &n, sizeof(n));
	memcpy(to + INPUT_HEAD, data, len);
	return INPUT_HEAD + len;
}

static void put_frame(struct ends *e, char type, const char *data, size_t len)
{
	static char frame[INPUT_HEAD + INPUT_FRAME_MAX];
	size_t n = make_frame(frame, type, data, len);

	assert_int_equal(write(e->host, frame, n), n);
}

/* Compares the bytes that the command can read now. */
static void expect(struct ends *e, const char *data, size_t len)
{
	char buf[INPUT_FRAME_MAX];

	assert_int_equal(read(e->command, buf, sizeof(buf)), len);
	assert_memory_equal(buf, data, len);
}

static void test_all_bytes_in_pieces(void **state)
{
	char bytes[512], frames[2 * (INPUT_HEAD + 256)];
	struct ends e;
	size_t n;

	(void)state;
	for (int i = 0; i < 512; i++)
		bytes[i] = (char)i;
	n = make_frame(frames, INPUT_DATA, bytes, 256);
	n += make_frame(frames + n, INPUT_DATA, bytes + 256, 256);
	begin(&e);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(write(e.host, frames + i, 1), 1);
		input__forward(&e.in);
	}
	expect(&e, bytes, 512);
	end(&e);
}

static void test_end(void **state)
{
	struct ends e;
	char c;

	(void)state;
	begin(&e);
	put_frame(&e, INPUT_DATA, "", 0);
	input__forward(&e.in);
	assert_int_equal(read(e.command, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	put_frame(&e, INPUT_DATA, "last", 4);
	put_frame(&e, INPUT_END, "", 0);
	input__forward(&e.in);
	expect(&e, "last", 4);
	assert_int_equal(read(e.command, &c, 1), 0);
	assert_int_equal(e.in.port, -1);
	end(&e);
}

/* The port is not read while the pipe is full; reading resumes afterwards. */
static void test_slow_reader(void **state)
{
	static char block[16384];
	struct pollfd p[2];
	size_t sent = 0, got = 0;
	struct ends e;
	ssize_t n;

	(void)state;
	begin(&e);
	memset(block, 'x', sizeof(block));
	do {
		put_frame(&e, INPUT_DATA, block, sizeof(block));
		sent += sizeof(block);
		input__forward(&e.in);
		input__poll(&e.in, p);
	} while (p[1].fd < 0 && sent < 100 * sizeof(block));
	assert_int_equal(p[0].fd, -1);
	assert_int_equal(p[1].fd, e.in.to);
	while ((n = read(e.command, block, sizeof(block))) > 0) {
		got += (size_t)n;
		input__forward(&e.in);
	}
	assert_int_equal(got, sent);
	input__poll(&e.in, p);
	assert_int_equal(p[0].fd, e.in.port);
	end(&e);
}

static void test_reader_gone(void **state)
{
	struct ends e;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	begin(&e);
	close(e.command);
	e.command = -1;
	put_frame(&e, INPUT_DATA, "x", 1);
	input__forward(&e.in);
	assert_int_equal(e.in.port, -1);
	assert_int_equal(e.in.to, -1);
	end(&e);
}

static void test_frame_too_long(void **state)
{
	static const char head[] = { INPUT_DATA, 0x7f, 0, 0, 0 };
	struct ends e;

	(void)state;
	begin(&e);
	assert_int_equal(write(e.host, head, sizeof(head)), sizeof(head));
	input__forward(&e.in);
	assert_int_equal(e.in.port, -1);
	end(&e);
}

static void test_terminal_has_a_size(void **state)
{
	static const char size[4] = { 0, 33, 1, 1 };
	int port[2], slave;
	struct winsize w;
	struct ends e = { .command = -1 };

	(void)state;
	assert_int_equal(pipe2(port, O_NONBLOCK), 0);
	e.host = port[1];
	assert_int_equal(openpty(&e.command, &slave, NULL, NULL, NULL), 0);
	input__init(&e.in, port[0], slave, true);
	put_frame(&e, INPUT_SIZE, size, sizeof(size));
	input__forward(&e.in);
	assert_int_equal(ioctl(e.command, TIOCGWINSZ, &w), 0);
	assert_int_equal(w.ws_row, 33);
	assert_int_equal(w.ws_col, 257);
	end(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_bytes_in_pieces),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_reader_gone),
		cmocka_unit_test(test_frame_too_long),
		cmocka_unit_test(test_terminal_has_a_size),
	};

	return cmocka_run_group_tests_name("the guest's end of the input port",
					   tests, NULL, NULL);
}
