/* Lines of the index file, out and in. */
#include "app/newsd/spool_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "codec/nntp/nntp_cmd.h"

enum {
    READ_LEN = 1 << 20,
    LINE_MAX_LEN = 4096, /* 16 groups of 128 octets, and numbers */
    CRC_TEXT = 8,
};

/* CRC-32 as in ISO 3309, bit by bit: lines are short. */
static uint32_t crc32_of(struct bytes in)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < in.len; i++) {
        crc ^= in.ptr[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
        }
    }
    return ~crc;
}

enum err spool_log_line(
    const struct spool_index *index, const struct spool_entry *entry, struct buf *out)
{
    size_t start = out->len;
    enum err err = OK;

    for (size_t i = 0; i < SIPHASH_LEN && err == OK; i++) {
        err = buf_printf(out, "%02x", entry->row.hash[i]);
    }
    if (err == OK) {
        err = buf_printf(out, " %u %u ", entry->row.len, entry->row.head_len);
    }
    for (size_t i = 0; i < entry->place_count && err == OK; i++) {
        err = buf_printf(out, "%s%s:%u", i == 0 ? "" : ",",
            index->groups[entry->places[i].group].name, entry->places[i].number);
    }
    if (err == OK) {
        err = buf_append_byte(out, ' ');
    }
    if (err == OK) {
        err = buf_printf(out, "%08x\n", crc32_of(bytes_at(out->ptr + start, out->len - start)));
    }
    return err;
}

static bool take_until(struct bytes *in, char stop, struct bytes *word)
{
    const uint8_t *at = in->len == 0 ? NULL : memchr(in->ptr, stop, in->len);

    if (at == NULL) {
        return false;
    }
    *word = bytes_at(in->ptr, (size_t)(at - in->ptr));
    bytes_skip(in, word->len + 1);
    return true;
}

static bool parse_number(struct bytes word, uint32_t *value)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9' || sum > UINT32_MAX) {
            return false;
        }
        sum = sum * 10 + (uint64_t)(word.ptr[i] - '0');
    }
    *value = (uint32_t)sum;
    return word.len > 0 && sum <= UINT32_MAX;
}

static bool parse_hash(struct bytes word, uint8_t hash[SIPHASH_LEN])
{
    static const char digits[] = "0123456789abcdef";

    if (word.len != (size_t)2 * SIPHASH_LEN) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        const char *digit = word.ptr[i] == '\0' ? NULL : strchr(digits, word.ptr[i]);

        if (digit == NULL) {
            return false;
        }
        hash[i / 2] = (uint8_t)(hash[i / 2] << 4 | (uint8_t)(digit - digits));
    }
    return true;
}

/* A group that the file `groups` no longer names is still the articles' own. */
static bool parse_place(struct spool_index *index, struct bytes word, struct spool_place *place)
{
    struct bytes name;

    if (!take_until(&word, ':', &name) || !nntp_group_valid(name) ||
        !parse_number(word, &place->number)) {
        return false;
    }
    place->group = spool_index_group(index, name);
    if (place->group == SPOOL_NONE && spool_index_add_group(index, name) == OK) {
        place->group = index->group_count - 1;
    }
    return place->group != SPOOL_NONE;
}

/* `line` ends with the blank before the CRC. */
static bool parse_line(struct spool_index *index, struct bytes line, struct spool_entry *entry)
{
    struct bytes hash, len, head_len, places, word;

    if (!take_until(&line, ' ', &hash) || !take_until(&line, ' ', &len) ||
        !take_until(&line, ' ', &head_len) || !take_until(&line, ' ', &places) || line.len != 0) {
        return false;
    }
    if (!parse_hash(hash, entry->row.hash) || !parse_number(len, &entry->row.len) ||
        !parse_number(head_len, &entry->row.head_len) || entry->row.head_len > entry->row.len) {
        return false;
    }
    for (entry->place_count = 0; places.len > 0; entry->place_count++) {
        if (entry->place_count == SPOOL_CROSS_MAX) {
            return false;
        }
        if (!take_until(&places, ',', &word)) {
            word = places;
            places.len = 0;
        }
        if (!parse_place(index, word, &entry->places[entry->place_count])) {
            return false;
        }
    }
    return true;
}

