/* From places to Message-IDs, from those to files of the spool. */
#include "loss.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/endian.h"
#include "codec/manifest/volume_table.h"
#include "codec/seal/seal_head.h"
#include "codec/seal/seal_names.h"

enum { HEAD_LEN = 4096 };

/* --- the spool -------------------------------------------------------------------------------- */

static struct {
    struct article_id id;
    enum loss how;
    unsigned found;
} hunt;

/* Another byte somewhere behind the middle. */
static void damage(const char *path, long len)
{
    FILE *file = fopen(path, "r+b");
    long at = len / 2;
    int byte;

    assert_non_null(file);
    do {
        assert_int_equal(fseek(file, ++at, SEEK_SET), 0);
        byte = getc(file);
    } while (byte < 'A' || byte >= 'Z'); /* they mean nothing to yEnc and NNTP */
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    putc(byte + 1, file);
    assert_int_equal(fclose(file), 0);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    char head[HEAD_LEN + 1] = "";
    FILE *file;

    (void)ftw;
    if (type != FTW_F || st->st_size < 700000) {
        return 0;
    }
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(fread(head, 1, HEAD_LEN, file) > 0);
    assert_int_equal(fclose(file), 0);
    if (strstr(head, hunt.id.text) == NULL) {
        return 0;
    }
    hunt.found++;
    if (hunt.how == LOSS_DAMAGED) {
        damage(path, (long)st->st_size);
    } else {
        assert_int_equal(unlink(path), 0);
    }
    return 0;
}

static void take(struct world *w, const struct article_id *id, enum loss how)
{
    char spool[WORLD_PATH_MAX + 32];

    snprintf(spool, sizeof(spool), "%s/spool", w->dir);
    hunt.id = *id;
    hunt.how = how;
    hunt.found = 0;
    assert_int_equal(nftw(spool, visit, 16, FTW_PHYS), 0);
    if (hunt.found != 1) {
        fail_msg("%u articles have the id %s", hunt.found, id->text);
    }
}

/* --- volumes ---------------------------------------------------------------------------------- */

struct rows {
    struct loss_volume *volumes;
    size_t count, cap;
};

static enum err on_volume(void *arg, const struct store_volume *v)
{
    struct rows *list = arg;

    if (v->k > 0 && list->count < list->cap) {
        list->volumes[list->count++] = (struct loss_volume){v->number, v->kind, v->k, v->m};
    }
    return OK;
}

size_t loss_volumes(struct world *w, struct loss_volume *volumes, size_t cap)
{
    struct rows list = {volumes, 0, cap};

    assert_int_equal(store_volume_after(w->store, w->share, 0, 1000, on_volume, &list), OK);
    return list.count;
}

struct loss_volume loss_volume(struct world *w, enum store_volume_kind kind, size_t nth)
{
    struct loss_volume volumes[64];
    size_t count = loss_volumes(w, volumes, 64);

    for (size_t i = 0; i < count; i++) {
        if (volumes[i].kind == kind && nth-- == 0) {
            return volumes[i];
        }
    }
    fail_msg("there is no such volume");
    return volumes[0];
}

struct place {
    struct sealer *sealer;
    const uint8_t *ck;
    uint32_t index;
    struct article_id id;
};

/* The catalogue's exceptions: the length of the attempts, the attempts, the changed ids. */
static enum err on_place(void *arg, const struct store_volume *v)
{
    struct place *p = arg;
    struct volume_entry entry = {0};
    struct bytes rest = v->exceptions;
    struct seal_place place = {.index = p->index};
    struct volume_keys keys;
    struct seal_names names;
    uint64_t len = 0;

    assert_true(p->index < v->k + v->m);
    if (rest.len > 0) {
        assert_int_equal(varint_take(&rest, &len), OK);
        entry.attempts = bytes_at(rest.ptr, (size_t)len);
    }
    place.cid = volume_cid_at(v->cids, p->index);
    place.attempt = volume_attempt_of(&entry, p->index);
    assert_int_equal(seal_volume_keys(p->sealer, v->key, p->ck, &keys), OK);
    assert_int_equal(seal_segment_names(p->sealer, &keys, &place, &names), OK);
    p->id = names.id;
    return OK;
}

static void share_keys(struct world *w, struct sealer *sealer, struct share_keys *keys)
{
    struct store_share share;

    assert_int_equal(store_share_get(w->store, w->share, &share), OK);
    assert_int_equal(seal_share_keys(sealer, share.write_seed, keys), OK);
}

void loss_take(struct world *w, uint32_t volume, uint32_t index, enum loss how)
{
    struct place place = {.index = index};
    struct share_keys keys;

    assert_int_equal(sealer_new(&place.sealer), OK);
    share_keys(w, place.sealer, &keys);
    place.ck = keys.ck;
    assert_int_equal(store_volume_get(w->store, w->share, volume, on_place, &place), OK);
    sealer_free(place.sealer);
    take(w, &place.id, how);
}

static void take_slot(struct world *w, struct seal_slot at)
{
    struct sealer *sealer;
    struct read_keys keys;
    struct seal_names names;

    assert_int_equal(sealer_new(&sealer), OK);
    assert_int_equal(seal_read_keys(sealer, w->key.read_secret, &keys), OK);
    assert_int_equal(seal_head_names(sealer, &keys, &at, &names), OK);
    sealer_free(sealer);
    take(w, &names.id, LOSS_GONE);
}

void loss_take_head(struct world *w, uint64_t version, uint32_t slot)
{
    take_slot(w, (struct seal_slot){SEAL_BY_VERSION, version, slot});
}

void loss_take_head_of_day(struct world *w, uint32_t day, uint32_t slot)
{
    take_slot(w, (struct seal_slot){SEAL_BY_DAY, day, slot});
}
