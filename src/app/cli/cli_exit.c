/* From error to exit code: first by name, then by kind. */
#include "app/cli/cli_exit.h"

#include <stddef.h>
#include <string.h>

static const struct {
    enum err err;
    enum cli_exit code;
} by_name[] = {
    {ERR_CANCELLED, CLI_EXIT_FAILED},
    {ERR_LOCKED, CLI_EXIT_BUSY},
    {ERR_FORK, CLI_EXIT_BUSY},
    {ERR_JOB_STATE, CLI_EXIT_BUSY},
    {ERR_NO_JOB, CLI_EXIT_NOT_FOUND},
    {ERR_PATH_NOT_IN_SHARE, CLI_EXIT_NOT_FOUND},
    {ERR_SHARE_BLOCKED, CLI_EXIT_NOT_FOUND},
    {ERR_OLDER_VERSION, CLI_EXIT_NOT_FOUND},
    {ERR_ARTICLES_LOST, CLI_EXIT_LOST},
    {ERR_NO_PROVIDER, CLI_EXIT_SERVER},
    {ERR_RETRIES_USED_UP, CLI_EXIT_SERVER},
    {ERR_EXISTS, CLI_EXIT_LOCAL},
    {ERR_NOT_DIRECTORY, CLI_EXIT_LOCAL},
    {ERR_IS_DIRECTORY, CLI_EXIT_LOCAL},
    {ERR_NOT_EMPTY, CLI_EXIT_LOCAL},
    {ERR_NOTHING_TO_SHARE, CLI_EXIT_LOCAL},
    {ERR_STORE_CORRUPT, CLI_EXIT_LOCAL},
    {ERR_NO_PAGE, CLI_EXIT_LOCAL},
    {ERR_PAGE_PASSWORD, CLI_EXIT_LOCAL},
    {ERR_UNSAFE_PATH, CLI_EXIT_LOST},
    {ERR_CHANGED, CLI_EXIT_FAILED},
};

static enum cli_exit by_kind(enum err_kind kind)
{
    switch (kind) {
    case KIND_NONE:
        return CLI_EXIT_OK;
    case KIND_RETRY:
    case KIND_REFUSED:
        return CLI_EXIT_SERVER;
    case KIND_MISSING:
        return CLI_EXIT_NOT_FOUND;
    case KIND_CORRUPT:
        return CLI_EXIT_LOST;
    case KIND_USER:
        return CLI_EXIT_USAGE;
    case KIND_LOCAL:
        return CLI_EXIT_LOCAL;
    default:
        return CLI_EXIT_FAILED;
    }
}

enum cli_exit cli_exit_code(enum err err)
{
    for (size_t i = 0; i < sizeof(by_name) / sizeof(by_name[0]); i++) {
        if (by_name[i].err == err) {
            return by_name[i].code;
        }
    }
    return by_kind(err_kind(err));
}

enum err cli_exit_err(const char *name)
{
    for (int err = OK; err < ERR_COUNT; err++) {
        if (name != NULL && strcmp(err_name((enum err)err), name) == 0) {
            return (enum err)err;
        }
    }
    return ERR_BUG;
}