static bool crc_right(struct bytes line, struct bytes crc)
{
    char text[CRC_TEXT + 1];

    (void)snprintf(text, sizeof(text), "%08x", crc32_of(line));
    return bytes_equal(bytes_at(text, CRC_TEXT), crc);
}

/* `line` has no line end. ERR_BAD_FORMAT: it is damaged, or says again what is known. */
static enum err take_line(struct spool_index *index, struct bytes line)
{
    struct spool_entry entry = {.place_count = 0};
    struct bytes front = line, crc;
    enum err err = OK;

    if (line.len <= CRC_TEXT || line.len > LINE_MAX_LEN) {
        return ERR_BAD_FORMAT;
    }
    front.len -= CRC_TEXT;
    crc = bytes_at(line.ptr + front.len, CRC_TEXT);
    if (!crc_right(front, crc) || !parse_line(index, front, &entry) ||
        spool_index_find(index, entry.row.hash) != SPOOL_NONE) {
        return ERR_BAD_FORMAT;
    }
    for (size_t i = 0; i < entry.place_count && err == OK; i++) {
        err = spool_index_reserve(index, entry.places[i].group, entry.places[i].number);
    }
    if (err == OK) {
        err = spool_index_add(index, &entry.row);
    }
    for (size_t i = 0; i < entry.place_count && err == OK; i++) {
        spool_index_file(index, entry.places[i].group, entry.places[i].number, index->count - 1);
    }
    return err == ERR_LIMIT ? ERR_BAD_FORMAT : err;
}

struct log_read {
    uint64_t at;       /* where in the file the next line starts */
    uint64_t good_end; /* behind the last good line */
    unsigned bad;      /* bad lines seen */
    unsigned bad_before_good;
};

/* Take the whole lines of `in`; *used: their length. */
static enum err take_lines(
    struct spool_index *index, struct bytes in, struct log_read *read, size_t *used)
{
    size_t before = in.len;
    struct bytes line;

    while (take_until(&in, '\n', &line)) {
        enum err err = take_line(index, line);

        read->at += line.len + 1;
        if (err == ERR_BAD_FORMAT) {
            read->bad++;
        } else if (err != OK) {
            return err;
        } else {
            read->good_end = read->at;
            read->bad_before_good = read->bad;
        }
    }
    *used = before - in.len;
    return OK;
}

static enum err read_all(int fd, struct spool_index *index, struct log_read *read, uint64_t *size)
{
    struct buf chunk = {0};
    enum err err = buf_resize(&chunk, READ_LEN);
    size_t kept = 0, used = 0;
    ssize_t n = 1;

    while (err == OK && n > 0) {
        n = pread(fd, chunk.ptr + kept, READ_LEN - kept, (off_t)*size);
        if (n < 0) {
            err = err_from_errno(errno);
            break;
        }
        *size += (uint64_t)n;
        kept += (size_t)n;
        err = take_lines(index, bytes_at(chunk.ptr, kept), read, &used);
        if (err != OK) {
            break;
        }
        kept -= used;
        memmove(chunk.ptr, chunk.ptr + used, kept);
        if (kept == READ_LEN) { /* no line is that long: pass over it */
            read->at += kept;
            read->bad++;
            kept = 0;
        }
    }
    buf_clear(&chunk);
    return err;
}

enum err spool_log_read(int fd, struct spool_index *index, uint64_t *len)
{
    struct log_read read = {0};
    uint64_t size = 0;
    enum err err = read_all(fd, index, &read, &size);

    if (err != OK) {
        return err;
    }
    if (read.bad_before_good > 0) {
        log_error("newsd", "the index has damaged lines: count=%u", read.bad_before_good);
    }
    if (size > read.good_end) {
        log_warn("newsd", "the index ends in a torn line, cut off: bytes=%llu",
            (unsigned long long)(size - read.good_end));
        if (ftruncate(fd, (off_t)read.good_end) != 0) {
            return err_from_errno(errno);
        }
    }
    *len = read.good_end;
    return OK;
}
