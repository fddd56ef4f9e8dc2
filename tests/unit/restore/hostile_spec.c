/* From words to bytes, and bytes into a share. */
#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/endian.h"

#define must(call) assert_int_equal((call), OK)

static const char true_text[] = "true";

/* What the words with a dollar stand for. */
struct spec_words {
    struct maker *m;
    const struct volume_entry *volume;
};

static void put_hex(struct buf *out, const char *hex)
{
    for (; hex[0] != '\0'; hex += 2) {
        const char pair[] = {hex[0], hex[1], '\0'};

        must(buf_append_byte(out, (uint8_t)strtoul(pair, NULL, 16)));
    }
}

static void put_repeated(struct buf *out, const char *word)
{
    char *end;
    unsigned long count = strtoul(word, &end, 10);

    assert_int_equal(*end, ':');
    while (count-- > 0) {
        put_hex(out, end + 1);
    }
}

static void put_dollar(struct buf *out, const char *word, const struct spec_words *words)
{
    struct cid cid;
    struct pointer at;
    struct buf run = {0};
    struct extent_writer w = {0};
    struct extent hole = {.kind = EXTENT_HOLE, .plain_len = 64 * (uint64_t)PAYLOAD_LEN};

    if (strcmp(word, "VK") == 0) {
        must(buf_append(out, bytes_at(words->volume->vk, KEY_LEN)));
    } else if (strcmp(word, "LIST") == 0) {
        must(pointer_put(out, &words->volume->list));
    } else if (strcmp(word, "TRUE") == 0) {
        must(seal_cid(words->m->sealer, words->m->keys.ck, bytes_str(true_text), &cid));
        must(buf_append(out, bytes_at(cid.b, ITEM_ID_LEN)));
    } else {
        assert_string_equal(word, "P");
        must(extent_writer_put(&w, &hole));
        maker_object(words->m, buf_view(&w.out), &at);
        must(pointer_put(out, &at));
        buf_clear(&w.out);
    }
    buf_clear(&run);
}

static void put_word(struct buf *out, const char *word, const struct spec_words *words)
{
    int64_t v;

    switch (word[0]) {
    case 'b':
        must(buf_append_byte(out, (uint8_t)strtoul(word + 1, NULL, 10)));
        break;
    case 'v':
        must(varint_put(out, strtoull(word + 1, NULL, 10)));
        break;
    case 'z':
        v = strtoll(word + 1, NULL, 10);
        must(varint_put(out, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0)));
        break;
    case 'x':
        put_hex(out, word + 1);
        break;
    case 'r':
        put_repeated(out, word + 1);
        break;
    case '"':
        must(buf_append_str(out, word + 1));
        break;
    case '$':
        put_dollar(out, word + 1, words);
        break;
    default:
        fail_msg("spec: %s", word);
    }
}

static void spec_put(struct buf *out, const char *spec, const struct spec_words *words)
{
    char copy[1024];
    char *at = NULL;

    assert_true(strlen(spec) < sizeof(copy));
    (void)snprintf(copy, sizeof(copy), "%s", spec);
    for (char *word = strtok_r(copy, " ", &at); word != NULL; word = strtok_r(NULL, " ", &at)) {
        put_word(out, word, words);
    }
}

/* --- into the share --- */

static void count_type(struct maker *m, unsigned type)
{
    m->head.directories += type == RECORD_DIRECTORY;
    m->head.files += type == RECORD_FILE;
    m->head.symlinks += type == RECORD_SYMLINK;
    m->head.others += type == RECORD_HARD_LINK;
}

void hostile_entry(struct maker *m, uint64_t folder, struct bytes name, struct bytes value)
{
    struct buf key = {0};
    uint8_t id[8];

    for (int i = 0; i < 8; i++) {
        id[i] = (uint8_t)(folder >> (56 - 8 * i));
    }
    must(buf_append(&key, bytes_at(id, sizeof(id))));
    must(buf_append(&key, name));
    maker_entry(m, buf_view(&key), value);
    buf_clear(&key);
}

void hostile_record(
    struct maker *m, uint64_t folder, const char *name, const char *spec, unsigned type)
{
    struct spec_words words = {m, NULL};
    struct buf value = {0};

    spec_put(&value, spec, &words);
    hostile_entry(m, folder, bytes_str(name), buf_view(&value));
    count_type(m, type);
    buf_clear(&value);
}

