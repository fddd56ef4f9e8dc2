/* What a news client may say, and the right answers; then the script has its way with them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "codec/nntp/nntp_article.h"
#include "codec/nntp/nntp_id.h"
#include "hostile.h"

enum { ARTICLE_MAX = 4 << 20 };

void verbs_greet(struct client *c)
{
    client_say(c, "200 welcome");
    client_spoil(c, client_strike(c, POINT_GREETING));
}

/* --- reading ---------------------------------------------------------------------------------- */

/* What befell this article for good, if it is of this kind. */
static bool fate_is(const struct article *article, enum action action)
{
    return article->fated && article->fate.action == action;
}

/* Is it there, for STAT or for BODY? */
static bool is_visible(const struct article *article, enum nntp_verb verb)
{
    if (article == NULL || article->state != ARTICLE_KEPT || fate_is(article, ACTION_LOSE) ||
        hostile_now() < article->visible_at) {
        return false;
    }
    return !fate_is(article, verb == NNTP_VERB_STAT ? ACTION_BODY_ONLY : ACTION_STAT_ONLY);
}

/* The id as the server names it. */
static void name_of(const struct article *article, const struct rule *rule, struct article_id *id)
{
    *id = article->id;
    if (fate_is(article, ACTION_FOLD) || (rule != NULL && rule->action == ACTION_FOLD)) {
        for (char *p = id->text; *p != '\0'; p++) {
            *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
        }
    }
}

static void send_body(struct client *c, const struct article *article, const struct rule *rule)
{
    bool spoils = rule != NULL && action_marks(rule->action);

    spoil_body(c->hostile, article,
        spoils           ? rule
        : article->fated ? &article->fate
                         : NULL,
        &c->out);
    c->lone_dot = 1;
    if (spoils && rule->action == ACTION_HUGE) {
        c->fill = rule->n;
    } else if (fate_is(article, ACTION_HUGE)) {
        c->fill = article->fate.n;
    }
}

/* This once the rule takes the article away. */
static bool hides(const struct rule *rule)
{
    return rule != NULL && (rule->action == ACTION_LOSE || rule->action == ACTION_GONE);
}

static void read_article(struct client *c, const struct nntp_command *command)
{
    enum point point = command->verb == NNTP_VERB_STAT ? POINT_STAT : POINT_BODY;
    const struct rule *rule = client_strike(c, point);
    struct article *article;
    struct article_id id;

    if (command->count != 1 || !nntp_id_take(command->words[0], &id)) {
        client_say(c, "501 An id is missing");
        return;
    }
    article = shelf_need(&c->hostile->shelf, id.text);
    must(article == NULL ? ERR_NO_MEMORY : OK);
    if (article->state == ARTICLE_KEPT &&
        (fate_is(article, ACTION_GONE) || (hides(rule) && rule->action == ACTION_GONE))) {
        client_say(c, "451 Removed on request");
    } else if (!is_visible(article, command->verb) || hides(rule)) {
        client_say(c, "430 No such article");
    } else {
        name_of(article, rule, &id);
        client_say(c, "%d 0 %s", point == POINT_STAT ? 223 : 222, id.text);
        if (point == POINT_BODY) {
            send_body(c, article, rule);
        }
    }
    if (c->lone_dot && rule != NULL && !action_marks(rule->action)) {
        c->lone_dot = 0; /* part of what is spoilt */
        client_add(c, bytes_str(".\r\n"));
    }
    client_spoil(c, rule);
}

/* --- posting ---------------------------------------------------------------------------------- */

static void post(struct client *c)
{
    struct rule *rule = client_strike(c, POINT_POST);

    if (rule == NULL || rule->action == ACTION_DRIP || rule->action == ACTION_JUNK) {
        nntp_server_take_article(&c->rx, ARTICLE_MAX);
        c->asked = 0;
    }
    client_say(c, "340 send it");
    client_spoil(c, rule);
}

/* Its fate, from the rule that struck when it was kept. */
static void decide_fate(struct hostile *hostile, struct article *article, const struct rule *rule)
{
    article->visible_at = 0;
    article->fated = rule != NULL && action_marks(rule->action);
    if (!article->fated) {
        return;
    }
    article->fate = *rule;
    if (rule->action == ACTION_HIDE) {
        article->visible_at = hostile_now() + rule->ms;
    } else if (rule->action == ACTION_FORGE || rule->action == ACTION_FLIP) {
        article->fate.seen = script_dice(&hostile->script, UINT32_MAX); /* which of its octets */
    }
}

/* It goes under another id: what is asked for by the old one is not there. */
static struct article *rename_it(struct hostile *hostile, const struct article *article)
{
    struct article_id id;

    (void)snprintf(id.text, sizeof(id.text), "<%llx.%s", (unsigned long long)hostile->shelf.posts,
        article->id.text + 1);
    return shelf_need(&hostile->shelf, id.text);
}

