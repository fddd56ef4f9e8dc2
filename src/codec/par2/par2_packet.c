/* Packets: a table of types, then each type's body, one function to read and one to write it. */
#include "codec/par2/par2_packet.h"

#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_encoder.h"

enum {
    MAGIC_LEN = 8,
    TYPE_LEN = 16,
    MD5_AT = 16, /* the head: magic, length, MD5 of all that follows, set id, type */
    SET_AT = 32,
    TYPE_AT = 48,
    MAIN_LEN = 12, /* a main packet's body without ids */
    FILE_LEN = 56, /* a file packet's body without its name: id, MD5s, length */
    WHOLE_MD5_AT = 16,
    START_MD5_AT = 32,
    LEN_AT = 48,
};

static const char magic[MAGIC_LEN + 1] = "PAR2\0PKT";

static const struct {
    char name[TYPE_LEN + 1];
    uint64_t body_min;
    uint64_t body_max;
} types[] = {
    [PAR2_MAIN] = {"PAR 2.0\0Main\0\0\0\0", MAIN_LEN, MAIN_LEN + PAR2_FILES_MAX *PAR2_MD5_LEN},
    [PAR2_FILE] = {"PAR 2.0\0FileDesc", FILE_LEN + 4, FILE_LEN + PAR2_NAME_MAX},
    [PAR2_CHECKS] = {"PAR 2.0\0IFSC\0\0\0\0", PAR2_MD5_LEN,
        PAR2_MD5_LEN + PAR2_SET_MAX *PAR2_CHECK_LEN},
    [PAR2_RECOVERY] = {"PAR 2.0\0RecvSlic", 4 + 4, 4 + PAR2_SLICE_LEN_MAX},
    [PAR2_CREATOR] = {"PAR 2.0\0Creator\0", 0, PAR2_TEXT_MAX},
};

int par2_id_compare(const struct par2_id *a, const struct par2_id *b)
{
    for (size_t i = sizeof a->b; i > 0; i--) {
        if (a->b[i - 1] != b->b[i - 1]) {
            return a->b[i - 1] < b->b[i - 1] ? -1 : 1;
        }
    }
    return 0;
}

struct par2_id par2_file_id(const struct par2_file *file)
{
    struct par2_md5 md5;
    uint8_t len[8];

    put_le64(len, file->len);
    par2_md5_init(&md5);
    par2_md5_update(&md5, bytes_at(file->start_md5.b, sizeof file->start_md5.b));
    par2_md5_update(&md5, bytes_at(len, sizeof len));
    par2_md5_update(&md5, file->name);
    return par2_md5_final(&md5);
}

/* ---- heads ---- */

size_t par2_packet_find(struct bytes in)
{
    for (size_t at = 0; at + MAGIC_LEN <= in.len; at++) {
        const uint8_t *p = memchr(in.ptr + at, magic[0], in.len - MAGIC_LEN + 1 - at);

        if (p == NULL) {
            return in.len;
        }
        at = (size_t)(p - in.ptr);
        if (memcmp(p, magic, MAGIC_LEN) == 0) {
            return at;
        }
    }
    return in.len;
}

static enum err check_len(const struct par2_head *head)
{
    if (head->len < PAR2_HEAD_LEN || head->len % 4 != 0) {
        return ERR_BAD_FORMAT;
    }
    if (head->type == PAR2_OTHER) {
        return OK;
    }
    if (head->len - PAR2_HEAD_LEN < types[head->type].body_min) {
        return ERR_BAD_FORMAT;
    }
    return head->len - PAR2_HEAD_LEN > types[head->type].body_max ? ERR_LIMIT : OK;
}

enum err par2_head_decode(const uint8_t in[PAR2_HEAD_LEN], struct par2_head *head)
{
    unsigned type = 0;

    if (memcmp(in, magic, MAGIC_LEN) != 0) {
        return ERR_BAD_FORMAT;
    }
    head->len = get_le64(in + MAGIC_LEN);
    memcpy(head->md5.b, in + MD5_AT, PAR2_MD5_LEN);
    memcpy(head->set.b, in + SET_AT, PAR2_MD5_LEN);
    while (type < PAR2_OTHER && memcmp(in + TYPE_AT, types[type].name, TYPE_LEN) != 0) {
        type++;
    }
    head->type = (enum par2_packet_type)type;
    return check_len(head);
}

