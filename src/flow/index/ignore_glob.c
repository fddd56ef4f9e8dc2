/* A pattern is read into steps; the text is then run through all of them at once, as a set of
 * positions (Thompson, "Regular expression search algorithm", CACM 1968): no backtracking, so that
 * no pattern is slow. */
#include "flow/index/ignore_glob.h"

#include <ctype.h>
#include <string.h>

enum step_kind {
    STEP_BYTE,
    STEP_ANY,   /* one byte, over paths no '/' */
    STEP_SET,   /* one byte of [...] */
    STEP_STAR,  /* any bytes, over paths no '/' */
    STEP_DEEP,  /* any bytes */
    STEP_MAYBE, /* a "**" and its '/' follow: all three may match nothing, but only here */
};

struct step {
    uint8_t kind; /* enum step_kind */
    uint8_t byte;
    uint16_t at; /* of a set: behind its '[' */
};

enum { STEPS_MAX = GLOB_PATTERN_MAX + 1, WORDS = STEPS_MAX / 64 + 1 };

struct glob {
    struct bytes pattern;
    enum glob_text kind;
    size_t count;
    struct step steps[STEPS_MAX];
};

/* Positions in the steps; `count` itself is the end. */
struct places {
    uint64_t words[WORDS];
};

bool glob_is_special(uint8_t byte)
{
    return byte == '*' || byte == '?' || byte == '[' || byte == '\\';
}

/* --- sets --------------------------------------------------------------------------------------
 */

static bool is_blank(int c)
{
    return c == ' ' || c == '\t';
}

static bool in_class(const char *name, uint8_t c)
{
    static const struct {
        const char *name;
        int (*has)(int);
    } classes[] = {
        {"alnum", isalnum},
        {"alpha", isalpha},
        {"cntrl", iscntrl},
        {"digit", isdigit},
        {"graph", isgraph},
        {"lower", islower},
        {"print", isprint},
        {"punct", ispunct},
        {"space", isspace},
        {"upper", isupper},
        {"xdigit", isxdigit},
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(name, classes[i].name) == 0) {
            return c < 0x80 && classes[i].has(c) != 0;
        }
    }
    return is_blank(c);
}

/* The name of a class, written "[:name:]" with the ":]" at `end`. False: there is no such class. */
static bool class_name(struct bytes p, size_t at, size_t end, char name[8])
{
    static const char known[] = " alnum alpha blank cntrl digit graph lower print punct space upper"
                                " xdigit ";
    char text[10] = " ";
    size_t len = end - at;

    if (len < 5 || len > 6) {
        return false;
    }
    memcpy(name, p.ptr + at, len);
    name[len] = 0;
    memcpy(text + 1, name, len);
    memcpy(text + 1 + len, " ", 2);
    return strlen(name) == len && strstr(known, text) != NULL;
}

/* One reading of a set: what it holds is compared with `c`. */
struct set {
    struct bytes p;
    size_t at; /* the next byte */
    uint8_t c;
    bool hit;
    int low; /* what a '-' would begin a range with; -1: nothing */
};

/* At "[:": a class, or, without an end like ":]", a plain '['. */
static bool set_class(struct set *s)
{
    size_t end = s->at + 1;
    char name[8];

    while (end < s->p.len && s->p.ptr[end] != ']') {
        end++;
    }
    if (end >= s->p.len) {
        return false;
    }
    if (end < s->at + 2 || s->p.ptr[end - 1] != ':') {
        s->hit |= s->c == '[';
        s->low = '[';
        return true;
    }
    if (!class_name(s->p, s->at + 1, end - 1, name)) {
        return false;
    }
    s->hit |= in_class(name, s->c);
    s->low = -1;
    s->at = end + 1;
    return true;
}

/* The end of a range that begins with s->low; s->at is behind its '-'. */
static bool set_range(struct set *s)
{
    uint8_t high = s->p.ptr[s->at++];

    if (high == '\\') {
        if (s->at >= s->p.len) {
            return false;
        }
        high = s->p.ptr[s->at++];
    }
    s->hit |= s->c >= s->low && s->c <= high;
    s->low = -1;
    return true;
}

/* One member. False: the set is malformed. */
static bool set_member(struct set *s)
{
    uint8_t b = s->p.ptr[s->at++];
    uint8_t after = s->at < s->p.len ? s->p.ptr[s->at] : 0;

    if (b == '\\') {
        if (s->at >= s->p.len) {
            return false;
        }
        b = s->p.ptr[s->at++];
    } else if (b == '-' && s->low >= 0 && after != 0 && after != ']') {
        return set_range(s);
    } else if (b == '[' && after == ':') {
        return set_class(s);
    }
    s->hit |= s->c == b;
    s->low = b;
    return true;
}

