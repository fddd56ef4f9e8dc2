/* ui: a login link for the web page, and the browser that opens it. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/cli/cmd.h"

enum { WATCH_TENTHS = 20, TENTH_NS = 100000000 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0';
}

/* Did it do its work? Some openers stay as long as the browser: that is good enough soon. */
static bool went_well(pid_t pid)
{
    const struct timespec tenth = {.tv_nsec = TENTH_NS};
    int status = 0;

    for (int i = 0; i < WATCH_TENTHS; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid) {
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        (void)nanosleep(&tenth, NULL);
    }
    return true;
}

/* In a session of its own, so that Ctrl-C here does not end a browser; and silent. */
static bool spawn(char *argv[])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = 0;
    bool good = false;

    if (posix_spawn_file_actions_init(&actions) != 0) {
        return false;
    }
    if (posix_spawnattr_init(&attributes) == 0) {
        good = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0 &&
               posix_spawn_file_actions_addopen(
                   &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
               posix_spawn_file_actions_addopen(
                   &actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
               posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ) == 0 &&
               went_well(pid);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return good;
}

/* Open `file`: a page that leads to the link. The link itself never is an argument, which every
 * user of this machine may read. False: there is no display, or nothing that opens pages. */
static bool open_browser(const char *file)
{
    char opener[] = "xdg-open";
    char *argv[] = {opener, strdup(file), NULL};
    bool good = argv[1] != NULL && (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")) && spawn(argv);

    free(argv[1]);
    return good;
}

static int show_link(const struct cli *cli, const struct cli_args *args, const json_t *answer)
{
    if (cli->json) {
        cli_print_json(answer);
        return CLI_EXIT_OK;
    }
    (void)printf("%s\n", text_of(answer, "url"));
    (void)fflush(stdout);
    if (args->value[CLI_NO_OPEN] == NULL && open_browser(text_of(answer, "file"))) {
        (void)fputs("usenetsync: your browser opens it\n", stderr);
    } else {
        (void)fprintf(stderr,
            "usenetsync: open this in a browser of this machine within %lld seconds; it is good "
            "once\n",
            (long long)json_integer_value(json_object_get(answer, "expires_in")));
    }
    return CLI_EXIT_OK;
}

static int show_token(const struct cli *cli, const struct cli_args *args, const json_t *answer)
{
    (void)args;
    if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("%s\n", text_of(answer, "token"));
    }
    return CLI_EXIT_OK;
}

static int show_password(const struct cli *cli, const struct cli_args *args, const json_t *answer)
{
    (void)args;
    if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)puts("the web page has this password now");
    }
    return CLI_EXIT_OK;
}

static int show_logout(const struct cli *cli, const struct cli_args *args, const json_t *answer)
{
    long long ended = (long long)json_integer_value(json_object_get(answer, "ended"));

    (void)args;

    if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("%lld session%s of the web page ended\n", ended, ended == 1 ? "" : "s");
    }
    return CLI_EXIT_OK;
}

/* What each option asks for, and what shows the answer. */
static const struct way {
    enum cli_option option; /* CLI_STATE: none of them */
    const char *path;
    int (*show)(const struct cli *cli, const struct cli_args *args, const json_t *answer);
} ways[] = {
    {CLI_LOGOUT_ALL, "/api/session/logout", show_logout},
    {CLI_METRICS_TOKEN, "/api/metrics-token", show_token},
    {CLI_SET_PASSWORD, "/api/page-password", show_password},
    {CLI_STATE, "/api/login-link", show_link},
};

static const struct way *way_of(const struct cli_args *args)
{
    const struct way *way = ways;

    while (way->option != CLI_STATE && args->value[way->option] == NULL) {
        way++;
    }
    return way;
}

static int ask(struct cli *cli, const struct cli_args *args, const json_t *body)
{
    const struct way *way = way_of(args);
    json_t *answer = NULL;
    int code = cli_connect(cli, args);

    if (code == CLI_EXIT_OK) {
        code = cli_ask(cli, "POST", way->path, body, &answer) == OK ? way->show(cli, args, answer)
                                                                    : cli_tell(cli, &cli->failure);
    }
    json_decref(answer);
    return code;
}

int cmd_ui(struct cli *cli, const struct cli_args *args)
{
    char password[CMD_PASSWORD_ROOM] = "";
    bool sets = way_of(args)->option == CLI_SET_PASSWORD;
    int code = sets ? cmd_password(cli, args, password) : CLI_EXIT_OK;
    json_t *body;

    if (code == CLI_EXIT_OK) {
        body = sets ? json_pack("{s:s}", "password", password) : json_pack("{s:b}", "all", 1);
        code = ask(cli, args, body);
        json_decref(body);
    }
    bytes_wipe(password, sizeof(password));
    return code;
}
