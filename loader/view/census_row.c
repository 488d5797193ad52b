// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the row of a process in the view --tree. The first number is the one in the
 * row's namespace; the numbers at all levels follow in brackets. Other processes are named
 * by their numbers at level 0.
 */
#include <stdlib.h>

#include <jansson.h>

#include "lib/memory.h"
#include "loader/view/census_parts.h"
#include "loader/view/container.h"
#include "loader/view/printer_parts.h"

/* Processes that a row names as those for which an init waits; others are counted. */
#define AWAITED_SHOWN 4

/* --- text --- */

static void put_numbers(const struct stay *s, char *buf, size_t len)
{
	size_t n = snprintf(buf, len, "%d", s->nr[s->levels - 1]);

	for (uint32_t i = 0; s->levels > 1 && i < s->levels && n < len; i++)
		n += snprintf(buf + n, len - n, "%s%d", i ? "," : " [",
			      s->nr[i]);
	if (s->levels > 1 && n < len)
		snprintf(buf + n, len - n, "]");
}

/* A name that is not known is left out. */
static void put_process(FILE *out, const char *comm, int32_t tgid)
{
	char text[COMM_TEXT];

	fprintf(out, "%s[%d]", *comm ? comm__text(comm, text) : "", tgid);
}

static void put_kin(FILE *out, const struct kin *kin)
{
	put_process(out, kin->comm, kin->tgid);
}

struct awaited {
	FILE *out;
	unsigned int n;
};

static void put_awaited(const struct stay *s, void *arg)
{
	struct awaited *a = arg;

	if (a->n++ >= AWAITED_SHOWN)
		return;
	fputs(a->n > 1 ? ", " : " for ", a->out);
	put_process(a->out, s->comm, s->nr[0]);
}

static void put_zap(const struct stay *s, FILE *out)
{
	struct awaited a = { .out = out };

	put_exit_code(out, s->exit_code);
	put_sender(out, s->exit_code, s->killer);
	fputs(", waits in zap_pid_ns_processes()", out);
	stay__each_awaited(s, put_awaited, &a);
	if (a.n > AWAITED_SHOWN)
		fprintf(out, " and %u more", a.n - AWAITED_SHOWN);
}

static void put_dying(const struct stay *s, FILE *out)
{
	/* "being killed by SIGKILL", "exiting: exit(3)" */
	fputs(s->exit_code & 0x7f ? "being " : "exiting: ", out);
	put_exit_code(out, s->exit_code);
	put_sender(out, s->exit_code, s->killer);
}

static void put_end(const struct stay *s, FILE *out)
{
	if (s->end == STAY_LEFT) {
		fprintf(out, "left by setns for pid:[%u]", s->to);
		return;
	}
	if (s->end == STAY_EXITED)
		fputs("zombie, ", out);
	put_exit_code(out, s->exit_code);
	put_sender(out, s->exit_code, s->killer);
	if (s->end == STAY_EXITED) {
		fputs(", not waited for yet", out);
	} else if (s->by_pid) {
		fputs(", waited for by ", out);
		put_process(out, s->by, s->by_pid);
	} else {
		fputs(", not waited for", out);
	}
}

static bool has_state(const struct stay *s)
{
	return s->end != STAY_GOES_ON || s->zapping || s->dying;
}

static void put_state(const struct stay *s, FILE *out)
{
	if (s->zapping && s->end <= STAY_EXITED)
		put_zap(s, out);
	else if (s->end == STAY_GOES_ON)
		put_dying(s, out);
	else
		put_end(s, out);
}

static bool is_elsewhere(const struct stay *s, const struct kin *kin)
{
	return kin->ns && kin->ns != s->place->inum;
}

/* Prints the parts of a row that only some processes have. */
static void put_more(const struct census *c, const struct stay *s, FILE *out)
{
	struct kin parent = stay__kin(c, s, &s->parent);
	struct kin tracer = stay__kin(c, s, &s->tracer);

	if (parent.tgid) {
		fputs("  child of ", out);
		put_kin(out, &parent);
		if (is_elsewhere(s, &parent))
			fputs(", outside", out);
	}
	if (tracer.tgid && s->end <= STAY_EXITED) {
		fputs("  traced by ", out);
		put_kin(out, &tracer);
	}
	if (s->threads)
		fprintf(out, "  +%u thread%s", s->threads,
			s->threads > 1 ? "s" : "");
	if (s->leaderless && s->end == STAY_GOES_ON)
		fputs(", leader has exited", out);
	if (s->joined)
		fputs("  joined", out);
	container__print(model__cgroup(c->model, s->cgroup), out);
	if (s->end == STAY_GOES_ON && s->children_ns &&
	    s->children_ns != s->place->inum)
		fprintf(out, "  children will be in pid:[%u]", s->children_ns);
	if (has_state(s)) {
		fputs("  ", out);
		put_state(s, out);
	}
}

