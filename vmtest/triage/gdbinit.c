// SPDX-License-Identifier: GPL-2.0-only
/* Composes the gdbinit of a live or replayed guest, with commands for its tasks. */
#include "vmtest/triage/gdbinit.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "vmtest/triage/symtab.h"

static const char task_commands[] =
	"# These commands read the guest's memory, and work wherever the guest stopped.\n"
	"define task-of\n"
	"  set $task = (struct task_struct *)0\n"
	"  set $task_off = (unsigned long)&((struct task_struct *)0)->tasks\n"
	"  set $task_at = init_task.tasks.next\n"
	"  while $task_at != &init_task.tasks && $task == 0\n"
	"    set $task_one = (struct task_struct *)((char *)$task_at - $task_off)\n"
	"    if $task_one->thread_pid != 0 && $task_one->thread_pid->numbers[0].nr == $arg0\n"
	"      set $task = $task_one\n"
	"    end\n"
	"    set $task_at = $task_at->next\n"
	"  end\n"
	"  if $task == 0\n"
	"    printf \"no task has pid %d here\\n\", $arg0\n"
	"  else\n"
	"    printf \"$task = %p, struct pid %p, task->pid %d, \\\"%s\\\"\\n\", $task, $task->thread_pid, $task->pid, $task->comm\n"
	"  end\n"
	"end\n"
	"document task-of\n"
	"task-of PID: $task is the task whose struct pid has that number at level 0.\n"
	"end\n"
	"define watch-pid\n"
	"  task-of $arg0\n"
	"  watch -l $task->thread_pid\n"
	"end\n"
	"document watch-pid\n"
	"watch-pid PID: stops where the struct pid of that task is written.\n"
	"end\n"
	"define watch-number\n"
	"  task-of $arg0\n"
	"  watch -l $task->pid\n"
	"end\n"
	"document watch-number\n"
	"watch-number PID: stops where the task->pid of that task is written.\n"
	"end\n";

static const char replay_commands[] =
	"define at\n"
	"  monitor info replay\n"
	"end\n"
	"document at\n"
	"at: prints the number of instructions executed so far.\n"
	"end\n"
	"define go\n"
	"  monitor replay_break $arg0\n"
	"  continue\n"
	"end\n"
	"document go\n"
	"go N: runs forwards until N instructions have been executed.\n"
	"end\n"
	"define keep\n"
	"  monitor savevm $arg0\n"
	"end\n"
	"document keep\n"
	"keep NAME: saves a snapshot here; running backwards from a later place starts at it.\n"
	"end\n";

/*
 * Returns the path of vmlinux.debug beside the image or, if only the image has
 * symbols, of the image; free it.
 */
static char *symbol_file(const char *kernel)
{
	const char *slash = strrchr(kernel, '/');
	char *path = xasprintf("%.*svmlinux.debug",
			       (int)(slash ? slash + 1 - kernel : 0), kernel);
	struct symtab own = { 0 };

	if (access(path, R_OK) && !symtab__load(&own, kernel)) {
		free(path);
		path = xstrdup(kernel);
	}
	symtab__free(&own);
	return path;
}

/* end-of-run stops before the last instruction, which ends QEMU. */
static char *end_command(const struct gdb_guest *g)
{
	if (g->instructions <= 1)
		return xstrdup("");
	return xasprintf("define end-of-run\n  go %llu\nend\n"
			 "document end-of-run\nend-of-run: runs forwards to the end of the recording.\nend\n",
			 (unsigned long long)g->instructions - 1);
}

static char *symbol_lines(const char *file)
{
	const char *src = getenv("KERNEL_SRC");
	auto_free char *sources = src && *src ? realpath(src, NULL) : NULL;

	return xasprintf("file %s\n%s%s%s", file,
			 sources ? "directory " : "",
			 sources ? sources : "", sources ? "\n" : "");
}

int gdbinit__write(const struct gdb_guest *g, const char *dir)
{
	auto_free char *file = symbol_file(g->kernel), *end = end_command(g);
	auto_free char *path = xasprintf("%s/" GDB_INIT, dir), *full = realpath(dir, NULL);
	auto_free char *symbols = NULL, *text = NULL;
	int err = access(file, R_OK) ? -errno : 0;

	if (err && g->replayed) {
		msg__error("%s: %s; gdb needs it: it lies beside each kernel that `make kernel' builds",
			  file, strerror(-err));
		return err;
	}
	if (err)
		msg__note("%s: %s; gdb has no symbols of this kernel", file, strerror(-err));
	symbols = err ? xstrdup("") : symbol_lines(file);
	text = xasprintf("# Made by vmtest %s--gdb.\n"
			 "set pagination off\n"
			 "set confirm off\n"
			 "cd %s\n"
			 "%s"
			 "target remote ./" GDB_SOCKET "\n"
			 "%s%s%s", g->replayed ? "replay " : "",
			 full ? full : dir, symbols, err ? "" : task_commands,
			 g->replayed ? replay_commands : "", end);
	err = write_file_atomic(path, text, strlen(text));
	if (err)
		msg__error("%s: %s", path, strerror(-err));
	return err;
}
