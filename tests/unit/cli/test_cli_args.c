/* Command lines, understood or refused. */
#include "app/cli/cli_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 32 };

/* What was understood, written as "command|option=value,...|operand,...". */
static const struct {
    const char *line;
    const char *understood; /* NULL: refused */
} rows[] = {
    {"share a", "share||a"},
    {"share a b c --title T", "share|title=T|a,b,c"},
    {"share --title=T a --no-wait b", "share|title=T,no-wait=|a,b"},
    {"--state S --json share a", "share|state=S,json=|a"},
    {"--state=S share a --json", "share|state=S,json=|a"},
    {"share --state S a", "share|state=S|a"},
    {"share a --state", NULL},
    {"share", NULL},
    {"share -- --title", "share||--title"},
    {"share a --only b", NULL},
    {"shares", "shares||"},
    {"shares x", NULL},
    {"get L T", "get||L,T"},
    {"get - T --only a --only b/c", "get|only=b/c(2)|-,T"},
    {"get L", NULL},
    {"get L T more", NULL},
    {"ls L", "ls||L"},
    {"ls L p --recursive", "ls|recursive=|L,p"},
    {"server add n --host h --port 119 --tls --user u --password-file f --connections 5 --group g",
        "server add|host=h,port=119,tls=,user=u,password-file=f,connections=5,group=g|n"},
    {"--json server --state S list", "server list|state=S,json=|"},
    {"server", NULL},
    {"server paint", NULL},
    {"server list x", NULL},
    {"link 3", "link||3"},
    {"logs 3", "logs||3"},
    {"jobs --all", "jobs|all=|"},
    {"ui", "ui||"},
    {"ui --no-open", "ui|no-open=|"},
    {"ui --logout-all", "ui|logout-all=|"},
    {"ui --metrics-token", "ui|metrics-token=|"},
    {"ui --set-password --password-file f", "ui|password-file=f,set-password=|"},
    {"ui x", NULL},
    {"link 3 --write-key", "link|write-key=|3"},
    {"versions L", "versions||L"},
    {"versions", NULL},
    {"get L T --version 3 --conflict keep --dry-run", "get|version=3,conflict=keep,dry-run=|L,T"},
    {"get L T --verify", "get|verify=|L,T"},
    {"get L T --version", NULL},
    {"ls L --version=2 p", "ls|version=2|L,p"},
    {"adopt - a b", "adopt||-,a,b"},
    {"adopt -", NULL},
    {"recover", "recover||"},
    {"recover x", NULL},
    {"server add n --host h --user u --allow-plain-password",
        "server add|host=h,user=u,allow-plain-password=|n"},
    {"share a --ignore f --ignore-rule x --ignore-rule y --one-file-system",
        "share|ignore=f,ignore-rule=y,one-file-system=(2)|a"},
    {"share a --all-file-systems", "share|all-file-systems=|a"},
    {"share a --redundancy lean", "share|redundancy=lean|a"},
    {"share a --redundancy", NULL},
    {"daemon stop", "daemon stop||"},
    {"help server add", "help||server,add"},
    {"get --help", "get|help=|"},
    {"get -h", "get|help=|"},
    {"get -x L T", NULL},
    {"", NULL},
    {"--json", NULL},
    {"--state", NULL},
    {"--state share", NULL},
    {"paint a", NULL},
    {"Share a", NULL},
};

static const char *const names[CLI_OPTIONS] = {"state", "json", "help", "title", "no-wait", "only",
    "recursive", "host", "port", "tls", "tls-ca", "user", "password-file", "connections", "group",
    "allow-plain-password", "all", "version", "conflict", "dry-run", "verify", "write-key",
    "ignore", "ignore-rule", "one-file-system", "all-file-systems", [CLI_REDUNDANCY] = "redundancy",
    [CLI_DEEP] = "deep", [CLI_NO_OPEN] = "no-open", [CLI_LOGOUT_ALL] = "logout-all",
    [CLI_METRICS_TOKEN] = "metrics-token", [CLI_SET_PASSWORD] = "set-password"};

static void write_down(const struct cli_args *args, char *text, size_t cap)
{
    size_t len = (size_t)snprintf(text, cap, "%s|", args->command->name);
    const char *comma = "";

    for (int i = 0; i < CLI_OPTIONS; i++) {
        if (args->value[i] != NULL) {
            len +=
                (size_t)snprintf(text + len, cap - len, "%s%s=%s", comma, names[i], args->value[i]);
            comma = ",";
        }
    }
    if (args->list_count > 0) {
        len += (size_t)snprintf(text + len, cap - len, "(%zu)", args->list_count);
    }
    for (int i = 0; i < args->operand_count; i++) {
        len +=
            (size_t)snprintf(text + len, cap - len, "%s%s", i == 0 ? "|" : ",", args->operands[i]);
    }
    if (args->operand_count == 0) {
        (void)snprintf(text + len, cap - len, "|");
    }
}

static int split(char *line, char *argv[WORDS_MAX])
{
    int argc = 0;
    char *word;

    argv[argc++] = line + strlen(line); /* argv[0] */
    while ((word = strsep(&line, " ")) != NULL) {
        if (word[0] != '\0') {
            argv[argc++] = word;
        }
    }
    argv[argc] = NULL;
    return argc;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[256], text[512];
        char *argv[WORDS_MAX];
        struct cli_args args;
        int argc;
        bool good;

        print_message("%s\n", rows[i].line);
        (void)snprintf(line, sizeof(line), "%s", rows[i].line);
        argc = split(line, argv);
        good = cli_args_init(&args, argc, argv);
        assert_int_equal(good, rows[i].understood != NULL);
        if (good) {
            write_down(&args, text, sizeof(text));
            assert_string_equal(text, rows[i].understood);
        } else {
            assert_true(args.wrong[0] != '\0');
        }
        cli_args_clear(&args);
    }
}

/* Every command has what help shows. */
static void test_table(void **state)
{
    (void)state;
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        assert_non_null(c->usage);
        assert_non_null(c->run);
        assert_true(strlen(c->summary) > 10);
        assert_int_equal(c->takes[sizeof(c->takes) / sizeof(c->takes[0]) - 1], CLI_STATE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
