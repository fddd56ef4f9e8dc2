/* What goes wrong, and when: the script of the hostile server, one rule a line.
 *
 *     POINT ACTION [KEY=NUMBER]... [: TEXT]        # and a comment
 *
 * README.md has all points, actions and keys. At a point the first rule whose turn it is strikes.
 */
#ifndef TESTS_HOSTILE_SCRIPT_H
#define TESTS_HOSTILE_SCRIPT_H

#include "base/bytes.h"

enum { SCRIPT_RULES_MAX = 64, SCRIPT_TEXT_MAX = 200, SCRIPT_COMPLAINT_MAX = 128 };

/* Moments in the life of a connection, and of an article. */
enum point {
    POINT_GREETING,
    POINT_MODE,
    POINT_USER,
    POINT_PASS,
    POINT_GROUP,
    POINT_DATE,
    POINT_STAT,
    POINT_BODY,
    POINT_POST,   /* before 340 */
    POINT_TAKING, /* an article is coming: behind `after` octets of it */
    POINT_TAKEN,  /* it is there, and not yet kept */
    POINT_KEPT,   /* it is kept, and not yet answered */
    POINT_AGAIN,  /* it was there already */
    POINT_COUNT
};

enum action {
    /* what becomes of an answer */
    ACTION_DROP,
    ACTION_STALL,
    ACTION_SAY,
    ACTION_BYE,
    ACTION_FIRST,
    ACTION_THEN,
    ACTION_DRIP,
    ACTION_LINE,
    ACTION_JUNK,
    /* what becomes of an article */
    ACTION_LOSE,
    ACTION_HIDE,
    ACTION_SULK,
    ACTION_GONE,
    ACTION_STAT_ONLY,
    ACTION_BODY_ONLY,
    ACTION_FLIP,
    ACTION_FORGE,
    ACTION_SHORT,
    ACTION_UNDOT,
    ACTION_REDOT,
    ACTION_SWAP,
    ACTION_HUGE,
    ACTION_RENAME,
    ACTION_FOLD,
    ACTION_COUNT
};

struct rule {
    enum point point;
    enum action action;
    double chance; /* in a hundred; 0: always */
    uint64_t every, skip, count, over, after, ms, n;
    char text[SCRIPT_TEXT_MAX];
    uint64_t seen, strikes;
};

struct script {
    struct rule rules[SCRIPT_RULES_MAX];
    size_t count;
    uint64_t dice;
};

/* Read rules out of `text`; those that were there before are gone. False: `complaint` says what is
 * wrong, and there are no rules. */
bool script_read(struct script *script, struct bytes text, char complaint[SCRIPT_COMPLAINT_MAX]);

/* Read one rule without its point, as "hide ms=500"; false as above. */
bool script_read_action(struct bytes text, struct rule *rule, char complaint[SCRIPT_COMPLAINT_MAX]);

/* When a rule may strike. */
struct occasion {
    enum point point;
    uint64_t clients; /* connected */
    uint64_t octets;  /* of an article that is coming */
    uint64_t *asked;  /* POINT_TAKING: rules that had their turn with this article, by bits */
};

/* The rule that strikes now, NULL: none does. */
struct rule *script_strike(struct script *script, const struct occasion *occasion);

/* A number below `below`, by the script's own dice. */
uint64_t script_dice(struct script *script, uint64_t below);

/* Is it about an article rather than about an answer? */
bool action_marks(enum action action);

const char *point_name(enum point point);
const char *action_name(enum action action);

#endif
