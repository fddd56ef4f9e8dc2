/* Passwords, from a file or from the terminal, and never from an argument. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/cli/cmd.h"

/* The first line of a file, without its end. */
static enum err read_line(FILE *from, char room[CMD_PASSWORD_ROOM])
{
    size_t len;

    if (fgets(room, CMD_PASSWORD_ROOM, from) == NULL) {
        return ferror(from) ? err_from_errno(errno) : ERR_BAD_FORMAT;
    }
    len = strcspn(room, "\r\n");
    if (room[len] == '\0' && len == CMD_PASSWORD_ROOM - 1) {
        return ERR_LIMIT;
    }
    room[len] = '\0';
    return OK;
}

/* Ask on the terminal without showing what is typed. */
static enum err ask_password(char room[CMD_PASSWORD_ROOM])
{
    FILE *terminal = fopen("/dev/tty", "r+");
    struct termios before, quiet;
    enum err err;

    if (terminal == NULL || tcgetattr(fileno(terminal), &before) != 0) {
        if (terminal != NULL) {
            (void)fclose(terminal);
        }
        return ERR_NOT_FOUND;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)fputs("password: ", terminal);
    (void)fflush(terminal);
    (void)tcsetattr(fileno(terminal), TCSAFLUSH, &quiet);
    err = read_line(terminal, room);
    (void)tcsetattr(fileno(terminal), TCSAFLUSH, &before);
    (void)fputc('\n', terminal);
    (void)fclose(terminal);
    return err;
}

int cmd_password(struct cli *cli, const struct cli_args *args, char room[CMD_PASSWORD_ROOM])
{
    const char *name = args->value[CLI_PASSWORD_FILE];
    char text[CLI_TEXT_MAX];
    FILE *file;
    enum err err;

    room[0] = '\0';
    if (name == NULL) {
        if (ask_password(room) == OK) {
            return CLI_EXIT_OK;
        }
        return cli_tell_err(
            cli, ERR_BAD_REQUEST, "a password is needed", "give it with --password-file FILE");
    }
    file = fopen(name, "re");
    err = file != NULL ? read_line(file, room) : err_from_errno(errno);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (err == OK) {
        return CLI_EXIT_OK;
    }
    (void)snprintf(text, sizeof(text), "the password file %.1000s cannot be read: %s", name,
        err == ERR_BAD_FORMAT ? "it is empty" : err_text(err));
    return cli_tell_err(cli, err == ERR_BAD_FORMAT ? ERR_BAD_REQUEST : err, text, NULL);
}
