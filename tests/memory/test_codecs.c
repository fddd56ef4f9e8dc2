/* No memory: every allocation that a codec makes fails once, the k-th in the k-th round. The codec
 * says ERR_NO_MEMORY and leaves nothing behind (AddressSanitizer sees what it would). The linker
 * puts our malloc() in place of the codecs' (tests/CMakeLists.txt); those inside libcrypto and zstd
 * stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/link/link.h"
#include "codec/manifest/object.h"
#include "codec/manifest/tree_builder.h"
#include "codec/manifest/tree_cursor.h"
#include "codec/manifest/volume_table.h"
#include "codec/nntp/nntp_article.h"
#include "codec/nntp/nntp_cmd.h"
#include "codec/par2/par2_repair.h"
#include "codec/seal/sealer.h"
#include "codec/yenc/yenc.h"

enum { ROUNDS_MAX = 5000, OBJECTS_MAX = 200 };

static size_t fail_at, calls; /* 0: none fails */
static bool struck;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fails(void)
{
    bool now = ++calls == fail_at;

    struck = struck || now;
    return now;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

/* --- what a codec does: a whole round trip, everything freed whatever happens --- */

static enum err yenc_there_and_back(void)
{
    static uint8_t plain[50000], again[50000];
    struct yenc_options options = {.name = bytes_str("name")};
    struct buf body = {0};
    size_t len = 0;
    enum err err = yenc_encode(bytes_at(plain, sizeof(plain)), &options, &body);

    if (err == OK) {
        err = yenc_decode(buf_view(&body), again, sizeof(again), &len);
    }
    buf_clear(&body);
    return err;
}

/* Objects, where no allocation of ours fails. */
static struct object {
    uint8_t *data;
    size_t len;
} objects[OBJECTS_MAX];
static size_t object_count;

static enum err keep_object(void *arg, struct bytes plain, struct pointer *at)
{
    struct object *o = &objects[object_count];

    (void)arg;
    assert_true(object_count < OBJECTS_MAX);
    o->data = __real_malloc(plain.len);
    o->len = plain.len;
    memcpy(o->data, plain.ptr, plain.len);
    *at = (struct pointer){
        .volume = 1, .offset = (uint32_t)object_count++, .length = (uint32_t)plain.len};
    return OK;
}

static void drop_objects(void)
{
    while (object_count > 0) {
        free(objects[--object_count].data);
    }
}

static enum err write_tree(struct pointer *root)
{
    struct tree_builder *b = NULL;
    uint8_t value[200] = {0};
    enum err err = tree_builder_new(keep_object, NULL, &b);

    for (uint32_t i = 0; i < 3000 && err == OK; i++) {
        uint8_t key[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

        value[i % sizeof(value)] ^= (uint8_t)i;
        err = tree_builder_add(b, bytes_at(key, sizeof(key)), bytes_at(value, sizeof(value)));
    }
    if (err == OK) {
        err = tree_builder_finish(b, root);
    }
    tree_builder_free(b);
    return err;
}

static enum err read_tree(const struct pointer *root)
{
    const struct bytes all = {0};
    struct tree_cursor *c = NULL;
    struct tree_item item;
    enum err err = tree_cursor_new(root, all, all, &c);

    while (err == OK) {
        enum tree_event event = tree_cursor_step(c, &item);

        if (event == TREE_END) {
            break;
        }
        if (event == TREE_BAD) {
            err = item.err;
        } else if (event == TREE_NEED) {
            const struct object *o = &objects[item.need.offset];

            err = tree_cursor_feed(c, bytes_at(o->data, o->len));
        }
    }
    tree_cursor_free(c);
    return err;
}

static enum err tree_there_and_back(void)
{
    struct pointer root = {0};
    enum err err = write_tree(&root);

    if (err == OK) {
        err = read_tree(&root);
    }
    drop_objects();
    return err;
}

static enum err write_extents(struct buf *run, uint8_t *depth, uint64_t *size)
{
    struct extent_list *l = NULL;
    enum err err = extent_list_new(keep_object, NULL, &l);

    for (uint32_t i = 0; i < 20000 && err == OK; i++) {
        struct extent e = {.kind = EXTENT_RAW,
            .volume = 1 + i % 7,
            .index = i % 900,
            .blocks = 1,
            .plain_len = PAYLOAD_LEN};

        err = extent_list_add(l, &e);
        *size += e.plain_len;
    }
    if (err == OK) {
        err = extent_list_finish(l, depth, run);
    }
    extent_list_free(l);
    return err;
}

static enum err read_extents(struct bytes run, uint8_t depth, uint64_t size)
{
    struct extent_walk *w = NULL;
    struct extent_item item;
    enum err err = extent_walk_new(depth, run, size, &w);

    while (err == OK) {
        enum extent_event event = extent_walk_step(w, &item);

        if (event == EXTENT_WALK_END) {
            break;
        }
        if (event == EXTENT_WALK_BAD) {
            err = item.err;
        } else if (event == EXTENT_WALK_NEED) {
            const struct object *o = &objects[item.need.offset];

            err = extent_walk_feed(w, bytes_at(o->data, o->len));
        }
    }
    extent_walk_free(w);
    return err;
}

static enum err extents_there_and_back(void)
{
    struct buf run = {0};
    uint8_t depth = 0;
    uint64_t size = 0;
    enum err err = write_extents(&run, &depth, &size);

    if (err == OK) {
        err = read_extents(buf_view(&run), depth, size);
    }
    buf_clear(&run);
    drop_objects();
    return err;
}

static enum err object_there_and_back(void)
{
    static uint8_t plain[PAGE_MAX];
    struct buf stored = {0}, again = {0};
    enum err err = object_pack(bytes_at(plain, sizeof(plain)), &stored);

    if (err == OK) {
        err = object_unpack(buf_view(&stored), PAGE_MAX, &again);
    }
    buf_clear(&stored);
    buf_clear(&again);
    return err;
}

static enum err volume_there_and_back(void)
{
    static uint8_t cids[8 * 32];
    struct buf attempts = {0}, changed = {0}, list = {0};
    struct volume_entry e = {.number = 1, .kind = VOLUME_META, .k = 5, .m = 3}, again;
    struct bytes rest;
    enum err err = volume_attempt_put(&attempts, 2, 7);

    if (err == OK) {
        err = volume_changed_put(&changed, 1, bytes_str("<another@id.example>"));
    }
    e.cids = bytes_at(cids, sizeof(cids));
    e.attempts = buf_view(&attempts);
    e.changed = buf_view(&changed);
    if (err == OK) {
        err = volume_entry_put(&list, &e);
    }
    rest = buf_view(&list);
    if (err == OK) {
        err = volume_entry_take(&rest, &again);
    }
    buf_clear(&attempts);
    buf_clear(&changed);
    buf_clear(&list);
    return err;
}

static enum err seal_something(void)
{
    const uint8_t key[KEY_LEN] = {1};
    struct sealer *s = NULL;
    struct cid cid;
    enum err err = sealer_new(&s);

    if (err == OK) {
        err = seal_cid(s, key, bytes_str("contents"), &cid);
    }
    sealer_free(s);
    return err;
}

static enum err link_there_and_back(void)
{
    struct link link = {.kind = LINK_PUBLIC, .l = {1}, .fp = {2}}, again;
    struct buf text = {0};
    enum err err = link_encode(&link, &text);

    if (err == OK) {
        err = link_decode(buf_view(&text), &again);
    }
    buf_clear(&text);
    return err;
}

static enum err nntp_article(void)
{
    const struct nntp_head_fields fields = {.from = bytes_str("a@b.example"),
        .newsgroups = bytes_str("alt.test"),
        .subject = bytes_str("subject"),
        .id = bytes_str("<c@d.example>"),
        .date = 1};
    struct buf head = {0}, value = {0}, body = {0}, line = {0};
    enum err err = nntp_article_head(&fields, &head);

    if (err == OK) {
        err = nntp_article_field(buf_view(&head), "Subject", &value);
    }
    if (err == OK) {
        err = nntp_article_stuff(bytes_str(".a\r\nb"), &body);
    }
    if (err == OK) {
        err = nntp_cmd_append(&line, NNTP_CMD_STAT, fields.id);
    }
    buf_clear(&head);
    buf_clear(&value);
    buf_clear(&body);
    buf_clear(&line);
    return err;
}

static enum err par2_encode_by(enum par2_method method)
{
    const struct par2_shape shape = {.input_count = 40, .exponent_count = 12, .method = method};
    struct par2_encoder *e = NULL;
    enum err err = par2_encoder_new(&shape, &e);

    par2_encoder_free(e);
    return err;
}

static enum err par2_rows(void)
{
    return par2_encode_by(PAR2_ROWS);
}

static enum err par2_frobenius(void)
{
    return par2_encode_by(PAR2_FROBENIUS);
}

static enum err par2_fourier(void)
{
    return par2_encode_by(PAR2_FOURIER);
}

static enum err par2_repair_with(const uint32_t *exponents)
{
    const uint32_t missing[] = {3, 0, 17, 22, 5};
    const struct par2_loss loss = {
        .missing = missing, .exponents = exponents, .missing_count = 5, .exponent_count = 5};
    struct par2_repair *r = NULL;
    enum err err = par2_repair_new(&loss, &r);

    par2_repair_free(r);
    return err;
}

static enum err par2_repair_by_a_run(void)
{
    const uint32_t run[] = {4, 5, 6, 7, 8};

    return par2_repair_with(run);
}

static enum err par2_repair_by_others(void)
{
    const uint32_t gaps[] = {1, 4, 9, 11, 20};

    return par2_repair_with(gaps);
}

static const struct row {
    const char *name;
    enum err (*run)(void);
} rows[] = {
    {"yenc", yenc_there_and_back},
    {"tree", tree_there_and_back},
    {"extents", extents_there_and_back},
    {"object", object_there_and_back},
    {"volume entry", volume_there_and_back},
    {"sealer", seal_something},
    {"link", link_there_and_back},
    {"article", nntp_article},
    {"par2 by rows", par2_rows},
    {"par2 by squares", par2_frobenius},
    {"par2 by a transform", par2_fourier},
    {"par2 repair by a run", par2_repair_by_a_run},
    {"par2 repair by others", par2_repair_by_others},
};

/* The k-th allocation of a row fails. False: there was no k-th. */
static bool fail_one(const struct row *row, size_t k)
{
    enum err err;

    fail_at = k;
    calls = 0;
    struck = false;
    err = row->run();
    fail_at = 0;
    if (err != (struck ? ERR_NO_MEMORY : OK)) {
        fail_msg("%s, at allocation %zu: %s", row->name, k, err_name(err));
    }
    return struck;
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t k = 1;

        while (fail_one(&rows[i], k)) {
            assert_true(k++ < ROUNDS_MAX);
        }
        if (k == 1) {
            fail_msg("%s allocates nothing", rows[i].name);
        }
        print_message("%s: %zu allocations\n", rows[i].name, k - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
