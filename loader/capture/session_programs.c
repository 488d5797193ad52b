// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches the programs of a session, detaches them, and pins them.
 *
 * A hook is attached by trying: when the kernel refuses a program of the hook, all
 * programs of the hook are loaded anew by its next attach method. The order of
 * attachment makes the kernel call copy 0 of a program first. The links are file
 * descriptors of this process: however the process ends, no program stays attached
 * unless session__pin() was called.
 */
#include "loader/capture/session_state.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include <bpf/libbpf.h>

#include "lib/msg.h"
#include "loader/capture/detacher.h"
#include "loader/capture/hooks.h"

static void session__list_object(struct session *s, const struct object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object->skel->obj) {
		int hook = program__hook(object->skel, program);

		if (hook >= 0 && bpf_program__fd(program) >= 0 &&
		    s->nprograms < PROGRAMS_MAX)
			s->programs[s->nprograms++] = (struct program) {
				.bpf = program, .hook = hook,
				.copy = object->copy,
			};
	}
}

void session__list_programs(struct session *s)
{
	for (; s->nobjects < s->objects.n; s->nobjects++)
		session__list_object(s, &s->objects.object[s->nobjects]);
}

/*
 * True if the kernel calls the program attached last first. Programs on a function
 * are called like this (bpf_trampoline_link_prog()); programs on a tracepoint in the
 * order of attachment (func_add() in kernel/tracepoint.c).
 */
static bool last_is_first(const struct program *p)
{
	return bpf_program__expected_attach_type(p->bpf) != BPF_TRACE_RAW_TP;
}

/*
 * Attaches the programs of one copy that have not been tried before. Returns the mask
 * of the hooks with a refused program, with the error of each hook in @errors.
 */
static hook_mask session__attach_copy(struct session *s, int copy, bool on_functions,
				     int errors[WIRE_NHOOKS])
{
	hook_mask refused = 0;

	for (int i = 0; i < s->nprograms; i++) {
		struct program *p = &s->programs[i];

		if (p->tried || p->copy != copy || last_is_first(p) != on_functions)
			continue;
		p->tried = true;
		p->link = program__attach(p->bpf,
					  hook_ways__now(&s->objects.ways[p->hook]));
		if (p->link || program__is_optional(p->bpf))
			continue;
		errors[p->hook] = -errno;
		refused |= HOOK_BIT(p->hook);
	}
	return refused;
}

/* Attaches in an order by which the kernel calls copy 0 first. */
static hook_mask session__attach_new(struct session *s, int errors[WIRE_NHOOKS])
{
	hook_mask refused = 0;

	for (int copy = s->objects.copies - 1; copy >= 0; copy--)
		refused |= session__attach_copy(s, copy, true, errors);
	for (int copy = 0; copy < s->objects.copies; copy++)
		refused |= session__attach_copy(s, copy, false, errors);
	return refused;
}

/* Destroys the links of this way: the next way has all programs of a hook. */
static void session__refuse(struct session *s, hook_mask hooks,
			    const int errors[WIRE_NHOOKS])
{
	for (int i = 0; i < s->nprograms; i++) {
		struct program *p = &s->programs[i];

		if (!(hooks & HOOK_BIT(p->hook)))
			continue;
		bpf_link__destroy(p->link);
		p->link = NULL;
	}
	for (int h = 0; h < WIRE_NHOOKS; h++)
		if (hooks & HOOK_BIT(h))
			hook_ways__refuse(&s->objects.ways[h], errors[h]);
}

static bool session__has_a_link(const struct session *s)
{
	for (int i = 0; i < s->nprograms; i++)
		if (s->programs[i].link)
			return true;
	return false;
}

int session__attach(struct session *s)
{
	int errors[WIRE_NHOOKS] = {}, err;
	hook_mask refused;

	for (;;) {
		refused = session__attach_new(s, errors);
		if (!refused)
			break;
		session__refuse(s, refused, errors);
		err = objects__load_more(&s->objects, refused);
		for (int h = 0; err && h < WIRE_NHOOKS; h++)
			if (refused & HOOK_BIT(h))
				hook_ways__drop(&s->objects.ways[h], 0, err);
		session__list_programs(s);
	}
	if (session__has_a_link(s))
		return 0;
	msg__error("no hook could be attached; %s: %s", hooks[0].name,
		   hook__explain(session__hook_error(s, 0)));
	return -ENOTSUP;
}

int session__hook_error(const struct session *s, enum wire_hook hook)
{
	return hook_ways__error(&s->objects.ways[hook]);
}

void session__add_links(const struct session *s, struct detacher *detacher)
{
	for (int i = 0; i < s->nprograms; i++)
		detacher__add(detacher, s->programs[i].link);
}

void session__detach(struct session *s)
{
	for (int i = 0; i < s->nprograms; i++) {
		bpf_link__destroy(s->programs[i].link);
		s->programs[i].link = NULL;
	}
}

int link__pin(struct bpf_link *link, const char *dir, const char *name)
{
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	err = bpf_link__pin(link, path);
	/* Otherwise, destroying the link would also disable its perf event. */
	if (!err)
		bpf_link__disconnect(link);
	return err;
}

int session__pin(struct session *s, const char *dir)
{
	int worst = 0;

	for (int i = 0; i < s->nprograms; i++) {
		const struct program *p = &s->programs[i];
		char name[BPF_OBJ_NAME_LEN + 16];
		int err;

		snprintf(name, sizeof(name), "%s_%d",
			 bpf_program__name(p->bpf), p->copy);
		err = p->link ? link__pin(p->link, dir, name) : 0;
		worst = worst ? worst : err;
	}
	return worst;
}
