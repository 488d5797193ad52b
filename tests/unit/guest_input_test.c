// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the guest's end of the input port, with pipes in place of port and command.
 * Frames may arrive in pieces, no byte is lost, and a command that does not read, or
 * has closed its input, does not block anything else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "test.h"

static int host, command;	/* write end and read end of the test */
static struct input in;

static int begin(void **)
{
	int port[2], to[2];

	assert_int_equal(pipe2(port, O_NONBLOCK), 0);
	assert_int_equal(pipe2(to, O_NONBLOCK), 0);
	host = port[1];
	command = to[0];
	input__init(&in, port[0], to[1], false);
	return 0;
}

static int end(void **)
{
	input__close(&in);
	close(host);
	if (command >= 0)
		close(command);
	return 0;
}

static size_t make_frame(char *to, char type, const char *data, size_t len)
{
	uint32_t n = htonl((uint32_t)len);

	to[0] = type;
	memcpy(to + 1, &n, sizeof(n));
	memcpy(to + INPUT_HEAD, data, len);
	return INPUT_HEAD + len;
}

static void put_frame(char type, const char *data, size_t len)
{
	static char frame[INPUT_HEAD + INPUT_FRAME_MAX];
	size_t n = make_frame(frame, type, data, len);

	assert_int_equal(write(host, frame, n), n);
}

/* Compares the bytes that the command can read now. */
static void expect(const char *data, size_t len)
{
	char buf[INPUT_FRAME_MAX];

	assert_int_equal(read(command, buf, sizeof(buf)), len);
	assert_memory_equal(buf, data, len);
}

static void test_all_bytes_in_pieces(void **)
{
	char bytes[512], frames[2 * (INPUT_HEAD + 256)];
	size_t n;

	for (int i = 0; i < 512; i++)
		bytes[i] = (char)i;
	n = make_frame(frames, INPUT_DATA, bytes, 256);
	n += make_frame(frames + n, INPUT_DATA, bytes + 256, 256);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(write(host, frames + i, 1), 1);
		input__forward(&in);
	}
	expect(bytes, 512);
}

static void test_end(void **)
{
	char c;

	put_frame(INPUT_DATA, "", 0);
	input__forward(&in);
	assert_int_equal(read(command, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	put_frame(INPUT_DATA, "last", 4);
	put_frame(INPUT_END, "", 0);
	input__forward(&in);
	expect("last", 4);
	assert_int_equal(read(command, &c, 1), 0);
	assert_int_equal(in.port, -1);
}

/* The port is not read while the pipe is full; reading resumes afterwards. */
static void test_slow_reader(void **)
{
	static char block[16384];
	struct pollfd p[2];
	size_t sent = 0, got = 0;
	ssize_t n;

	memset(block, 'x', sizeof(block));
	do {
		put_frame(INPUT_DATA, block, sizeof(block));
		sent += sizeof(block);
		input__forward(&in);
		input__poll(&in, p);
	} while (p[1].fd < 0 && sent < 100 * sizeof(block));
	assert_int_equal(p[0].fd, -1);
	assert_int_equal(p[1].fd, in.to);
	while ((n = read(command, block, sizeof(block))) > 0) {
		got += (size_t)n;
		input__forward(&in);
	}
	assert_int_equal(got, sent);
	input__poll(&in, p);
	assert_int_equal(p[0].fd, in.port);
}

static void test_reader_gone(void **)
{
	signal(SIGPIPE, SIG_IGN);
	close(command);
	command = -1;
	put_frame(INPUT_DATA, "x", 1);
	input__forward(&in);
	assert_int_equal(in.port, -1);
	assert_int_equal(in.to, -1);
}

static void test_frame_too_long(void **)
{
	static const char head[] = { INPUT_DATA, 0x7f, 0, 0, 0 };

	assert_int_equal(write(host, head, sizeof(head)), sizeof(head));
	input__forward(&in);
	assert_int_equal(in.port, -1);
}

static void test_terminal_has_a_size(void **)
{
	static const char size[4] = { 0, 33, 1, 1 };
	int port[2], slave;
	struct winsize w;

	assert_int_equal(pipe2(port, O_NONBLOCK), 0);
	host = port[1];
	assert_int_equal(openpty(&command, &slave, NULL, NULL, NULL), 0);
	input__init(&in, port[0], slave, true);
	put_frame(INPUT_SIZE, size, sizeof(size));
	input__forward(&in);
	assert_int_equal(ioctl(command, TIOCGWINSZ, &w), 0);
	assert_int_equal(w.ws_row, 33);
	assert_int_equal(w.ws_col, 257);
	end(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_bytes_in_pieces, begin, end),
		cmocka_unit_test_setup_teardown(test_end, begin, end),
		cmocka_unit_test_setup_teardown(test_slow_reader, begin, end),
		cmocka_unit_test_setup_teardown(test_reader_gone, begin, end),
		cmocka_unit_test_setup_teardown(test_frame_too_long, begin, end),
		cmocka_unit_test(test_terminal_has_a_size),
	};

	return cmocka_run_group_tests_name("the guest's end of the input port",
					   tests, NULL, NULL);
}
