/* The judge of replies. Three tables, asked in turn: what each command hopes to hear, what servers
 * say in words, and what the bare code means. */
#include "codec/nntp/nntp_reply.h"

#include <string.h>

#include "codec/nntp/nntp_id.h"

enum { WORDS_MAX = 512 }; /* as much of a reply's text as is looked at */

/* Sets of commands. */
enum {
    ANY = (1 << NNTP_CMD_COUNT) - 1,
    LOGIN = 1 << NNTP_CMD_AUTH_USER | 1 << NNTP_CMD_AUTH_PASS,
    FETCH = 1 << NNTP_CMD_STAT | 1 << NNTP_CMD_HEAD | 1 << NNTP_CMD_BODY | 1 << NNTP_CMD_ARTICLE,
    POSTING = 1 << NNTP_CMD_POST | 1 << NNTP_CMD_POST_DATA,
};

struct code_row {
    unsigned cmds;
    int code;
    enum nntp_verdict verdict;
    enum err err;
};

static const struct code_row hopes[] = {
    {1 << NNTP_CMD_GREETING | 1 << NNTP_CMD_MODE_READER, 200, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_GREETING | 1 << NNTP_CMD_MODE_READER, 201, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_CAPABILITIES, 101, NNTP_DO_NEXT, OK},
    {LOGIN, 281, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_AUTH_USER, 381, NNTP_DO_GO_ON, OK},
    {1 << NNTP_CMD_GROUP, 211, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_LIST_ACTIVE, 215, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_STAT, 223, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_HEAD, 221, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_BODY, 222, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_ARTICLE, 220, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_POST, 340, NNTP_DO_GO_ON, OK},
    {1 << NNTP_CMD_POST_DATA, 240, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_DATE, 111, NNTP_DO_NEXT, OK},
    {1 << NNTP_CMD_QUIT, 205, NNTP_DO_NEXT, OK},
};

/* What a code means when its words said nothing; the first row that fits. */
static const struct code_row codes[] = {
    {FETCH, 420, NNTP_DO_MISSING, ERR_NO_ARTICLE},
    {FETCH, 423, NNTP_DO_MISSING, ERR_NO_ARTICLE},
    {FETCH, 430, NNTP_DO_MISSING, ERR_NO_ARTICLE},
    {FETCH, 451, NNTP_DO_MISSING, ERR_NO_ARTICLE}, /* removed on request */
    {FETCH | 1 << NNTP_CMD_GROUP, 411, NNTP_DO_REFUSE, ERR_NO_GROUP},
    {FETCH, 412, NNTP_DO_REFUSE, ERR_NO_GROUP}, /* wants GROUP first */
    {POSTING, 435, NNTP_DO_DUPLICATE, ERR_DUPLICATE},
    {POSTING, 436, NNTP_DO_LATER, ERR_SERVER_BUSY},
    {POSTING, 437, NNTP_DO_REFUSE, ERR_REJECTED},
    {POSTING, 440, NNTP_DO_STOP, ERR_POSTING_DENIED},
    {POSTING, 441, NNTP_DO_REFUSE, ERR_REJECTED},
    {LOGIN, 480, NNTP_DO_STOP, ERR_LOGIN},
    {ANY, 480, NNTP_DO_LOGIN, ERR_LOGIN_NEEDED},
    {1 << NNTP_CMD_AUTH_PASS, 381, NNTP_DO_STOP, ERR_LOGIN},
    {ANY, 452, NNTP_DO_STOP, ERR_LOGIN},
    {ANY, 481, NNTP_DO_STOP, ERR_LOGIN},
    {ANY, 482, NNTP_DO_STOP, ERR_LOGIN},
    {ANY, 483, NNTP_DO_STOP, ERR_TLS_NEEDED},
    {ANY, 205, NNTP_DO_RECONNECT, ERR_SERVER_BUSY},
    {ANY, 400, NNTP_DO_RECONNECT, ERR_SERVER_BUSY},
    {ANY, 403, NNTP_DO_LATER, ERR_SERVER_BUSY},
    {1 << NNTP_CMD_GREETING, 500, NNTP_DO_RECONNECT, ERR_SERVER_BUSY},
    {1 << NNTP_CMD_AUTH_PASS, 500, NNTP_DO_STOP, ERR_LOGIN},
    {ANY, 500, NNTP_DO_REFUSE, ERR_REJECTED},
    {LOGIN, 501, NNTP_DO_STOP, ERR_LOGIN},
    {ANY, 501, NNTP_DO_REFUSE, ERR_REJECTED},
    {LOGIN, 502, NNTP_DO_STOP, ERR_LOGIN},
    {POSTING, 502, NNTP_DO_STOP, ERR_POSTING_DENIED},
    {ANY, 502, NNTP_DO_STOP, ERR_ACCOUNT},
    {FETCH, 503, NNTP_DO_LATER, ERR_SERVER_BUSY}, /* unknown is never "missing" */
    {ANY, 503, NNTP_DO_REFUSE, ERR_REJECTED},
};

