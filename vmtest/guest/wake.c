// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets clock, random numbers and mutant as soon as a guest has its job.
 *
 * A resumed guest starts with the clock and the random state of its snapshot,
 * the same in each run. The job supplies both instead, so they differ between
 * seeds and are the same when a seed is repeated.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

#define NS_PER_S 1000000000LL

static void complain(int fd, const char *what)
{
	line__putf(fd, TAG_LOG, "%s: %s", what, strerror(errno));
}

/* Sets CLOCK_REALTIME, in ns; the other clocks keep their values. */
static void set_clock(int fd, const json_t *job)
{
	json_int_t ns = json_integer_value(json_object_get(job, "time"));
	const struct timespec ts = {
		.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S,
	};

	if (ns > 0 && clock_settime(CLOCK_REALTIME, &ts))
		complain(fd, "clock_settime");
}

/*
 * Mixes the seed into the input pool and rekeys the generator from there at
 * once (drivers/char/random.c, RNDADDENTROPY and RNDRESEEDCRNG).
 */
static void seed_random(int fd, const json_t *job)
{
	json_int_t seed = json_integer_value(json_object_get(job, "seed"));
	struct {
		struct rand_pool_info info;
		json_int_t buf[4];
	} add = {
		.info = { .entropy_count = 8 * sizeof(add.buf),
			  .buf_size = sizeof(add.buf) },
		.buf = { seed, ~seed, seed, ~seed },
	};
	int random = open("/dev/urandom", O_WRONLY | O_CLOEXEC);

	if (random < 0 || ioctl(random, RNDADDENTROPY, &add) ||
	    ioctl(random, RNDRESEEDCRNG))
		complain(fd, "/dev/urandom");
	if (random >= 0)
		close(random);
}

/* Selects a mutant that was not selected at boot. */
static void choose_mutant(int fd, const json_t *job)
{
	const char *name = json_string_value(json_object_get(job, "mutant"));

	if (name && setup__write(MUTANT_FILE, name))
		complain(fd, MUTANT_FILE);
}

/* Reports the selected mutant, or MUTANT_UNKNOWN for a kernel without mutants. */
static void report_mutant(int fd)
{
	auto_free char *name = NULL;

	if (read_file(MUTANT_FILE, &name, NULL))
		name = xstrdup(MUTANT_UNKNOWN);
	line__putf(fd, TAG_MUTANT, "%.*s", (int)strcspn(name, "\n"), *name ? name : "?");
}

void wake__up(int fd, const json_t *job)
{
	set_clock(fd, job);
	seed_random(fd, job);
	choose_mutant(fd, job);
	report_mutant(fd);
}
