// SPDX-License-Identifier: GPL-2.0-only
/* A client of the generic netlink family TASKSTATS, which answers one question. */
#include "numbers_taskstats.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A question with one attribute, and space for an answer. */
struct message {
	struct nlmsghdr head;
	struct genlmsghdr command;
	char attributes[4096];
};

static void *payload(const struct nlattr *a)
{
	return (char *)a + NLA_HDRLEN;
}

/* Finds an attribute in @len bytes of them. */
static const struct nlattr *find(const void *at, size_t len, int type)
{
	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = at;
		size_t size = NLA_ALIGN(a->nla_len);

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		if (!a->nla_len || size > len)
			break;
		at = (const char *)at + size;
		len -= size;
	}
	return NULL;
}

/* Sends a command with an attribute, and receives the answer in @m. */
static int ask(int sock, struct message *m, int family, int command, int type,
	       const void *value, size_t len)
{
	struct nlattr *a = (struct nlattr *)m->attributes;
	ssize_t n;

	memset(m, 0, sizeof(*m));
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(payload(a), value, len);
	m->head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(a->nla_len);
	m->head.nlmsg_type = family;
	m->head.nlmsg_flags = NLM_F_REQUEST;
	m->command.cmd = command;
	m->command.version = 1;
	if (send(sock, m, m->head.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(sock, m, sizeof(*m), 0);
	if (n < 0)
		return -errno;
	/* An error has a number in place of the command. */
	if (m->head.nlmsg_type == NLMSG_ERROR)
		return *(int *)NLMSG_DATA(&m->head) ?: -EPROTO;
	return 0;
}

static const struct nlattr *answer(const struct message *m, int type)
{
	return find(m->attributes, m->head.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN),
		    type);
}

static int family_of_taskstats(int sock, struct message *m)
{
	const struct nlattr *id;
	int err;

	err = ask(sock, m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
		  CTRL_ATTR_FAMILY_NAME, TASKSTATS_GENL_NAME,
		  sizeof(TASKSTATS_GENL_NAME));
	if (err)
		return err;
	id = answer(m, CTRL_ATTR_FAMILY_ID);
	return id ? *(unsigned short *)payload(id) : -EPROTO;
}

static int ask_about(int sock, pid_t pid, struct taskstats *stats)
{
	const struct nlattr *both, *a = NULL;
	const unsigned int number = pid;
	struct message m;
	int family, err;
	size_t len;

	family = family_of_taskstats(sock, &m);
	if (family < 0)
		return family;
	err = ask(sock, &m, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID,
		  &number, sizeof(number));
	if (err)
		return err;
	both = answer(&m, TASKSTATS_TYPE_AGGR_PID);
	if (both)
		a = find(payload(both), both->nla_len - NLA_HDRLEN,
			 TASKSTATS_TYPE_STATS);
	if (!a)
		return -EPROTO;
	/* A newer kernel sends more than the structure has. */
	len = a->nla_len - NLA_HDRLEN;
	memset(stats, 0, sizeof(*stats));
	memcpy(stats, payload(a), len < sizeof(*stats) ? len : sizeof(*stats));
	return 0;
}

struct taskstats_numbers taskstats__get(pid_t pid)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct taskstats stats;
	int err;

	if (sock < 0)
		return (struct taskstats_numbers){ -errno, -errno };
	err = ask_about(sock, pid, &stats);
	close(sock);
	if (err)
		return (struct taskstats_numbers){ err, err };
	return (struct taskstats_numbers){ stats.ac_pid, stats.ac_ppid };
}