enum { CODES_MAX = 7, WORDS_EACH = 8 };

/* One of `words` (and one of `also`, where there are any) in a reply with one of `codes`. */
struct clue {
    unsigned cmds;
    int codes[CODES_MAX];
    const char *words[WORDS_EACH];
    const char *also[WORDS_EACH];
    enum nntp_verdict verdict;
    enum err err;
};

/* First come, first served: the narrower words stand before the wider. */
static const struct clue clues[] = {
    /* 441 and its kin: what is wrong with the article */
    {POSTING, {440, 441}, {"retry later", "try again", "later", "throttle"}, {0}, NNTP_DO_LATER,
        ERR_SERVER_BUSY},
    {POSTING, {435, 441}, {"bad message-id", "invalid message-id", "duplicate header"}, {0},
        NNTP_DO_REFUSE, ERR_REJECTED},
    {POSTING, {441}, {"duplicate"}, {"header", "field"}, NNTP_DO_REFUSE, ERR_REJECTED},
    {POSTING, {437, 441}, {"^435", "already exist", "already have", "not unique", "duplicate"}, {0},
        NNTP_DO_DUPLICATE, ERR_DUPLICATE},
    {POSTING, {441}, {"^436"}, {0}, NNTP_DO_LATER, ERR_SERVER_BUSY},
    {POSTING, {437, 441}, {"too big", "too large", "bytes exceeds", "exceeds local limit"}, {0},
        NNTP_DO_REFUSE, ERR_TOO_BIG},
    {POSTING, {437, 441},
        {"no valid newsgroup", "unwanted newsgroup", "no such newsgroup", "no such group"}, {0},
        NNTP_DO_REFUSE, ERR_NO_GROUP},
    {POSTING, {437, 441}, {"not allowed to post", "posting not allowed", "posting not permitted"},
        {0}, NNTP_DO_REFUSE, ERR_POSTING_DENIED},
    /* the session */
    {LOGIN, {502, 482}, {"already"}, {0}, NNTP_DO_NEXT, OK},
    {LOGIN, {482}, {"sequence"}, {0}, NNTP_DO_CLOSE, ERR_PROTOCOL},
    {ANY, {400, 500, 502, 503}, {"connect time", "idle", "timeout", "timed out", "time limit"}, {0},
        NNTP_DO_RECONNECT, ERR_SERVER_BUSY},
    /* the account */
    {ANY, {400, 481, 482, 502}, {"simultaneous ip", "multiple ip", "too many ip"}, {0},
        NNTP_DO_STOP, ERR_TOO_MANY_ADDRESSES},
    {ANY, {400, 481, 482, 502}, {"exceed", "limit", "quota"}, {"download", "byte", "quota"},
        NNTP_DO_STOP, ERR_ACCOUNT},
    {ANY, {400, 481, 482, 502}, {"exceed", "connections", "too many", "threads", "limit"}, {0},
        NNTP_DO_FEWER, ERR_TOO_MANY_CONNECTIONS},
    {ANY, {400, 452, 480, 481, 482, 500, 502},
        {"credits", "paym", "expired", "exceeded", "suspended", "disabled", "quota"}, {0},
        NNTP_DO_STOP, ERR_ACCOUNT},
    {ANY, {500, 502}, {"username", "password", "authen"}, {0}, NNTP_DO_STOP, ERR_LOGIN},
};

