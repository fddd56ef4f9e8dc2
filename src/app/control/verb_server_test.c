/* server test, server try: one news server, step by step, with an article like the real ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/control/control_verbs.h"
#include "app/control/server_facts.h"
#include "app/control/server_row.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "codec/seal/seal_names.h"
#include "codec/yenc/yenc.h"
#include "io/news/news_test.h"

/* Everything that must live while the test runs. */
struct
try {
    struct control_call *call;
    struct news_test *test;
    struct seal_names names;
    struct buf body;
    struct news_article article;
    const char *wanted; /* the server's name */
    bool found;         /* it is one of those that are kept */
};

static void try_free(struct try *try)
{
    buf_clear(&try->body);
    free(try);
}

/* Random bytes in place of a sealed segment, under random keys: nothing tells it from a real one.
 */
static enum err make_article(struct control *control, struct try *try)
{
    struct volume_keys keys;
    struct seal_place place = {.index = 0};
    struct buf raw = {0};
    enum err err = random_bytes(&keys, sizeof(keys));

    if (err == OK) {
        err = random_bytes(&place.cid, sizeof(place.cid));
    }
    if (err == OK) {
        err = buf_resize(&raw, SEGMENT_LEN);
    }
    if (err == OK) {
        err = random_bytes(raw.ptr, raw.len);
    }
    if (err == OK) {
        err = seal_segment_names(control->sealer, &keys, &place, &try->names);
    }
    if (err == OK) {
        err = yenc_encode(buf_view(&raw),
            &(struct yenc_options){.name = bytes_str(try->names.file_name)}, &try->body);
    }
    try->article = (struct news_article){
        .id = try->names.id,
        .from = try->names.from,
        .subject = try->names.subject,
        .body = buf_view(&try->body),
    };
    buf_clear(&raw);
    return err;
}

static void on_row(
    void *arg, enum news_test_step step, enum news_test_verdict verdict, const char *text)
{
    static const char *const verdicts[] = {
        [NEWS_TEST_GOOD] = "good",
        [NEWS_TEST_WARN] = "warn",
        [NEWS_TEST_BAD] = "bad",
        [NEWS_TEST_SKIPPED] = "skipped",
    };
    struct try *try = arg;
    struct buf clean = {0};

    if (text_escape(bytes_str(text), &clean) == OK && buf_append_byte(&clean, '\0') == OK) {
        control_row(try->call, json_pack("{s:s, s:s, s:s}", "step", news_test_step_name(step),
                                   "verdict", verdicts[verdict], "text", (const char *)clean.ptr));
    }
    buf_clear(&clean);
}

/* Keep what was found out about a server that is kept; a test that did not come to posting found
 * out nothing. */
static void keep_facts(const struct try *try, const struct news_facts *facts)
{
    struct control *control = try->call->control;
    struct buf text = {0};
    enum err err = OK;

    if (try->found && (facts->posts || facts->too_small)) {
        err = server_facts_put(facts, (int64_t)time(NULL), &text);
        if (err == OK) {
            err = store_provider_learn(control->store, try->wanted, buf_view(&text));
        }
        if (err == OK) {
            err = servers_apply(control);
        }
    }
    if (err != OK) {
        log_warn("control", "what the test of a server found is not kept name=%s err=%s",
            try->wanted, err_name(err));
    }
    buf_clear(&text);
}

static void on_done(void *arg, enum err err, const struct news_facts *facts)
{
    struct try *try = arg;
    struct control_call *call = try->call;

    keep_facts(try, facts);
    call->cancel = NULL;
    try_free(try);
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_end(call);
    }
}

static void on_cancel(struct control_call *call)
{
    struct try *try = call->work;

    news_test_cancel(try->test);
    try_free(try);
}

static enum err start(struct try *try, const struct news_provider *server)
{
    struct control *control = try->call->control;

    return news_test_start(control->loop, server, &try->article, &control->waits.news, on_row,
        on_done, try, &try->test);
}

