/* Is this article the head that belongs here? Decode, open, read, check who signed it and where. */
#include "flow/restore/head_find.h"

#include <stdlib.h>
#include <string.h>

#include "codec/yenc/yenc.h"

/* The owner's signature, and the owner is the link's. */
static enum err check_owner(
    const struct head_keys *keys, const struct head *head, const uint8_t *payload)
{
    struct head_tail tail;
    uint8_t fp[SEAL_FP_LEN];
    enum err err = seal_fingerprint(head->spk, fp);

    if (err != OK) {
        return err;
    }
    if (memcmp(fp, keys->fingerprint, sizeof(fp)) != 0) {
        return ERR_BAD_SIGNATURE;
    }
    head_take_tail(payload, &tail);
    return seal_check_head(head->spk, head_core(payload), tail.head_signature);
}

/* At a version's address it is that version; at a day's it was the newest on that day. That day is
 * signed too, wherever the head lies. */
static enum err check_place(const struct seal_slot *slot, const struct head *head,
    const uint8_t *payload, const uint8_t hash[KEY_LEN])
{
    struct head_tail tail;

    head_take_tail(payload, &tail);
    if (slot->number != (slot->family == SEAL_BY_VERSION ? head->n : tail.alive_day)) {
        return ERR_BAD_SEAL;
    }
    return seal_check_alive(head->spk, hash, tail.alive_day, tail.alive_signature);
}

static enum err judge_payload(struct sealer *sealer, const struct head_keys *keys,
    const struct seal_slot *slot, const uint8_t *payload, struct found_head *found)
{
    struct head head;
    enum err err = head_decode(payload, &head);

    if (err == OK) {
        err = check_owner(keys, &head, payload);
    }
    if (err == OK) {
        err = seal_head_hash(sealer, head.ck, head_core(payload), found->hash);
    }
    if (err == OK) {
        err = check_place(slot, &head, payload, found->hash);
    }
    if (err == OK) {
        found->n = head.n;
        memcpy(found->prev, head.prev, KEY_LEN);
    }
    return err;
}

enum err head_judge(struct sealer *sealer, const struct head_keys *keys,
    const struct seal_slot *slot, struct bytes wire, struct found_head *found)
{
    struct held *payload = held_new(HEAD_PAYLOAD_LEN);
    uint8_t *body = malloc(SEGMENT_LEN);
    size_t len = 0;
    enum err err = payload == NULL || body == NULL ? ERR_NO_MEMORY : OK;

    if (err != OK) {
        goto out;
    }
    err = yenc_decode(wire, body, SEGMENT_LEN, &len);
    if (err == OK && len != SEGMENT_LEN) {
        err = ERR_BAD_SEAL;
    }
    if (err == OK) {
        err = seal_open_head(sealer, &keys->read, slot, body, payload->bytes);
    }
    if (err == OK) {
        err = judge_payload(sealer, keys, slot, payload->bytes, found);
    }
    if (err == OK) {
        found->payload = payload;
        payload = NULL;
    }
out:
    held_drop(payload);
    free(body);
    return err;
}