/* A right record of each type, to go with a wrong name. */
static const char *const records[] = {
    [RECORD_DIRECTORY] = "b1 b0 v448 z0 v999",
    [RECORD_FILE] = "b2 b0 v384 z0 v0 b0 v0",
    [RECORD_SYMLINK] = "b3 b0 v511 z0 v1 \"x",
    [RECORD_HARD_LINK] = "b4 b0 v1 v4 \"true",
};

static void add_name(struct maker *m, const struct hostile_kind *kind, struct bytes name)
{
    struct spec_words words = {m, NULL};
    struct buf value = {0};

    spec_put(&value, records[kind->n], &words);
    hostile_entry(m, MAKER_TOP, name, buf_view(&value));
    count_type(m, (unsigned)kind->n);
    buf_clear(&value);
}

/* A file's record around its extents, as long as they may be. */
static void add_file(struct maker *m, const struct hostile_kind *kind, struct bytes run)
{
    struct buf value = {0};

    must(buf_append(&value, bytes_at("\x02\x00\x00\x00", 4)));
    must(varint_put(&value, kind->n));
    must(buf_append_byte(&value, (uint8_t)kind->depth));
    must(varint_put(&value, run.len));
    must(buf_append(&value, run));
    hostile_entry(m, MAKER_TOP, bytes_str("bad"), buf_view(&value));
    m->head.files++;
    m->head.bytes += kind->n <= COUNT_MAX - 1000000 ? kind->n : 0;
    buf_clear(&value);
}

static void on_volume(struct maker *m, const struct volume_entry *entry, struct buf *value)
{
    const struct hostile_kind *kind = m->spoil_arg;
    struct spec_words words = {m, entry};

    value->len = 0;
    spec_put(value, kind->spec, &words);
}

/* Put the bytes at kind->n, in place of kind->depth ones; what follows moves. */
static void on_head(struct maker *m, uint8_t *core)
{
    const struct hostile_kind *kind = m->spoil_arg;
    struct spec_words words = {m, NULL};
    struct buf bytes = {0};
    size_t from = (size_t)kind->n, rest;

    spec_put(&bytes, kind->spec, &words);
    rest = HEAD_CORE_LEN - from - (bytes.len > kind->depth ? bytes.len : kind->depth);
    memmove(core + from + bytes.len, core + from + kind->depth, rest);
    memcpy(core + from, bytes.ptr, bytes.len);
    buf_clear(&bytes);
}

/* The tree is the test's own, and holds `count` symlinks: it is not refused for its totals. */
static void only_symlinks(struct maker *m, uint64_t count)
{
    m->keep_tree = 1;
    m->head.files = 0;
    m->head.bytes = 0;
    m->head.symlinks = count;
}

static void apply(struct maker *m, const struct hostile_kind *kind)
{
    struct spec_words words = {m, NULL};
    struct buf bytes = {0};

    if (kind->place != HOSTILE_VOLUME && kind->place != HOSTILE_HEAD) {
        spec_put(&bytes, kind->spec == NULL ? "" : kind->spec, &words);
        must(buf_append_byte(&bytes, 0));
        bytes.len--;
    }
    switch (kind->place) {
    case HOSTILE_NAME:
        add_name(m, kind, buf_view(&bytes));
        break;
    case HOSTILE_EXTENTS:
    case HOSTILE_LISTS:
        add_file(m, kind, buf_view(&bytes));
        break;
    case HOSTILE_RECORD:
        hostile_entry(m, MAKER_TOP, bytes_str("bad"), buf_view(&bytes));
        count_type(m, (unsigned)kind->n);
        break;
    case HOSTILE_PAGE:
        maker_object(m, buf_view(&bytes), &m->head.tree);
        only_symlinks(m, kind->n);
        break;
    case HOSTILE_STORED:
        maker_stored(m, buf_view(&bytes), &m->head.tree);
        only_symlinks(m, kind->n);
        break;
    case HOSTILE_VOLUME:
        m->spoil_volume = on_volume;
        break;
    case HOSTILE_HEAD:
        m->spoil_head = on_head;
        break;
    case HOSTILE_MADE:
        kind->make(m);
        break;
    }
    buf_clear(&bytes);
}

void hostile_publish(struct maker *m, const struct hostile_kind *kind)
{
    m->next_folder = 5000;
    m->spoil_arg = kind;
    maker_inline_file(m, MAKER_TOP, "true", bytes_str(true_text));
    if (kind->place != HOSTILE_HEAD) {
        maker_file(m, MAKER_TOP, "packed", bytes_str("so that there is a volume"), MAKER_PLAIN);
    }
    apply(m, kind);
    maker_publish(m);
}
