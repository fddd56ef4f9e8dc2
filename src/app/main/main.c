/* main(): one table that hands over. */
#include <string.h>

#include "app/cli/cli.h"
#include "app/daemon/daemon.h"
#include "app/daemon/recover.h"
#include "app/newsd/newsd_main.h"
#include "app/par2/par2_main.h"
#include "flow/restore/restore_helper.h"

enum help { BY_COMMAND_LINE, ITS_OWN };

static const struct {
    const char *word;
    int (*run)(int argc, char **argv);
    enum help help;
} programs[] = {
    {"newsd", newsd_main, BY_COMMAND_LINE}, {"daemon", daemon_main, BY_COMMAND_LINE},
    {"par2", par2_main, ITS_OWN}, {"recover", recover_main, BY_COMMAND_LINE},
    {RESTORE_HELPER, restore_helper_main, ITS_OWN}, /* of the daemon, not of people */
};

/* Only words count here; help and `daemon stop` are the command line's. */
static int asks_command_line(int argc, char **argv, int word)
{
    int next = cli_args_word(argc, argv, word + 1);

    if (next < argc && strcmp(argv[word], "daemon") == 0 && strcmp(argv[next], "stop") == 0) {
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return 1;
        }
    }
    return 0;
}

/* Make the word argv[0], so that what it names sees its own options only. */
static int shift(int argc, char **argv, int word)
{
    argv[0] = argv[word];
    memmove(&argv[word], &argv[word + 1], (size_t)(argc - word) * sizeof(*argv));
    return argc - 1;
}

int main(int argc, char **argv)
{
    int word = cli_args_word(argc, argv, 1);

    for (size_t i = 0; word < argc && i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (strcmp(argv[word], programs[i].word) == 0 &&
            (programs[i].help == ITS_OWN || !asks_command_line(argc, argv, word))) {
            return programs[i].run(shift(argc, argv, word), argv);
        }
    }
    return cli_main(argc, argv);
}