void stay__text(const struct census *c, const struct stay *s, int depth, FILE *out)
{
	char numbers[WIRE_MAX_LEVELS * 12 + 16], comm[COMM_TEXT], *more;
	size_t len;
	FILE *rest = xmemstream(&more, &len);

	put_more(c, s, rest);
	fclose(rest);
	put_numbers(s, numbers, sizeof(numbers));
	fprintf(out, "%*s%-12s %-*s%s\n", depth * 2 + 2, "", numbers,
		len ? WIRE_COMM_LEN - 1 : 0, comm__text(s->comm, comm), more);
	free(more);
}

/* --- JSON --- */

static const char *state_name(const struct stay *s)
{
	static const char *const ended[] = {
		[STAY_EXITED] = "zombie", [STAY_REAPED] = "reaped",
		[STAY_LEFT] = "left",
	};

	if (s->zapping && s->end <= STAY_EXITED)
		return "zapping";
	if (s->end)
		return ended[s->end];
	return s->dying ? "dying" : "alive";
}

static void set_kin(json_t *o, const char *key, const struct kin *kin)
{
	char name[32];

	if (!kin->tgid)
		return;
	snprintf(name, sizeof(name), "%s_pid", key);
	json_object_set_new(o, name, json_integer(kin->tgid));
	if (kin__is_named(kin))
		json_object_set_new(o, key, json_comm(kin->comm));
	if (!kin->ns)
		return;
	snprintf(name, sizeof(name), "%s_ns", key);
	json_object_set_new(o, name, json_integer(kin->ns));
}

static void add_awaited(const struct stay *s, void *list)
{
	json_array_append_new(list, json_pack("{s:o, s:i}", "comm", json_comm(s->comm),
					      "pid", s->nr[0]));
}

static void set_state(json_t *o, const struct stay *s)
{
	static const char *const ends[] = {
		[STAY_EXITED] = "exited", [STAY_REAPED] = "reaped",
		[STAY_LEFT] = "left",
	};
	json_t *awaited;

	json_object_set_new(o, "state", json_string(state_name(s)));
	if (s->zapping && s->end <= STAY_EXITED) {
		awaited = json_array();
		stay__each_awaited(s, add_awaited, awaited);
		json_object_set_new(o, "waits_for", awaited);
	} else if (s->end) {
		json_object_set_new(o, "end", json_string(ends[s->end]));
	}
	if (s->end == STAY_LEFT)
		json_object_set_new(o, "to", json_integer(s->to));
	if (s->end == STAY_LEFT || !has_state(s))
		return;
	json_ending(o, s->exit_code, s->killer);
}

struct json_t *stay__json(const struct census *c, const struct stay *s)
{
	struct kin parent = stay__kin(c, s, &s->parent);
	struct kin tracer = stay__kin(c, s, &s->tracer);
	json_t *o, *numbers = json_array();

	for (uint32_t i = 0; i < s->levels; i++)
		json_array_append_new(numbers, json_integer(s->nr[i]));
	o = json_pack("{s:o, s:o, s:I, s:b}", "comm", json_comm(s->comm),
		      "numbers", numbers, "threads", (json_int_t)s->threads,
		      "joined", s->joined);
	set_kin(o, "parent", &parent);
	if (s->end <= STAY_EXITED)
		set_kin(o, "tracer", &tracer);
	if (s->end == STAY_GOES_ON && s->children_ns)
		json_object_set_new(o, "children_ns", json_integer(s->children_ns));
	container__json(model__cgroup(c->model, s->cgroup), o);
	set_state(o, s);
	if (s->end == STAY_REAPED && s->by_pid) {
		json_object_set_new(o, "reaper", json_comm(s->by));
		json_object_set_new(o, "reaper_pid", json_integer(s->by_pid));
	}
	return o;
}
