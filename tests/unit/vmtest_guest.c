// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the place of the guest's programs, so that there are files to pack, and of
 * pidnstrace on the host: "replay TRACE --report json=FILE --report ktap=FILE" reports
 * the size of the trace as its number of events, and a violation of I17 if the trace
 * begins with "a trace"; "rules --format json" lists a few rules.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"

static int list_rules(void)
{
	static const char *const ids[] = { "I14", "I17", "I34", "I38", "I99" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		printf("{\"id\":\"%s\",\"statement\":\"What %s says.\"}\n",
		       ids[i], ids[i]);
	return 0;
}

int main(int argc, char **argv)
{
	struct stat st;
	char head[8] = "";
	bool guilty;
	FILE *f;

	if (argc == 4 && !strcmp(argv[1], "rules"))
		return list_rules();
	if (argc != 7 || strcmp(argv[1], "replay") || stat(argv[2], &st))
		return 2;
	f = fopen(argv[2], "r");
	guilty = f && fgets(head, sizeof(head), f) && !strcmp(head, "a trace");
	if (f)
		fclose(f);
	f = fopen(argv[4] + strlen("json="), "w");
	if (!f)
		return 2;
	fprintf(f, "{\"verdict\":\"%s\",\"reasons\":[\"truncated\"],\"events\":%lld,\"violations\":[%s]}\n",
		guilty ? "FAIL" : "INCONCLUSIVE", (long long)st.st_size,
		guilty ? "{\"rule\":\"I17\",\"count\":1}" : "");
	if (fclose(f))
		return 2;
	f = fopen(argv[6] + strlen("ktap="), "w");
	if (!f)
		return 2;
	fprintf(f, "KTAP version 1\n1..2\n%sok 1 I17\nnot ok 2 evidence\n",
		guilty ? "not " : "");
	return fclose(f) ? 2 : guilty ? 1 : 3;
}
