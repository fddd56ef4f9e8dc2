/* The articles of the hostile server, their bodies in a file without a name, and what was seen of
 * them. */
#ifndef TESTS_HOSTILE_SHELF_H
#define TESTS_HOSTILE_SHELF_H

#include "base/ids.h"
#include "script.h"

struct article {
    struct article_id id;
    uint64_t offset, len; /* of its body in the file: raw, as it came, without the lone dot */
    enum {
        ARTICLE_ASKED, /* somebody asked for it before it came */
        ARTICLE_SEEN,  /* it came, and was not kept */
        ARTICLE_KEPT,
    } state;
    struct rule fate;       /* what befell it for good */
    bool fated;             /* `fate` holds */
    uint64_t visible_at;    /* ms; before it nobody sees it */
    unsigned posts;         /* how often it came whole */
    unsigned bodies;        /* how many different bodies it came with, at most 2 are told apart */
    uint64_t first_body[2]; /* a hash of the first */
};

struct shelf {
    int fd;
    uint64_t end;              /* of the file */
    struct article **articles; /* in the order they were first heard of */
    size_t count, cap;
    uint64_t posts, again, two_bodies;
};

/* Empty, with a file in TMPDIR. */
MUST_USE enum err shelf_init(struct shelf *shelf);

/* The article of this id (any case); NULL: nobody spoke of it. */
struct article *shelf_find(const struct shelf *shelf, const char *id);

/* The same, made where there is none; NULL: no memory. */
struct article *shelf_need(struct shelf *shelf, const char *id);

/* An article came whole: note it. Its body is not kept by that. */
void shelf_came(struct shelf *shelf, struct article *article, struct bytes body);

/* Keep this body; append the one that is kept to *out. */
MUST_USE enum err shelf_keep(struct shelf *shelf, struct article *article, struct bytes body);
MUST_USE enum err shelf_read(
    const struct shelf *shelf, const struct article *article, struct buf *out);

void shelf_clear(struct shelf *shelf);

#endif
