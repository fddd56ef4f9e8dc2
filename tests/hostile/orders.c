/* Orders of a test, one a line; each is answered before the next:
 *
 *     SCRIPT               the rules from now on: 340, lines, a lone dot, 240 (or 441 and why not)
 *     STRIKES              215 and a line a rule: how often it struck; a lone dot
 *     PUT <id>             an article is this, whatever it was: 340, a body, a lone dot, 240
 *     MARK <id> ACTION...  what befalls an article that is there: 200 or 430
 *     BURST N [FROM]       N articles are lost that came one after the other: 200 and their ids
 *     LIST                 215, "<id> state posts bodies hash" in the order they came, a lone dot
 *     FIGURES              200 and what was counted
 *
 * The hash is that of the first body an id came with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/nntp/nntp_id.h"
#include "hostile.h"

enum { TEXT_MAX = 1 << 24 };

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

static struct article *kept(struct client *c, const char *line)
{
    struct article_id id;
    struct article *article =
        nntp_id_take(bytes_str(line), &id) ? shelf_find(&c->hostile->shelf, id.text) : NULL;

    return article != NULL && article->state == ARTICLE_KEPT ? article : NULL;
}

static void mark(struct client *c, const char *line)
{
    struct article *article = kept(c, line);
    const char *action = strstr(line, "> ");
    char complaint[SCRIPT_COMPLAINT_MAX];
    struct rule rule;

    if (article == NULL) {
        client_say(c, "430 not there");
    } else if (action == NULL || !script_read_action(bytes_str(action + 2), &rule, complaint)) {
        client_say(c, "441 mark it how");
    } else {
        article->fate = rule;
        article->fated = true;
        article->visible_at = rule.action == ACTION_HIDE ? hostile_now() + rule.ms : 0;
        client_say(c, "200 so be it");
    }
}

static void burst(struct client *c, const char *line)
{
    const struct shelf *shelf = &c->hostile->shelf;
    char *end = NULL;
    size_t count = (size_t)strtoull(line, &end, 10);
    size_t from = *end == ' ' ? (size_t)strtoull(end, NULL, 10)
                              : (size_t)script_dice(&c->hostile->script, shelf->count);
    size_t lost = 0;

    for (size_t i = 0; i < shelf->count && lost < count; i++) {
        struct article *article = shelf->articles[(from + i) % shelf->count];

        if (article->state == ARTICLE_KEPT) {
            article->fate = (struct rule){.action = ACTION_LOSE};
            article->fated = true;
            lost++;
        }
    }
    client_say(c, "200 lost %zu", lost);
}

static void list(struct client *c)
{
    static const char *const states[] = {"asked", "seen", "kept"};
    const struct shelf *shelf = &c->hostile->shelf;

    client_say(c, "215 articles");
    for (size_t i = 0; i < shelf->count; i++) {
        const struct article *article = shelf->articles[i];

        client_say(c, "%s %s %u %u %016llx", article->id.text, states[article->state],
            article->posts, article->bodies, (unsigned long long)article->first_body[0]);
    }
    client_say(c, ".");
}

static void strikes(struct client *c)
{
    const struct script *script = &c->hostile->script;

    client_say(c, "215 strikes");
    for (size_t i = 0; i < script->count; i++) {
        const struct rule *rule = &script->rules[i];

        client_say(c, "%s %s %llu of %llu", point_name(rule->point), action_name(rule->action),
            (unsigned long long)rule->strikes, (unsigned long long)rule->seen);
    }
    client_say(c, ".");
}

void orders_obey(struct client *c, struct bytes text)
{
    const struct shelf *shelf = &c->hostile->shelf;
    char line[NNTP_COMMAND_MAX + 1];

    memcpy(line, text.ptr, text.len);
    line[text.len] = '\0';
    if (begins(line, "SCRIPT") || begins(line, "PUT ")) {
        (void)snprintf(c->order, sizeof(c->order), "%s", line);
        nntp_server_take_article(&c->rx, TEXT_MAX);
        client_say(c, "340 send it");
    } else if (begins(line, "STRIKES")) {
        strikes(c);
    } else if (begins(line, "MARK ")) {
        mark(c, line);
    } else if (begins(line, "BURST ")) {
        burst(c, line + strlen("BURST "));
    } else if (begins(line, "LIST")) {
        list(c);
    } else if (begins(line, "FIGURES")) {
        client_say(c, "200 posts=%llu again=%llu two_bodies=%llu", (unsigned long long)shelf->posts,
            (unsigned long long)shelf->again, (unsigned long long)shelf->two_bodies);
    } else {
        client_say(c, "500 what");
    }
}

static void put(struct client *c)
{
    struct article_id id;
    struct article *article =
        nntp_id_take(bytes_str(c->order), &id) ? shelf_need(&c->hostile->shelf, id.text) : NULL;

    if (article == NULL) {
        client_say(c, "441 under which id");
        return;
    }
    must(shelf_keep(&c->hostile->shelf, article, buf_view(&c->article)));
    article->state = ARTICLE_KEPT;
    article->fated = false;
    article->visible_at = 0;
    client_say(c, "240 it is there");
}

void orders_text(struct client *c)
{
    char complaint[SCRIPT_COMPLAINT_MAX];

    if (begins(c->order, "PUT ")) {
        put(c);
    } else if (script_read(&c->hostile->script, buf_view(&c->article), complaint)) {
        client_say(c, "240 so it goes");
    } else {
        client_say(c, "441 %s", complaint);
    }
}
