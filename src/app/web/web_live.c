/* Listeners, and the clock that asks control what is new. */
#include <string.h>

#include "app/control/control_live.h"
#include "app/web/web_news.h"
#include "app/web/web_own.h"
#include "base/clock.h"
#include "base/log.h"

enum { MS = 1000000, CLOSE_SESSION_ENDED = 4001 };

struct web_live {
    struct loop *loop;
    struct control *control;
    struct web_news *news;
    struct loop_timer *tick; /* runs while somebody listens */
    struct list listeners;
    unsigned count;
    struct buf frame; /* the message with room before it for libwebsockets */
};

static uint64_t now_ms(void)
{
    return clock_mono_ns() / MS;
}

static void look(struct web_live *live)
{
    web_news_put(live->news, control_live(live->control), now_ms());
}

/* Wake those who are behind and have been left in peace long enough. */
static void wake(struct web_live *live)
{
    uint64_t now = now_ms();

    LIST_EACH(node, after, &live->listeners)
    {
        struct web_listener *listener = LIST_ITEM(node, struct web_listener, node);

        if (listener->seq != web_news_seq(live->news) &&
            now + 1 >= listener->told_ms + WEB_LIVE_TICK_MS) {
            lws_callback_on_writable(listener->wsi);
        }
    }
}

static void on_tick(void *arg)
{
    struct web_live *live = arg;

    if (live->count > 0) {
        look(live);
        wake(live);
        loop_timer_set(live->tick, WEB_LIVE_TICK_MS);
    }
}

enum err web_live_new(struct loop *loop, struct control *control, struct web_live **out)
{
    struct web_live *live = calloc(1, sizeof(*live));
    struct web_secret boot;
    enum err err = live == NULL ? ERR_NO_MEMORY : web_secret_make(&boot);

    if (err == OK) {
        live->loop = loop;
        live->control = control;
        list_init(&live->listeners);
        boot.text[16] = '\0'; /* it only has to differ */
        err = web_news_new(boot.text, &live->news);
    }
    if (err == OK) {
        err = loop_timer_new(loop, on_tick, live, &live->tick);
    }
    if (err != OK) {
        web_live_free(live);
        return err;
    }
    *out = live;
    return OK;
}

void web_live_free(struct web_live *live)
{
    if (live != NULL) {
        loop_timer_free(live->tick);
        web_news_free(live->news);
        buf_clear(&live->frame);
        free(live);
    }
}

unsigned web_live_count(const struct web_live *live)
{
    return live->count;
}

void web_live_end(struct web_live *live, uint64_t session)
{
    LIST_EACH(node, after, &live->listeners)
    {
        struct web_listener *listener = LIST_ITEM(node, struct web_listener, node);

        if (listener->session != 0 && (session == 0 || listener->session == session)) {
            listener->ended = true;
            lws_set_timer_usecs(listener->wsi, 1);
        }
    }
}

/* A word of the query; "" if it is not there. */
static const char *query_word(struct lws *wsi, const char *name, char *room, size_t cap)
{
    const char *value = lws_get_urlarg_by_name(wsi, name, room, (int)cap);

    return value != NULL ? value : "";
}

/* The upgrade was looked at already: here its session is noted. */
static int join(struct web *web, struct lws *wsi, struct web_listener *listener)
{
    struct web_live *live = web->live;
    struct web_credentials who;
    struct web_session session = {0, 0};
    char boot[64], since[32];

    *listener = (struct web_listener){.seq = 0};
    web_credentials_read(web, wsi, &who);
    if (web_gate_of(wsi)->kind == WEB_GATE_PAGE &&
        web_login_check(web->login, &who, time(NULL), &session) != OK) {
        return -1;
    }
    listener->session = session.id;
    listener->wsi = wsi;
    if (live->count == 0) { /* nobody looked for a while */
        look(live);
        loop_timer_set(live->tick, WEB_LIVE_TICK_MS);
    }
    listener->seq = web_news_begin(live->news, query_word(wsi, "boot=", boot, sizeof(boot)),
        strtoull(query_word(wsi, "since=", since, sizeof(since)), NULL, 10));
    list_push(&live->listeners, &listener->node);
    live->count++;
    lws_callback_on_writable(wsi);
    return 0;
}

static void leave(struct web_live *live, struct web_listener *listener)
{
    if (listener != NULL && listener->wsi != NULL) {
        list_remove(&listener->node);
        listener->wsi = NULL;
        live->count--;
    }
}

/* A whole message into the kernel; what it does not take at once libwebsockets keeps, and asks for
 * nothing more before that is gone. */
static int tell(struct web_live *live, struct web_listener *listener)
{
    struct bytes message;

    if (listener->ended) {
        return 0;
    }
    if (listener->seq == web_news_seq(live->news) && listener->told_ms != 0) {
        return 0;
    }
    message = web_news_message(live->news, listener->seq);
    if (message.len == 0 || buf_resize(&live->frame, LWS_PRE + message.len) != OK) {
        return -1;
    }
    memcpy(live->frame.ptr + LWS_PRE, message.ptr, message.len);
    if (lws_write(listener->wsi, live->frame.ptr + LWS_PRE, message.len, LWS_WRITE_TEXT) <
        (int)message.len) {
        return -1;
    }
    listener->seq = web_news_seq(live->news);
    listener->told_ms = now_ms();
    return 0;
}

/* From the timer, since libwebsockets 4.1 on libuv closes twice, and the second time without a
 * word, what asks for it when it is writable. */
static int part(struct web_listener *listener)
{
    if (!listener->ended) {
        return 0;
    }
    lws_close_reason(listener->wsi, (enum lws_close_status)CLOSE_SESSION_ENDED, NULL, 0);
    return -1;
}

static int hear(struct web_listener *listener, size_t len)
{
    listener->heard += len;
    return listener->heard > WEB_LIVE_TEXT_MAX ? -1 : 0;
}

int web_live_callback(
    struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct web *web = lws_context_user(lws_get_context(wsi));

    (void)in;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return join(web, wsi, user);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return tell(web->live, user);
    case LWS_CALLBACK_TIMER:
        return part(user);
    case LWS_CALLBACK_RECEIVE:
        return hear(user, len);
    case LWS_CALLBACK_CLOSED:
        leave(web->live, user);
        return 0;
    default:
        return 0;
    }
}
