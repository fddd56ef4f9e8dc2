/* Finding packets in a file that may be damaged anywhere: a packet counts when its hash is right,
 * and where no packet is, the next magic is looked for. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "flow/par2files/parset.h"

enum { CHUNK = 65536, MAGIC_LEN = 8, INDEX_MIN = 256 };

static struct parset_packet *packet_at(const struct parset *set, size_t i)
{
    return (struct parset_packet *)(void *)set->packets.ptr + i;
}

static size_t packet_count(const struct parset *set)
{
    return set->packets.len / sizeof(struct parset_packet);
}

/* ---- each packet once ---- */

/* The slot of the packet with this hash, or the empty one where it belongs. */
static size_t slot_of(const struct parset *set, const struct par2_id *md5)
{
    size_t slot = get_le32(md5->b) & (set->index_size - 1);

    while (set->index[slot] != 0 &&
           !par2_id_equal(&packet_at(set, set->index[slot] - 1)->head.md5, md5)) {
        slot = (slot + 1) & (set->index_size - 1);
    }
    return slot;
}

static enum err grow_index(struct parset *set)
{
    size_t count = packet_count(set);

    if (2 * (count + 1) < set->index_size) {
        return OK;
    }
    free(set->index);
    set->index_size = set->index_size == 0 ? INDEX_MIN : 2 * set->index_size;
    set->index = calloc(set->index_size, sizeof *set->index);
    if (set->index == NULL) {
        set->index_size = 0;
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        set->index[slot_of(set, &packet_at(set, i)->head.md5)] = (uint32_t)i + 1;
    }
    return OK;
}

/* Keep the packet (owned from here on); of the first one's set, or not at all. */
static enum err keep(struct parset *set, const struct par2_head *head, struct buf *bytes)
{
    struct parset_packet packet = {.head = *head, .bytes = *bytes};
    enum err err = grow_index(set);
    size_t slot;

    if (!set->has_id) {
        set->has_id = true;
        set->id = head->set;
    }
    if (err != OK || !par2_id_equal(&head->set, &set->id)) {
        buf_clear(bytes);
        return err;
    }
    slot = slot_of(set, &head->md5);
    if (set->index[slot] != 0) {
        buf_clear(bytes);
        return OK;
    }
    err = buf_append(&set->packets, bytes_at(&packet, sizeof packet));
    if (err != OK) {
        buf_clear(bytes);
        return err;
    }
    set->index[slot] = (uint32_t)packet_count(set);
    return OK;
}

/* ---- one packet ---- */

static enum err take_small(struct parset *set, struct disk_file *file, uint64_t at,
    const struct par2_head *head, bool *taken)
{
    struct buf bytes = {0};
    size_t got = 0;
    enum err err = buf_resize(&bytes, (size_t)head->len);

    *taken = false;
    if (err == OK) {
        err = disk_file_read(file, at, bytes.ptr, bytes.len, &got);
    }
    if (err != OK || got < bytes.len || !par2_packet_is_whole(buf_view(&bytes), head)) {
        buf_clear(&bytes);
        return err;
    }
    *taken = true;
    return keep(set, head, &bytes);
}

static enum err take_recovery(struct parset *set, struct disk_file *file, uint64_t at,
    const struct par2_head *head, bool *taken)
{
    struct parset_seen seen = {.file = file, .offset = at, .head = *head};
    uint8_t number[4];
    size_t got = 0;
    enum err err = disk_file_read(file, at + PAR2_HEAD_LEN, number, sizeof number, &got);

    *taken = err == OK && got == sizeof number;
    if (!*taken) {
        return err;
    }
    seen.exponent = get_le32(number);
    return buf_append(&set->seen, bytes_at(&seen, sizeof seen));
}

/* *len: how far to go on; 0: there is no packet here. */
static enum err take(
    struct parset *set, struct disk_file *file, uint64_t at, uint64_t to, uint64_t *len)
{
    uint8_t raw[PAR2_HEAD_LEN];
    struct par2_head head;
    bool taken = false;
    size_t got = 0;
    enum err err = disk_file_read(file, at, raw, sizeof raw, &got);

    *len = 0;
    if (err != OK || got < sizeof raw || par2_head_decode(raw, &head) != OK || head.len > to - at) {
        return err;
    }
    if (head.type == PAR2_RECOVERY) {
        err = take_recovery(set, file, at, &head, &taken);
    } else if (head.type == PAR2_MAIN || head.type == PAR2_FILE || head.type == PAR2_CHECKS) {
        err = take_small(set, file, at, &head, &taken);
    }
    *len = taken ? head.len : 0;
    return err;
}

/* ---- a file ---- */

static enum err find_magic(struct disk_file *file, uint64_t *at, uint64_t to)
{
    uint8_t chunk[CHUNK];

    while (*at + MAGIC_LEN <= to) {
        size_t want = to - *at < CHUNK ? (size_t)(to - *at) : CHUNK;
        size_t got = 0;
        size_t found;
        enum err err = disk_file_read(file, *at, chunk, want, &got);

        if (err != OK) {
            return err;
        }
        found = par2_packet_find(bytes_at(chunk, got));
        if (found < got) {
            *at += found;
            return OK;
        }
        if (got < MAGIC_LEN) {
            break;
        }
        *at += got - (MAGIC_LEN - 1);
    }
    *at = to;
    return OK;
}

enum err parset_scan(struct parset *set, struct disk_file *file, uint64_t from, uint64_t to)
{
    uint64_t at = from;
    enum err err = OK;

    while (err == OK && at < to && to - at >= PAR2_HEAD_LEN) {
        uint64_t len;

        err = take(set, file, at, to, &len);
        at += len != 0 ? len : 1;
        if (err == OK && len == 0) {
            err = find_magic(file, &at, to);
        }
    }
    return err;
}
