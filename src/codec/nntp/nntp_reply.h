/* What a reply means and what to do about it: the code first, then the words that real servers put
 * behind it (RFC 3977, RFC 4643; the test's table lists the texts we know). Keeps no state:
 * counting and waiting is the caller's. */
#ifndef CODEC_NNTP_NNTP_REPLY_H
#define CODEC_NNTP_NNTP_REPLY_H

#include "base/bytes.h"
#include "base/ids.h"
#include "codec/nntp/nntp_cmd.h"

enum nntp_verdict {
    NNTP_DO_NEXT,      /* it worked (240: the article is accepted, which is not confirmed) */
    NNTP_DO_GO_ON,     /* half way: send the article (340) or the password (381) */
    NNTP_DO_DUPLICATE, /* the id is taken: accepted if it was ours, which the caller must know */
    NNTP_DO_MISSING,   /* the article is not here; the connection is good */
    NNTP_DO_LOGIN,     /* log in, then send the same command again */
    NNTP_DO_LATER,     /* the same command again after a pause; the connection is good */
    NNTP_DO_REFUSE,    /* no to this command or article; the connection is good */
    NNTP_DO_RECONNECT, /* close this connection; open another after a growing pause */
    NNTP_DO_FEWER,     /* close this connection and use fewer; probe up later */
    NNTP_DO_STOP,      /* close, and leave this server alone until a person acts or time passes */
    NNTP_DO_CLOSE,     /* no answer to this command: we are out of step; close, do not guess */
};

struct nntp_reply {
    enum nntp_verdict verdict;
    enum err err;         /* OK for NNTP_DO_NEXT and NNTP_DO_GO_ON only */
    struct article_id id; /* the id that a 220, 221, 222, 223 or 240 names; else empty */
    enum nntp_posting {
        NNTP_POSTING_UNKNOWN,
        NNTP_POSTING_YES, /* 200 to the greeting or MODE READER */
        NNTP_POSTING_NO,  /* 201: log in all the same, then try */
    } posting;
};

/* Judge the reply `code` `text` to `cmd`. A 240 that names no id, or the one we sent, is the
 * ordinary case; another one must be kept by the caller as the article's real address. */
void nntp_reply_judge(enum nntp_cmd cmd, int code, struct bytes text, struct nntp_reply *reply);

#endif