/* Copy `text` in lower case without what stands in <>: an id may hold any word. */
static void plain_words(struct bytes text, char words[WORDS_MAX])
{
    size_t len = 0;
    size_t depth = 0;

    for (size_t i = 0; i < text.len && len < WORDS_MAX - 1; i++) {
        uint8_t c = text.ptr[i];

        depth += c == '<';
        if (depth == 0) {
            c = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
            words[len++] = c == '\0' ? ' ' : (char)c;
        }
        depth -= c == '>' && depth > 0;
    }
    words[len] = '\0';
}

/* Is one of `list` in `text`? "^x" is x at its start. */
static bool has_one(const char *text, const char *const list[WORDS_EACH])
{
    for (size_t i = 0; i < WORDS_EACH && list[i] != NULL; i++) {
        const char *word = list[i];

        if (word[0] == '^' ? strncmp(text, word + 1, strlen(word + 1)) == 0
                           : strstr(text, word) != NULL) {
            return true;
        }
    }
    return false;
}

static bool code_in(const int list[CODES_MAX], int code)
{
    for (size_t i = 0; i < CODES_MAX && list[i] != 0; i++) {
        if (list[i] == code) {
            return true;
        }
    }
    return false;
}

static bool clue_fits(const struct clue *clue, unsigned cmd, int code, const char *words)
{
    return (clue->cmds & cmd) != 0 && code_in(clue->codes, code) && has_one(words, clue->words) &&
           (clue->also[0] == NULL || has_one(words, clue->also));
}

/* The first row of `rows` for `cmd` and `code`, NULL if none. */
static const struct code_row *find_code(
    const struct code_row *rows, size_t count, unsigned cmd, int code)
{
    for (size_t i = 0; i < count; i++) {
        if ((rows[i].cmds & cmd) != 0 && rows[i].code == code) {
            return &rows[i];
        }
    }
    return NULL;
}

static void set(struct nntp_reply *reply, enum nntp_verdict verdict, enum err err)
{
    reply->verdict = verdict;
    reply->err = err;
}

/* It worked: what else does the reply say? */
static void read_success(int code, struct bytes text, struct nntp_reply *reply)
{
    if (code == 200 || code == 201) {
        reply->posting = code == 200 ? NNTP_POSTING_YES : NNTP_POSTING_NO;
    }
    if (code == 240 || (code >= 220 && code <= 223)) {
        (void)nntp_id_take(text, &reply->id);
    }
}

void nntp_reply_judge(enum nntp_cmd cmd, int code, struct bytes text, struct nntp_reply *reply)
{
    unsigned bit = (unsigned)cmd < NNTP_CMD_COUNT ? 1U << cmd : 0;
    const struct code_row *row = find_code(hopes, sizeof hopes / sizeof hopes[0], bit, code);
    char words[WORDS_MAX];

    memset(reply, 0, sizeof *reply);
    if (row != NULL) {
        set(reply, row->verdict, row->err);
        read_success(code, text, reply);
        return;
    }
    plain_words(text, words);
    for (size_t i = 0; i < sizeof clues / sizeof clues[0]; i++) {
        if (clue_fits(&clues[i], bit, code, words)) {
            set(reply, clues[i].verdict, clues[i].err);
            return;
        }
    }
    row = find_code(codes, sizeof codes / sizeof codes[0], bit, code);
    if (row != NULL) {
        set(reply, row->verdict, row->err);
        return;
    }
    set(reply, NNTP_DO_CLOSE, ERR_PROTOCOL);
}
