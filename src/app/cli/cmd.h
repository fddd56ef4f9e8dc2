/* The commands; the table is in cli_commands.c, each lives in its own file. All return the exit
 * code. */
#ifndef APP_CLI_CMD_H
#define APP_CLI_CMD_H

#include "app/cli/cli.h"

int cmd_share(struct cli *cli, const struct cli_args *args);
int cmd_shares(struct cli *cli, const struct cli_args *args);
int cmd_link(struct cli *cli, const struct cli_args *args);
int cmd_versions(struct cli *cli, const struct cli_args *args);
int cmd_check(struct cli *cli, const struct cli_args *args);
int cmd_export(struct cli *cli, const struct cli_args *args);
int cmd_adopt(struct cli *cli, const struct cli_args *args);
int cmd_get(struct cli *cli, const struct cli_args *args);
int cmd_ls(struct cli *cli, const struct cli_args *args);
int cmd_status(struct cli *cli, const struct cli_args *args);
int cmd_jobs(struct cli *cli, const struct cli_args *args);
int cmd_logs(struct cli *cli, const struct cli_args *args);
int cmd_pause(struct cli *cli, const struct cli_args *args);
int cmd_resume(struct cli *cli, const struct cli_args *args);
int cmd_cancel(struct cli *cli, const struct cli_args *args);
int cmd_retry(struct cli *cli, const struct cli_args *args);
int cmd_priority(struct cli *cli, const struct cli_args *args);
int cmd_limit(struct cli *cli, const struct cli_args *args);
int cmd_forget(struct cli *cli, const struct cli_args *args);
int cmd_server_add(struct cli *cli, const struct cli_args *args);
int cmd_server_change(struct cli *cli, const struct cli_args *args);
int cmd_server_list(struct cli *cli, const struct cli_args *args);
int cmd_server_test(struct cli *cli, const struct cli_args *args);
int cmd_server_pause(struct cli *cli, const struct cli_args *args);
int cmd_server_resume(struct cli *cli, const struct cli_args *args);
int cmd_server_remove(struct cli *cli, const struct cli_args *args);
int cmd_ui(struct cli *cli, const struct cli_args *args);
int cmd_daemon_stop(struct cli *cli, const struct cli_args *args);
int cmd_version(struct cli *cli, const struct cli_args *args);
int cmd_help(struct cli *cli, const struct cli_args *args);

/* The password: the first line of --password-file, else what is typed on the terminal, which does
 * not show it. On error it has been told; the exit code. Wipe `room`. */
enum { CMD_PASSWORD_ROOM = 520 };
int cmd_password(struct cli *cli, const struct cli_args *args, char room[CMD_PASSWORD_ROOM]);

/* A number that must be at least 1, or a string that the daemon will not like: it has the sentence.
 * NULL for NULL. */
json_t *cmd_number(const char *text);

/* "500K", "2M", "1G", "3T" or a number of bytes; "none" is null. What is neither becomes text, for
 * which the daemon has the sentence. NULL for NULL. */
json_t *cmd_size(const char *text);

/* Print how one command is used. */
int cmd_help_of(const struct cli_command *command);

/* A link that is given as "-" is read from standard input, white space around it cut off. `room` is
 * where it is kept. NULL: nothing could be read. */
const char *cmd_link_text(const char *given, char *room, int cap);

#endif
