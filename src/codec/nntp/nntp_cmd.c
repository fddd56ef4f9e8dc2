/* One table of commands: the words, what argument belongs to them, what their success looks like.
 */
#include "codec/nntp/nntp_cmd.h"

#include <string.h>

#include "codec/nntp/nntp_id.h"

enum { GROUP_MAX = 128 };

enum argument { ARG_NONE, ARG_TEXT, ARG_GROUP, ARG_GROUP_OR_NONE, ARG_ID };

struct row {
    const char *words; /* NULL: never sent as a line */
    enum argument argument;
    enum nntp_shape shape;
};

static const struct row rows[NNTP_CMD_COUNT] = {
    [NNTP_CMD_GREETING] = {NULL, ARG_NONE, NNTP_SINGLE},
    [NNTP_CMD_CAPABILITIES] = {"CAPABILITIES", ARG_NONE, NNTP_MULTI},
    [NNTP_CMD_MODE_READER] = {"MODE READER", ARG_NONE, NNTP_SINGLE},
    [NNTP_CMD_AUTH_USER] = {"AUTHINFO USER", ARG_TEXT, NNTP_SINGLE},
    [NNTP_CMD_AUTH_PASS] = {"AUTHINFO PASS", ARG_TEXT, NNTP_SINGLE},
    [NNTP_CMD_GROUP] = {"GROUP", ARG_GROUP, NNTP_SINGLE},
    [NNTP_CMD_LIST_ACTIVE] = {"LIST ACTIVE", ARG_GROUP_OR_NONE, NNTP_MULTI},
    [NNTP_CMD_STAT] = {"STAT", ARG_ID, NNTP_SINGLE},
    [NNTP_CMD_HEAD] = {"HEAD", ARG_ID, NNTP_MULTI},
    [NNTP_CMD_BODY] = {"BODY", ARG_ID, NNTP_MULTI},
    [NNTP_CMD_ARTICLE] = {"ARTICLE", ARG_ID, NNTP_MULTI},
    [NNTP_CMD_POST] = {"POST", ARG_NONE, NNTP_SINGLE},
    [NNTP_CMD_POST_DATA] = {NULL, ARG_NONE, NNTP_SINGLE},
    [NNTP_CMD_DATE] = {"DATE", ARG_NONE, NNTP_SINGLE},
    [NNTP_CMD_QUIT] = {"QUIT", ARG_NONE, NNTP_SINGLE},
};

static bool is_group_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '_';
}

bool nntp_group_valid(struct bytes name)
{
    uint8_t before = '.';

    if (name.len == 0 || name.len > GROUP_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.ptr[i];

        if (!is_group_char(c) && (c != '.' || before == '.')) {
            return false;
        }
        before = c;
    }
    return before != '.';
}

/* User names and passwords: RFC 4643 lets them hold anything but what ends a line; spaces too are
 * taken by most servers. */
static bool text_valid(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0') {
            return false;
        }
    }
    return text.len > 0;
}

static bool argument_valid(enum argument kind, struct bytes arg)
{
    switch (kind) {
    case ARG_NONE:
        return arg.len == 0;
    case ARG_TEXT:
        return text_valid(arg);
    case ARG_GROUP:
        return nntp_group_valid(arg);
    case ARG_GROUP_OR_NONE:
        return arg.len == 0 || nntp_group_valid(arg);
    case ARG_ID:
        return nntp_id_valid(arg);
    }
    return false;
}

enum err nntp_cmd_append(struct buf *out, enum nntp_cmd cmd, struct bytes arg)
{
    const struct row *row = (unsigned)cmd < NNTP_CMD_COUNT ? &rows[cmd] : &rows[0];
    size_t start = out->len;
    size_t len;
    enum err err;

    if (row->words == NULL || !argument_valid(row->argument, arg)) {
        return ERR_BAD_REQUEST;
    }
    len = strlen(row->words) + (arg.len > 0) + arg.len + 2;
    if (len > NNTP_COMMAND_MAX) {
        return ERR_BAD_REQUEST;
    }
    err = buf_resize(out, start + len);
    if (err == OK) {
        uint8_t *p = out->ptr + start;

        memcpy(p, row->words, strlen(row->words));
        p += strlen(row->words);
        if (arg.len > 0) {
            *p++ = ' ';
            memcpy(p, arg.ptr, arg.len);
            p += arg.len;
        }
        memcpy(p, "\r\n", 2);
    }
    return err;
}

enum nntp_shape nntp_cmd_shape(enum nntp_cmd cmd)
{
    return (unsigned)cmd < NNTP_CMD_COUNT ? rows[cmd].shape : NNTP_SINGLE;
}
