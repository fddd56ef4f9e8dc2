/* The articles of the hostile server, in memory, and what was seen of them. */
#ifndef TESTS_HOSTILE_SHELF_H
#define TESTS_HOSTILE_SHELF_H

#include "base/ids.h"
#include "script.h"

struct article {
    struct article_id id;
    struct buf body; /* raw, as it came: dots doubled, no lone dot */
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
    struct article **articles; /* in the order they were first heard of */
    size_t count, cap;
    uint64_t posts, again, two_bodies;
};

/* The article of this id (any case); NULL: nobody spoke of it. */
struct article *shelf_find(const struct shelf *shelf, const char *id);

/* The same, made where there is none; NULL: no memory. */
struct article *shelf_need(struct shelf *shelf, const char *id);

/* An article came whole: note it. Its body is not kept by that. */
void shelf_came(struct shelf *shelf, struct article *article, struct bytes body);

void shelf_clear(struct shelf *shelf);

#endif
