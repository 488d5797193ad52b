// SPDX-License-Identifier: GPL-2.0-only
/* Sends QMP's migration commands one by one, then waits for MIGRATION events. */
#include "vmtest/vm/migrate.h"

#include <string.h>

#define CAPABILITIES "{\"execute\":\"migrate-set-capabilities\"," \
	"\"arguments\":{\"capabilities\":[" \
	"{\"capability\":\"x-ignore-shared\",\"state\":true}," \
	"{\"capability\":\"events\",\"state\":true}]}}"

static void end(struct migrate *m, const char *why)
{
	if (m->ended)
		return;
	m->ended = true;
	m->done(m->ctx, why);
}

static void on_reply(void *ctx, const json_t *ret, const char *error)
{
	struct migrate *m = ctx;

	(void)ret;
	if (error)
		end(m, error);
	else if (++m->at < m->steps.n)
		qmp__ask(m->qmp, m->steps.v[m->at]);
}

static void on_event(void *ctx, const char *name, const json_t *data)
{
	struct migrate *m = ctx;
	const char *status = json_string_value(json_object_get(data, "status"));

	if (strcmp(name, "MIGRATION") || !status)
		return;
	if (!strcmp(status, "failed")) {
		end(m, "the migration failed");
	} else if (!strcmp(status, "completed") && !m->ended) {
		end(m, NULL);
		qmp__ask(m->qmp, m->then);
	}
}

/* All versions of QEMU support exec:, only 8.2 and later file:. */
static char *with_uri(const char *command, const char *shell, const char *path)
{
	auto_free char *quoted = shell_quote(path);
	auto_free char *uri = xasprintf("exec:%s %s", shell, quoted);
	json_t *o = json_pack("{s:s, s:{s:s}}", "execute", command,
			      "arguments", "uri", uri);
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	return text ? text : xstrdup("");
}

static void begin(struct migrate *m, struct qmp *qmp, migrate_done *done,
		  void *ctx)
{
	m->qmp = qmp;
	m->done = done;
	m->ctx = ctx;
	qmp__listen(qmp, on_reply, on_event, m);
	qmp__ask(qmp, m->steps.v[0]);
}

void migrate__save(struct migrate *m, struct qmp *qmp, const char *path,
		   migrate_done *done, void *ctx)
{
	memset(m, 0, sizeof(*m));
	strv__add(&m->steps, QMP_EXECUTE("stop"));
	strv__add(&m->steps, CAPABILITIES);
	strv__take(&m->steps, with_uri("migrate", "exec cat >", path));
	/* Quit, not kill: the cat that writes the file is a child of QEMU. */
	m->then = QMP_EXECUTE("quit");
	begin(m, qmp, done, ctx);
}

void migrate__resume(struct migrate *m, struct qmp *qmp, const char *path,
		     migrate_done *done, void *ctx)
{
	memset(m, 0, sizeof(*m));
	strv__add(&m->steps, CAPABILITIES);
	strv__take(&m->steps, with_uri("migrate-incoming", "exec cat", path));
	/* The guest was saved stopped; loading its state would stop it after cont. */
	m->then = QMP_EXECUTE("cont");
	begin(m, qmp, done, ctx);
}

void migrate__free(struct migrate *m)
{
	strv__free(&m->steps);
}