/* A new article: on the shelf with it, and the answer. */
static void keep(struct client *c, struct article *article, struct bytes body)
{
    bool asked = article->state == ARTICLE_ASKED && article->posts == 1;
    struct rule *rule = client_strike(c, POINT_KEPT);
    struct article_id id;

    if (rule != NULL && rule->action == ACTION_SULK && !asked) {
        rule->strikes--; /* only of those that were asked for too early */
        rule = NULL;
    }
    if (rule != NULL && rule->action == ACTION_RENAME) {
        article->state = ARTICLE_SEEN;
        article = rename_it(c->hostile, article);
        must(article == NULL ? ERR_NO_MEMORY : OK);
    }
    must(shelf_keep(&c->hostile->shelf, article, body));
    article->state = ARTICLE_KEPT;
    decide_fate(c->hostile, article, rule);
    if (fate_is(article, ACTION_SULK)) {
        article->visible_at = hostile_now() + article->fate.ms;
    }
    name_of(article, rule, &id);
    client_say(c, "240 received %s", id.text);
    client_spoil(c, rule);
}

void verbs_article(struct client *c)
{
    struct bytes head, body;
    struct buf value = {0};
    struct article_id id;
    struct article *article;
    struct rule *rule;

    if (!nntp_article_split(buf_view(&c->article), &head, &body) ||
        nntp_article_field(head, "Message-ID", &value) != OK ||
        !nntp_id_take(buf_view(&value), &id)) {
        client_say(c, "441 this is no article");
        buf_clear(&value);
        return;
    }
    buf_clear(&value);
    article = shelf_need(&c->hostile->shelf, id.text);
    must(article == NULL ? ERR_NO_MEMORY : OK);
    shelf_came(&c->hostile->shelf, article, body);
    rule = client_strike(c, POINT_TAKEN);
    if (rule != NULL) {
        if (article->state == ARTICLE_ASKED) {
            article->state = ARTICLE_SEEN;
        }
        client_say(c, "240 received %s", id.text);
        client_spoil(c, rule);
    } else if (article->state == ARTICLE_KEPT) {
        client_say(c, "441 435 Duplicate");
        client_spoil(c, client_strike(c, POINT_AGAIN));
    } else {
        keep(c, article, body);
    }
}

/* --- the rest --------------------------------------------------------------------------------- */

static void log_in(struct client *c, const struct nntp_command *command)
{
    const struct hostile *hostile = c->hostile;
    bool right;

    if (command->verb == NNTP_VERB_AUTHINFO_USER) {
        right = hostile->user == NULL;
        c->login = right ? LOGIN_DONE : LOGIN_NAMED;
        client_say(c, right ? "281 in" : "381 password");
        client_spoil(c, client_strike(c, POINT_USER));
        return;
    }
    right = hostile->password != NULL && c->login == LOGIN_NAMED &&
            bytes_equal(command->rest, bytes_str(hostile->password));
    c->login = right ? LOGIN_DONE : LOGIN_NEEDED;
    client_say(c, right ? "281 in" : "481 no");
    client_spoil(c, client_strike(c, POINT_PASS));
}

static void say_date(struct client *c)
{
    char text[24];
    time_t now = time(NULL);
    struct tm tm;

    gmtime_r(&now, &tm);
    (void)strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm);
    client_say(c, "111 %s", text);
    client_spoil(c, client_strike(c, POINT_DATE));
}

void verbs_obey(struct client *c, struct bytes line)
{
    struct nntp_command command;

    nntp_command_parse(line, &command);
    switch (command.verb) {
    case NNTP_VERB_MODE_READER:
        client_say(c, "200 reading and posting");
        client_spoil(c, client_strike(c, POINT_MODE));
        break;
    case NNTP_VERB_AUTHINFO_USER:
    case NNTP_VERB_AUTHINFO_PASS:
        log_in(c, &command);
        break;
    case NNTP_VERB_DATE:
        say_date(c);
        break;
    case NNTP_VERB_QUIT:
        client_say(c, "205 bye");
        c->end = END_CLOSE;
        break;
    case NNTP_VERB_GROUP:
        client_say(c, "211 0 0 0 %.*s", (int)command.rest.len, (const char *)command.rest.ptr);
        client_spoil(c, client_strike(c, POINT_GROUP));
        break;
    case NNTP_VERB_STAT:
    case NNTP_VERB_BODY:
    case NNTP_VERB_POST:
        if (c->login != LOGIN_DONE) {
            client_say(c, "480 log in first");
        } else if (command.verb == NNTP_VERB_POST) {
            post(c);
        } else {
            read_article(c, &command);
        }
        break;
    default:
        client_say(c, "500 what");
    }
}