/* Read the set behind whose '[' p is at `at`. Its end goes to *end. False: malformed. */
static bool set_read(struct bytes p, size_t at, uint8_t c, size_t *end, bool *hit)
{
    struct set s = {.p = p, .at = at, .c = c, .low = -1};
    bool not = at < p.len && (p.ptr[at] == '!' || p.ptr[at] == '^');
    bool first = true;

    s.at += not ;
    while (s.at < p.len && (first || p.ptr[s.at] != ']')) {
        first = false;
        if (!set_member(&s)) {
            return false;
        }
    }
    if (s.at >= p.len) {
        return false;
    }
    *end = s.at + 1;
    *hit = s.hit != not ;
    return true;
}

/* --- reading a pattern -------------------------------------------------------------------------
 */

static void add(struct glob *g, enum step_kind kind, uint8_t byte, size_t at)
{
    g->steps[g->count++] = (struct step){(uint8_t)kind, byte, (uint16_t)at};
}

/* Stars from `at` on; returns what is behind them. Two and more are "**" only when alone between
 * slashes. */
static size_t read_stars(struct glob *g, size_t at)
{
    struct bytes p = g->pattern;
    size_t end = at;
    bool alone;

    while (end < p.len && p.ptr[end] == '*') {
        end++;
    }
    alone = end - at > 1 && (at == 0 || p.ptr[at - 1] == '/') &&
            (end == p.len || p.ptr[end] == '/' ||
                (p.ptr[end] == '\\' && end + 1 < p.len && p.ptr[end + 1] == '/'));
    if (g->kind == GLOB_NAME || !alone) {
        add(g, STEP_STAR, 0, at);
        return end;
    }
    if (end < p.len && p.ptr[end] == '/') {
        add(g, STEP_MAYBE, 0, at);
    }
    add(g, STEP_DEEP, 0, at);
    return end;
}

/* Read the pattern. False: it is malformed. */
static bool read_pattern(struct glob *g)
{
    struct bytes p = g->pattern;
    size_t at = 0;

    while (at < p.len) {
        uint8_t b = p.ptr[at];
        bool hit;

        if (b == '*') {
            at = read_stars(g, at);
        } else if (b == '?') {
            add(g, STEP_ANY, 0, at++);
        } else if (b == '[') {
            add(g, STEP_SET, 0, at + 1);
            if (!set_read(p, at + 1, 0, &at, &hit)) {
                return false;
            }
        } else {
            at += b == '\\';
            if (at == p.len) {
                return false;
            }
            add(g, STEP_BYTE, p.ptr[at], at);
            at++;
        }
    }
    return true;
}

/* --- matching ----------------------------------------------------------------------------------
 */

static void place(struct places *places, size_t i)
{
    places->words[i / 64] |= (uint64_t)1 << (i % 64);
}

static bool is_placed(const struct places *places, size_t i)
{
    return (places->words[i / 64] >> (i % 64) & 1) != 0;
}

/* Steps that may match nothing let those behind them begin, too. They only lead forward. */
static void spread(const struct glob *g, struct places *now)
{
    for (size_t i = 0; i < g->count; i++) {
        uint8_t kind = g->steps[i].kind;

        if (!is_placed(now, i)) {
            continue;
        }
        if (kind == STEP_STAR || kind == STEP_DEEP || kind == STEP_MAYBE) {
            place(now, i + 1);
        }
        if (kind == STEP_MAYBE) {
            place(now, i + 3); /* behind itself, the stars and their '/' */
        }
    }
}

/* Does step i take the byte c? */
static bool takes(const struct glob *g, size_t i, uint8_t c)
{
    const struct step *step = &g->steps[i];
    bool slash = g->kind == GLOB_PATH && c == '/';
    bool hit = false;
    size_t end;

    switch ((enum step_kind)step->kind) {
    case STEP_BYTE:
        return step->byte == c;
    case STEP_ANY:
    case STEP_STAR:
        return !slash;
    case STEP_SET:
        return !slash && set_read(g->pattern, step->at, c, &end, &hit) && hit;
    case STEP_DEEP:
        return true;
    case STEP_MAYBE:
        break;
    }
    return false;
}

/* Where the byte c leads to. False: nowhere. */
static bool advance(const struct glob *g, const struct places *now, uint8_t c, struct places *then)
{
    bool any = false;

    memset(then, 0, sizeof(*then));
    for (size_t i = 0; i < g->count; i++) {
        if (is_placed(now, i) && takes(g, i, c)) {
            bool stays = g->steps[i].kind == STEP_STAR || g->steps[i].kind == STEP_DEEP;

            place(then, stays ? i : i + 1);
            any = true;
        }
    }
    return any;
}

bool glob_match(struct bytes pattern, struct bytes text, enum glob_text kind)
{
    struct glob g;
    struct places places[2] = {0};

    g.pattern = pattern;
    g.kind = kind;
    g.count = 0;
    if (pattern.len > GLOB_PATTERN_MAX || !read_pattern(&g)) {
        return false;
    }
    place(&places[0], 0);
    spread(&g, &places[0]);
    for (size_t i = 0; i < text.len; i++) {
        if (!advance(&g, &places[i % 2], text.ptr[i], &places[(i + 1) % 2])) {
            return false;
        }
        spread(&g, &places[(i + 1) % 2]);
    }
    return is_placed(&places[text.len % 2], g.count);
}
