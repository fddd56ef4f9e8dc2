/* Any bytes as the entries of a share's tree, signed by its owner: whatever they say, a restore
 * ends or can be cancelled, and nothing appears outside its target.
 *
 * The input: a byte of flags (2 bits: where the tree lies; 2 bits: the rule for conflicts; 1 bit:
 * list it before), then entries: the folder (1 byte), the lengths of name (1 byte) and value
 * (2 bytes), name, value. Value 2 of a folder is the first that is in the share besides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canary.h"
#include "codec/manifest/record.h"
#include "codec/manifest/take.h"
#include "restore_rig.h"

enum { ENTRIES_MAX = 32, ENTRY_HEAD = 4, LONG_MS = 3000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The totals may lie; but a restore of nothing is not what is to be tried. */
static void count(struct head *head, struct bytes value)
{
    switch (value.len > 0 ? value.ptr[0] : 0) {
    case RECORD_FILE:
        head->files++;
        break;
    case RECORD_DIRECTORY:
        head->directories++;
        break;
    case RECORD_SYMLINK:
        head->symlinks++;
        break;
    default:
        break;
    }
}

/* A tree has each key once: its pages cannot be made otherwise. */
static bool is_there(const struct maker *m, struct bytes key)
{
    for (size_t i = 0; i < m->entry_count; i++) {
        if (bytes_compare(buf_view(&m->entries[i].key), key) == 0) {
            return true;
        }
    }
    return false;
}

/* One more entry; false: the input is used up. */
static bool take_entry(struct maker *m, struct bytes *in)
{
    uint8_t key[8 + UINT8_MAX] = {0};
    struct bytes head, name, value;

    if (take_bytes(in, ENTRY_HEAD, &head) != OK || take_bytes(in, head.ptr[1], &name) != OK) {
        return false;
    }
    value.len = (size_t)head.ptr[2] << 8 | head.ptr[3];
    value.len = value.len < in->len ? value.len : in->len;
    if (take_bytes(in, value.len, &value) != OK) {
        return false;
    }
    key[7] = head.ptr[0];
    memcpy(key + 8, name.ptr, name.len);
    if (!is_there(m, bytes_at(key, 8 + name.len))) {
        maker_entry(m, bytes_at(key, 8 + name.len), value);
        count(&m->head, value);
    }
    return true;
}

static void make(struct maker *m, uint8_t flags, struct bytes in)
{
    m->next_folder = 5000;
    m->tables = (flags & 3) < 3 ? (flags & 3) : MAKER_INLINE;
    maker_file(m, MAKER_TOP, "packed", bytes_str("so that there is a volume"), MAKER_PLAIN);
    for (size_t i = 0; i < ENTRIES_MAX && take_entry(m, &in); i++) {
    }
    maker_publish(m);
}

/* A restore that ends by itself or is cancelled. */
static void restore_it(struct rig *rig)
{
    struct restore *restore = rig_start(rig, NULL);

    rig_pass(rig, LONG_MS);
    if (rig->calls == 0) {
        restore_cancel(restore);
        rig_pass(rig, 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct rig rig;
    uint8_t flags = len > 0 ? data[0] : 0;

    rig_init(&rig);
    rig.helper =
        NULL; /* so that the fuzzer sees all of it, and the canary is safe by io/disk alone */
    rig.totals = RIG_TOTALS_LIE;
    canary_make(&rig);
    make(rig.maker, flags, bytes_at(data + (len > 0), len > 0 ? len - 1 : 0));
    if (flags & 16) {
        (void)rig_list(&rig, "", LISTING_RECURSIVE);
    }
    restore_it(&rig);
    rig.conflict = (enum restore_conflict)(flags >> 2 & 3);
    restore_it(&rig);
    if (!canary_sings(&rig) || canary_strangers(&rig) != 0) {
        abort();
    }
    rig_clear(&rig);
    return 0;
}