bool par2_packet_is_whole(struct bytes packet, const struct par2_head *head)
{
    struct par2_id id;

    if (packet.len != head->len || packet.len < PAR2_HEAD_LEN) {
        return false;
    }
    bytes_skip(&packet, SET_AT);
    id = par2_md5_of(packet);
    return par2_id_equal(&id, &head->md5);
}

static void put_head(const struct par2_head *head, uint8_t out[PAR2_HEAD_LEN])
{
    memcpy(out, magic, MAGIC_LEN);
    put_le64(out + MAGIC_LEN, head->len);
    memcpy(out + MD5_AT, head->md5.b, PAR2_MD5_LEN);
    memcpy(out + SET_AT, head->set.b, PAR2_MD5_LEN);
    memcpy(out + TYPE_AT, types[head->type].name, TYPE_LEN);
}

/* Append a packet whose body is `fixed`, then `rest`, then NULs up to a multiple of 4. */
static enum err append_packet(
    struct par2_head *head, struct bytes fixed, struct bytes rest, struct buf *out)
{
    static const uint8_t nuls[3] = {0};
    size_t start = out->len;
    size_t padding = (4 - (fixed.len + rest.len) % 4) % 4;
    enum err err;

    head->len = PAR2_HEAD_LEN + fixed.len + rest.len + padding;
    err = check_len(head);
    if (err != OK) {
        return ERR_LIMIT;
    }
    err = buf_reserve(out, head->len);
    if (err != OK) {
        return err;
    }
    out->len += PAR2_HEAD_LEN; /* reserved; filled in below, when the hash is known */
    put_head(head, out->ptr + start);
    if (buf_append(out, fixed) != OK || buf_append(out, rest) != OK ||
        buf_append(out, bytes_at(nuls, padding)) != OK) {
        out->len = start;
        return ERR_NO_MEMORY;
    }
    head->md5 = par2_md5_of(bytes_at(out->ptr + start + SET_AT, head->len - SET_AT));
    put_head(head, out->ptr + start);
    return OK;
}

/* ---- main ---- */

static void put_main(const struct par2_main *packet, uint8_t out[MAIN_LEN])
{
    put_le64(out, packet->slice_len);
    put_le32(out + 8, packet->recovered);
}

static enum err check_main(const struct par2_main *packet)
{
    if (packet->slice_len == 0 || packet->slice_len % 4 != 0 ||
        packet->ids.len % PAR2_MD5_LEN != 0) {
        return ERR_BAD_FORMAT;
    }
    if (packet->slice_len > PAR2_SLICE_LEN_MAX || packet->ids.len / PAR2_MD5_LEN > PAR2_FILES_MAX) {
        return ERR_LIMIT;
    }
    return packet->recovered > packet->ids.len / PAR2_MD5_LEN ? ERR_BAD_FORMAT : OK;
}

enum err par2_main_decode(struct bytes body, struct par2_main *packet)
{
    if (take_le64(&body, &packet->slice_len) != OK || take_le32(&body, &packet->recovered) != OK) {
        return ERR_BAD_FORMAT;
    }
    packet->ids = body;
    return check_main(packet);
}

struct par2_id par2_set_id(const struct par2_main *packet)
{
    struct par2_md5 md5;
    uint8_t fixed[MAIN_LEN];

    put_main(packet, fixed);
    par2_md5_init(&md5);
    par2_md5_update(&md5, bytes_at(fixed, sizeof fixed));
    par2_md5_update(&md5, packet->ids);
    return par2_md5_final(&md5);
}

enum err par2_main_encode(const struct par2_main *packet, struct buf *out)
{
    struct par2_head head = {.type = PAR2_MAIN, .set = par2_set_id(packet)};
    uint8_t fixed[MAIN_LEN];

    if (check_main(packet) != OK) {
        return ERR_LIMIT;
    }
    put_main(packet, fixed);
    return append_packet(&head, bytes_at(fixed, sizeof fixed), packet->ids, out);
}

/* ---- files ---- */

