/* An article's head: written by us before a POST, read by the server after one. Heads here are as
 * on the wire, lines with CR LF. */
#ifndef CODEC_NNTP_NNTP_ARTICLE_H
#define CODEC_NNTP_NNTP_ARTICLE_H

#include <stdbool.h>

#include "base/bytes.h"

enum { NNTP_HEADER_LINE_MAX = 998 }; /* octets without CR LF (RFC 5322 section 2.1.1) */

struct nntp_head_fields {
    struct bytes from;
    struct bytes newsgroups; /* names with commas between */
    struct bytes subject;
    struct bytes id; /* with its brackets */
    int64_t date;    /* seconds since 1970, UTC; years 1970 to 9999 */
};

/* Append the head made of `fields` and the empty line behind it to *out.
 * ERR_BAD_REQUEST, *out unchanged: an empty field, a byte that is no printable ASCII (so no CR, LF,
 * NUL, TAB or 8-bit), a space at either end, a bad id or group, a line over NNTP_HEADER_LINE_MAX,
 * or a date out of range. */
MUST_USE enum err nntp_article_head(const struct nntp_head_fields *fields, struct buf *out);

/* Split at the first empty line: *head ends with its last line's CR LF, *body starts behind the
 * empty line. False, both empty: there is no empty line. Views. */
bool nntp_article_split(struct bytes article, struct bytes *head, struct bytes *body);

/* Is every line of `head` a "Name: value" or a folded line behind one, at most
 * NNTP_HEADER_LINE_MAX long, ended by CR LF, with no bare CR or LF and no NUL? */
bool nntp_article_head_valid(struct bytes head);

/* Append the value of the field `name` (any case) to *value, unfolded, spaces at both ends cut.
 * ERR_NO_ROW: `head` has no such field. ERR_BAD_FORMAT: it has it twice. */
MUST_USE enum err nntp_article_field(struct bytes head, const char *name, struct buf *value);

/* Append `body` to *out with every line's leading dot doubled and a last line's missing CR LF put
 * in; without the lone dot. For text that is no yEnc, which needs none of it. */
MUST_USE enum err nntp_article_stuff(struct bytes body, struct buf *out);

#endif
