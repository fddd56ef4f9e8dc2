/* The client's mouth: NNTP commands, checked so that no argument can become a second command. */
#ifndef CODEC_NNTP_NNTP_CMD_H
#define CODEC_NNTP_NNTP_CMD_H

#include <stdbool.h>

#include "base/bytes.h"
#include "codec/nntp/nntp_rx.h"

enum {
    NNTP_COMMAND_MAX = 512
}; /* octets of a command line, CR LF included (RFC 3977 section 3.1) */

/* What a reply can answer: the commands, and two moments that are no command line. */
enum nntp_cmd {
    NNTP_CMD_GREETING, /* the server speaks first; never sent */
    NNTP_CMD_CAPABILITIES,
    NNTP_CMD_MODE_READER,
    NNTP_CMD_AUTH_USER,   /* argument: user name */
    NNTP_CMD_AUTH_PASS,   /* argument: password */
    NNTP_CMD_GROUP,       /* argument: newsgroup */
    NNTP_CMD_LIST_ACTIVE, /* argument: newsgroup, or empty for all */
    NNTP_CMD_STAT,        /* argument: <id>, and so for the next three */
    NNTP_CMD_HEAD,
    NNTP_CMD_BODY,
    NNTP_CMD_ARTICLE,
    NNTP_CMD_POST,
    NNTP_CMD_POST_DATA, /* the article after 340; never sent as a line */
    NNTP_CMD_DATE,
    NNTP_CMD_QUIT,
    NNTP_CMD_COUNT,
};

/* Append the command line with its CR LF to *out.
 * ERR_BAD_REQUEST, *out unchanged: an argument where none belongs or none where one does, a bad id
 * or group name, CR, LF or NUL anywhere, a line over NNTP_COMMAND_MAX, or a cmd that is no line. */
MUST_USE enum err nntp_cmd_append(struct buf *out, enum nntp_cmd cmd, struct bytes arg);

/* What to tell nntp_rx_expect() about the reply to `cmd`. */
enum nntp_shape nntp_cmd_shape(enum nntp_cmd cmd);

/* Is `name` one newsgroup name: dot-separated parts of letters, digits, '+', '-' and '_', at most
 * 128 octets (RFC 5536 section 3.1.4)? */
bool nntp_group_valid(struct bytes name);

#endif