/* The call waits for the test, or has ended with `err`. */
static void begun(struct control_call *call, struct try *try, enum err err)
{
    if (err == OK) {
        call->work = try;
        call->cancel = on_cancel;
        return;
    }
    if (try != NULL) {
        try_free(try);
    }
    control_fail(call, err, err == ERR_NO_ROW ? "there is no news server of this name" : NULL);
}

static enum err on_server(void *arg, const struct news_provider *server)
{
    struct try *try = arg;

    if (strcmp(server->name, try->wanted) != 0) {
        return OK;
    }
    try->found = true;
    return start(try, server);
}

void verb_server_test(struct control_call *call)
{
    struct try *try = calloc(1, sizeof(*try));
    enum err err = try == NULL ? ERR_NO_MEMORY : make_article(call->control, try);

    if (err == OK) {
        try->call = call;
        try->wanted = json_string_value(json_object_get(call->args, "name"));
        err = try->wanted == NULL ? ERR_BAD_REQUEST : servers_each(call->control, on_server, try);
    }
    if (err == OK && !try->found) {
        err = ERR_NO_ROW;
    }
    begun(call, try, err);
}

/* --- settings that are not kept ----------------------------------------------------------------
 */

/* The password of a server that is kept, for the same host and user alone. */
struct kept {
    const struct news_provider *wanted;
    char password[SERVERS_PASSWORD_MAX + 1];
};

static enum err on_kept(void *arg, const struct news_provider *server)
{
    struct kept *kept = arg;

    if (server->password != NULL && server->user != NULL && kept->wanted->user != NULL &&
        strcmp(server->name, kept->wanted->name) == 0 &&
        strcmp(server->host, kept->wanted->host) == 0 &&
        strcmp(server->user, kept->wanted->user) == 0) {
        (void)snprintf(kept->password, sizeof(kept->password), "%s", server->password);
    }
    return OK;
}

/* Fill in what the row says; texts that are empty are none. */
static struct news_provider provider_of(const struct store_provider *row)
{
    return (struct news_provider){
        .name = row->name,
        .host = row->host,
        .port = row->port,
        .tls = row->tls != 0 ? NET_TLS : NET_PLAIN,
        .ca_file = row->ca_file[0] != '\0' ? row->ca_file : NULL,
        .user = row->user[0] != '\0' ? row->user : NULL,
        .group = row->group,
        .connections = row->connections,
    };
}

static enum err try_settings(struct try *try, const struct store_provider *row)
{
    const json_t *args = try->call->args;
    const json_t *given = json_object_get(args, "password");
    struct news_provider provider = provider_of(row);
    struct kept kept = {.wanted = &provider};
    enum err err = servers_password_ok(row) ? OK : ERR_PLAIN_PASSWORD;

    if (err == OK && (given == NULL || json_is_null(given))) {
        err = servers_each(try->call->control, on_kept, &kept);
        provider.password = kept.password;
    } else {
        provider.password = server_row_password(args);
        err = err == OK && provider.password == NULL ? ERR_BAD_REQUEST : err;
    }
    if (err == OK && provider.password[0] == '\0') {
        provider.password = NULL;
    }
    if (err == OK) {
        err = start(try, &provider);
    }
    bytes_wipe(&kept, sizeof(kept));
    return err;
}

void verb_server_try(struct control_call *call)
{
    struct try *try = NULL;
    struct store_provider row;
    const char *wrong;
    enum err err;

    if (json_object_get(call->args, "name") == NULL) {
        (void)json_object_set_new(call->args, "name", json_string("new"));
    }
    wrong = server_row_parse(call->args, &row);
    if (wrong != NULL) {
        control_fail(call, ERR_BAD_REQUEST, "%s", wrong);
        return;
    }
    try = calloc(1, sizeof(*try));
    err = try == NULL ? ERR_NO_MEMORY : make_article(call->control, try);
    if (err == OK) {
        try->call = call;
        err = try_settings(try, &row);
    }
    begun(call, try, err);
}
