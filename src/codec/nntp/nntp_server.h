/* The server's ear: command lines in, and after 340 an article, as a step machine that knows no
 * socket. */
#ifndef CODEC_NNTP_NNTP_SERVER_H
#define CODEC_NNTP_NNTP_SERVER_H

#include "base/bytes.h"
#include "codec/nntp/nntp_block.h"
#include "codec/nntp/nntp_cmd.h"

enum nntp_server_event {
    NNTP_SERVER_MORE,     /* `in` is used up; call again with more */
    NNTP_SERVER_COMMAND,  /* *text is a command line without its CR LF; parse it */
    NNTP_SERVER_TOO_LONG, /* a line over NNTP_COMMAND_MAX was skipped: answer 501 */
    NNTP_SERVER_DATA,     /* *text is the next piece of the article, raw (see nntp_block_step) */
    NNTP_SERVER_END,      /* the article is complete: answer 240 or 441 */
    NNTP_SERVER_TOO_BIG,  /* it is complete, but over its limit and cut: answer 441 */
};

enum nntp_server_state { NNTP_SERVER_LINE, NNTP_SERVER_SKIP, NNTP_SERVER_ARTICLE };

/* One client's reader; the caller's storage, fields private. */
struct nntp_server {
    enum nntp_server_state state;
    struct nntp_block block;
    uint64_t article_left;
    enum { NNTP_SERVER_FITS, NNTP_SERVER_CUT } article; /* CUT: its limit was passed */
    size_t line_len;
    uint8_t line[NNTP_COMMAND_MAX];
};

/* Start to listen for commands. */
void nntp_server_init(struct nntp_server *server);

/* What comes next is an article of at most `max` raw bytes, not a command: call it when the answer
 * to POST is 340, before more is fed. Bytes above `max` are taken and dropped. */
void nntp_server_take_article(struct nntp_server *server, uint64_t max);

/* Take bytes from the front of *in, advancing it, until an event is ready. Only CR LF ends a line:
 * a bare LF stays in the line, where nntp_command_parse finds it. *text dies with the next step. */
enum nntp_server_event nntp_server_step(
    struct nntp_server *server, struct bytes *in, struct bytes *text);

enum nntp_verb {
    NNTP_VERB_BAD,     /* empty, or CR, LF or NUL in it, or too many words: answer 501 */
    NNTP_VERB_UNKNOWN, /* answer 500 */
    NNTP_VERB_ARTICLE,
    NNTP_VERB_AUTHINFO_PASS, /* rest: the password, spaces and all */
    NNTP_VERB_AUTHINFO_USER, /* rest: the user name */
    NNTP_VERB_AUTHINFO,      /* another kind of AUTHINFO; words: all behind it, as in LIST, MODE */
    NNTP_VERB_BODY,
    NNTP_VERB_CAPABILITIES,
    NNTP_VERB_DATE,
    NNTP_VERB_GROUP,
    NNTP_VERB_HEAD,
    NNTP_VERB_HELP,
    NNTP_VERB_LAST,
    NNTP_VERB_LIST,
    NNTP_VERB_LISTGROUP,
    NNTP_VERB_MODE,
    NNTP_VERB_MODE_READER,
    NNTP_VERB_NEXT,
    NNTP_VERB_OVER, /* XOVER too */
    NNTP_VERB_POST,
    NNTP_VERB_QUIT,
    NNTP_VERB_STAT,
};

enum { NNTP_COMMAND_WORDS = 4 };

/* A command line, taken apart; views into the line. */
struct nntp_command {
    enum nntp_verb verb;
    size_t count;                           /* words behind the verb */
    struct bytes words[NNTP_COMMAND_WORDS]; /* split at spaces and tabs */
    struct bytes rest;                      /* everything behind the verb and one space */
};

/* Take a command line apart. Verbs are found in any case (RFC 3977 section 3.1). */
void nntp_command_parse(struct bytes line, struct nntp_command *command);

#endif