static enum err check_name(struct bytes name)
{
    return name.len == 0 || memchr(name.ptr, '\0', name.len) != NULL ? ERR_BAD_FORMAT : OK;
}

enum err par2_file_decode(struct bytes body, struct par2_file *packet)
{
    if (body.len > types[PAR2_FILE].body_max) {
        return ERR_LIMIT;
    }
    if (take_copy(&body, packet->id.b, PAR2_MD5_LEN) != OK ||
        take_copy(&body, packet->md5.b, PAR2_MD5_LEN) != OK ||
        take_copy(&body, packet->start_md5.b, PAR2_MD5_LEN) != OK ||
        take_le64(&body, &packet->len) != OK) {
        return ERR_BAD_FORMAT;
    }
    while (body.len > 0 && body.ptr[body.len - 1] == '\0') {
        body.len--;
    }
    packet->name = body;
    return check_name(body);
}

enum err par2_file_encode(
    const struct par2_id *set, const struct par2_file *packet, struct buf *out)
{
    struct par2_head head = {.type = PAR2_FILE, .set = *set};
    uint8_t fixed[FILE_LEN];

    if (check_name(packet->name) != OK) {
        return ERR_LIMIT;
    }
    memcpy(fixed, packet->id.b, PAR2_MD5_LEN);
    memcpy(fixed + WHOLE_MD5_AT, packet->md5.b, PAR2_MD5_LEN);
    memcpy(fixed + START_MD5_AT, packet->start_md5.b, PAR2_MD5_LEN);
    put_le64(fixed + LEN_AT, packet->len);
    return append_packet(&head, bytes_at(fixed, sizeof fixed), packet->name, out);
}

/* ---- slices' hashes ---- */

enum err par2_checks_decode(struct bytes body, struct par2_checks *packet)
{
    if (body.len > types[PAR2_CHECKS].body_max) {
        return ERR_LIMIT;
    }
    if (take_copy(&body, packet->file.b, PAR2_MD5_LEN) != OK || body.len % PAR2_CHECK_LEN != 0) {
        return ERR_BAD_FORMAT;
    }
    packet->checks = body;
    return OK;
}

enum err par2_checks_encode(
    const struct par2_id *set, const struct par2_checks *packet, struct buf *out)
{
    struct par2_head head = {.type = PAR2_CHECKS, .set = *set};

    if (packet->checks.len % PAR2_CHECK_LEN != 0) {
        return ERR_LIMIT;
    }
    return append_packet(
        &head, bytes_at(packet->file.b, sizeof packet->file.b), packet->checks, out);
}

/* ---- recovery slices ---- */

enum err par2_recovery_decode(struct bytes body, struct par2_recovery *packet)
{
    if (take_le32(&body, &packet->exponent) != OK || body.len == 0 || body.len % 4 != 0) {
        return ERR_BAD_FORMAT;
    }
    packet->slice = body;
    return packet->exponent > PAR2_EXPONENT_MAX ? ERR_LIMIT : OK;
}

void par2_recovery_md5(const struct par2_id *set, uint32_t exponent, struct par2_md5 *md5)
{
    uint8_t number[4];

    put_le32(number, exponent);
    par2_md5_init(md5);
    par2_md5_update(md5, bytes_at(set->b, sizeof set->b));
    par2_md5_update(md5, bytes_at(types[PAR2_RECOVERY].name, TYPE_LEN));
    par2_md5_update(md5, bytes_at(number, sizeof number));
}

void par2_recovery_encode(const struct par2_id *set, const struct par2_recovery *packet,
    const struct par2_md5 *md5, uint8_t out[PAR2_RECOVERY_LEN])
{
    struct par2_head head = {.type = PAR2_RECOVERY, .set = *set};

    head.len = PAR2_RECOVERY_LEN + packet->slice.len;
    head.md5 = par2_md5_final(md5);
    put_head(&head, out);
    put_le32(out + PAR2_HEAD_LEN, packet->exponent);
}

/* ---- who made it ---- */

enum err par2_creator_encode(const struct par2_id *set, const char *text, struct buf *out)
{
    struct par2_head head = {.type = PAR2_CREATOR, .set = *set};

    return append_packet(&head, bytes_str(text), bytes_at(NULL, 0), out);
}
