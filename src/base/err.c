/* The table behind the list of errors. */
#include "base/err.h"

#include <errno.h>
#include <stddef.h>

struct err_row {
    const char *name;
    enum err_kind kind;
    const char *text;
};

#define ERR_ROW(name, kind, text) {#name, kind, text},
static const struct err_row rows[] = {ERR_LIST(ERR_ROW)};
#undef ERR_ROW

static const struct err_row *row_of(enum err err)
{
    return &rows[(size_t)err < ERR_COUNT ? (size_t)err : (size_t)ERR_BUG];
}

enum err_kind err_kind(enum err err)
{
    return row_of(err)->kind;
}

const char *err_text(enum err err)
{
    return row_of(err)->text;
}

const char *err_name(enum err err)
{
    return row_of(err)->name;
}

enum err err_from_errno(int code)
{
    switch (code) {
    case 0:
        return OK;
    case ENOMEM:
        return ERR_NO_MEMORY;
    case ENOSPC:
    case EDQUOT:
        return ERR_DISK_FULL;
    case EIO:
        return ERR_DISK_IO;
    case EACCES:
    case EPERM:
        return ERR_PERMISSION;
    case ENOENT:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    case ENOTDIR:
        return ERR_NOT_DIRECTORY;
    case EISDIR:
        return ERR_IS_DIRECTORY;
    case ENOTEMPTY:
        return ERR_NOT_EMPTY;
    case EROFS:
        return ERR_READ_ONLY;
    case ELOOP:
    case EXDEV:
        return ERR_UNSAFE_PATH;
    case EMFILE:
    case ENFILE:
        return ERR_TOO_MANY_FILES;
    case ETIMEDOUT:
        return ERR_TIMEOUT;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return ERR_CONNECT;
    case ECONNRESET:
    case EPIPE:
        return ERR_CONNECTION_LOST;
    default:
        return ERR_SYSTEM;
    }
}
