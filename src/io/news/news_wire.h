/* One connection to a news server as bytes and events: it connects, sends command lines and
 * articles, hears replies, and watches the clock. It knows no order of commands. Inside this room.
 */
#ifndef IO_NEWS_NEWS_WIRE_H
#define IO_NEWS_NEWS_WIRE_H

#include "codec/nntp/nntp_cmd.h"
#include "codec/nntp/nntp_rx.h"
#include "io/net/net.h"
#include "io/news/news_provider.h"

/* None is called inside a call of ours. The wire may be freed inside each of them. */
struct news_wire_events {
    /* OK: the transport is there, a greeting will come. Else: the reason, and only
     * news_wire_free() is left to do. `detail` lives until the return. */
    void (*on_connect)(void *arg, enum err err, const char *detail);
    /* A status line; item->block: on_data and on_end follow. */
    void (*on_status)(void *arg, const struct nntp_item *item);
    void (*on_data)(void *arg, struct bytes piece);
    void (*on_end)(void *arg);
    /* Everything that was sent is in the kernel's hands. */
    void (*on_drain)(void *arg);
    /* Broken, closed (ERR_CONNECTION_LOST), silent for too long (ERR_TIMEOUT), not NNTP
     * (ERR_PROTOCOL), or a body over NEWS_BODY_MAX (ERR_TOO_LONG); only news_wire_free() is left to
     * do. */
    void (*on_lost)(void *arg, enum err err);
};

struct news_wire;

/* Whom to connect to, and how patiently: both must live as long as the wire. */
struct news_wire_options {
    struct loop *loop;
    const struct news_provider *provider;
    const struct news_settings *settings;
};
MUST_USE enum err news_wire_open(const struct news_wire_options *options,
    const struct news_wire_events *events, void *arg, struct news_wire **wire);

/* Close at once; NULL is allowed. No event comes any more. */
void news_wire_free(struct news_wire *wire);

/* Send one command line. ERR_BAD_REQUEST: `text` cannot be an argument of `cmd`. */
MUST_USE enum err news_wire_command(struct news_wire *wire, enum nntp_cmd cmd, struct bytes text);

/* Send an article: `head` (copied), `body` (borrowed until on_drain or the wire is gone) and the
 * lone dot. */
MUST_USE enum err news_wire_article(struct news_wire *wire, struct bytes head, struct bytes body);

/* The next reply answers `cmd`. Say it before its first byte can come. */
void news_wire_expect(struct news_wire *wire, enum nntp_cmd cmd);

/* on_lost(ERR_TIMEOUT) unless this is called again within `ms`; 0: wait without end. */
void news_wire_wait(struct news_wire *wire, uint64_t ms);

/* on_lost(ERR_TIMEOUT) when no byte moved for `ms`; 0: never. */
void news_wire_progress(struct news_wire *wire, uint64_t ms);

/* How long to wait for the answer to an article of `len` bytes that is in the kernel's hands: the
 * kernel may hold all of it while a slow uplink carries it off. */
uint64_t news_wire_article_ms(const struct news_settings *settings, size_t len);

/* Bytes that went either way so far. */
struct net_moved news_wire_moved(const struct news_wire *wire);

/* How long an article of `len` bytes may be on its way in either direction, however steadily a few
 * of its bytes move; 0: for ever. */
uint64_t news_wire_longest_ms(const struct news_settings *settings, size_t len);

/* "TLSv1.3 ..." or "plain"; "" before on_connect. Lives as long as the wire. */
const char *news_wire_describe(const struct news_wire *wire);

#endif
