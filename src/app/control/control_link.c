/* From link to keys and back. */
#include "app/control/control_link.h"

#include <string.h>

#include "codec/link/link.h"

static enum err decode(const json_t *text, struct link *link)
{
    if (!json_is_string(text)) {
        return ERR_LINK_BAD;
    }
    return link_decode(bytes_at(json_string_value(text), json_string_length(text)), link);
}

enum err control_link_key(struct control *control, const json_t *text, struct restore_key *key)
{
    struct link link;
    enum err err = decode(text, &link);

    if (err == OK && link.kind != LINK_PUBLIC) {
        err = ERR_LINK_KIND;
    }
    if (err == OK) {
        memcpy(key->fingerprint, link.fp, sizeof(key->fingerprint));
        err = seal_read_public(control->sealer, link.l, link.fp, key->read_secret);
    }
    bytes_wipe(&link, sizeof(link));
    return err;
}

void control_link_fail(struct control_call *call, const json_t *text, enum err err)
{
    struct link link;
    enum link_kind kind;

    if (err != ERR_LINK_KIND || decode(text, &link) != OK) {
        control_fail(call, err, NULL);
        return;
    }
    kind = link.kind;
    bytes_wipe(&link, sizeof(link));
    if (kind == LINK_PASSWORD || kind == LINK_INVITE) {
        control_fail(call, err, "this is %s; this version opens public links only (usync1...)",
            link_kind_text(kind));
    } else {
        control_fail(
            call, err, "this is %s, not a link to a share (usync1...)", link_kind_text(kind));
    }
}

enum err control_link_version(const json_t *args, uint64_t *version)
{
    const json_t *asked = json_object_get(args, "version");

    *version = 0;
    if (asked == NULL || json_is_null(asked)) {
        return OK;
    }
    if (!json_is_integer(asked) || json_integer_value(asked) < 1) {
        return ERR_BAD_REQUEST;
    }
    *version = (uint64_t)json_integer_value(asked);
    return OK;
}

enum err control_link_write_key(const struct store_share *share, struct buf *text)
{
    struct link link = {.kind = LINK_WRITE};
    enum err err;

    memcpy(link.w, share->write_seed, sizeof(link.w));
    memcpy(link.l, share->link_secret, sizeof(link.l));
    err = link_encode(&link, text);
    bytes_wipe(&link, sizeof(link));
    return err;
}

enum err control_link_take_write_key(const json_t *text, struct store_share *share)
{
    struct link link;
    enum err err = decode(text, &link);

    if (err == OK && link.kind != LINK_WRITE) {
        err = ERR_LINK_KIND;
    }
    if (err == OK) {
        memcpy(share->write_seed, link.w, sizeof(share->write_seed));
        memcpy(share->link_secret, link.l, sizeof(share->link_secret));
    }
    bytes_wipe(&link, sizeof(link));
    return err;
}

enum err control_link_own_key(
    struct control *control, const struct store_share *share, struct restore_key *key)
{
    struct share_keys keys;
    enum err err = seal_share_keys(control->sealer, share->write_seed, &keys);

    if (err == OK) {
        memcpy(key->fingerprint, keys.fp, sizeof(key->fingerprint));
        err = seal_read_public(control->sealer, share->link_secret, keys.fp, key->read_secret);
    }
    bytes_wipe(&keys, sizeof(keys));
    return err;
}

enum err control_link_make(
    struct control *control, const struct store_share *share, struct buf *text)
{
    struct share_keys keys;
    struct link link = {.kind = LINK_PUBLIC};
    enum err err = seal_share_keys(control->sealer, share->write_seed, &keys);

    if (err == OK) {
        memcpy(link.l, share->link_secret, sizeof(link.l));
        memcpy(link.fp, keys.fp, sizeof(link.fp));
        err = link_encode(&link, text);
    }
    bytes_wipe(&keys, sizeof(keys));
    bytes_wipe(&link, sizeof(link));
    return err;
}
