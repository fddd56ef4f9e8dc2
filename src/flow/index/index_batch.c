/* Collecting, sorting and putting listed entries. */
#include "flow/index/index_batch.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = INDEX_SORT_MAX + STORE_BATCH_MAX };

enum err index_batch_init(struct index_batch *batch)
{
    batch->entries = malloc(ENTRIES_MAX * sizeof(batch->entries[0]));
    batch->names = malloc(INDEX_NAMES_LEN);
    return batch->entries != NULL && batch->names != NULL ? OK : ERR_NO_MEMORY;
}

void index_batch_clear(struct index_batch *batch)
{
    free(batch->entries);
    free(batch->names);
    *batch = (struct index_batch){0};
}

static struct bytes keep(struct index_batch *batch, struct bytes in)
{
    uint8_t *to = batch->names + batch->names_len;

    if (in.len > 0) {
        memcpy(to, in.ptr, in.len);
    }
    batch->names_len += in.len;
    return bytes_at(to, in.len);
}

bool index_batch_full(const struct index_batch *batch)
{
    return batch->count - batch->whole >= INDEX_SORT_MAX ||
           batch->names_len + INDEX_ENTRY_NAMES_MAX > INDEX_NAMES_LEN;
}

void index_batch_add(struct index_batch *batch, const struct store_entry *entry)
{
    struct store_entry *kept = &batch->entries[batch->count++];

    *kept = *entry;
    kept->name = keep(batch, entry->name);
    kept->target = keep(batch, entry->target);
}

/* --- putting -----------------------------------------------------------------------------------
 */

static enum err put(struct index_job *job, const struct store_listing *listings, size_t count)
{
    struct store_scan_counts counts = {0};

    return store_scan_put(job->options->store, job->options->share, listings, count, &counts);
}

static void empty(struct index_batch *batch)
{
    batch->count = 0;
    batch->whole = 0;
    batch->names_len = 0;
    batch->listing_count = 0;
}

static enum err put_waiting(struct index_job *job)
{
    struct index_batch *b = &job->batch;
    enum err err = OK;

    if (b->listing_count > 0) {
        err = put(job, b->listings, b->listing_count);
        b->listing_count = 0;
    }
    return err;
}

enum err index_batch_flush(struct index_job *job)
{
    enum err err = put_waiting(job);

    empty(&job->batch);
    return err;
}

/* Put the folder at hand in pieces that a put can take. */
static enum err put_pieces(struct index_job *job, struct store_listing listing, bool last)
{
    const struct index_batch *b = &job->batch;
    size_t at = b->whole;
    enum err err = OK;

    do {
        size_t left = b->count - at;

        listing.entries = b->entries + at;
        listing.count = left < STORE_BATCH_MAX ? left : STORE_BATCH_MAX;
        at += listing.count;
        listing.last = last && at == b->count;
        err = put(job, &listing, 1);
        listing.first = false;
        listing.after =
            listing.count > 0 ? listing.entries[listing.count - 1].name : (struct bytes){0};
    } while (err == OK && at < b->count);
    return err;
}

enum err index_batch_loose(struct index_job *job, uint64_t folder, enum index_piece piece)
{
    struct store_listing listing = {
        .ticket = job->ticket, .folder = folder, .order = STORE_LOOSE, .first = job->first};
    enum err err = put_waiting(job);

    if (err == OK) {
        err = put_pieces(job, listing, piece == INDEX_PIECE_LAST);
    }
    job->first = false;
    empty(&job->batch);
    return err;
}

/* --- whole folders -----------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
    const struct store_entry *x = a;
    const struct store_entry *y = b;

    return bytes_compare(x->name, y->name);
}

/* A folder that changes while it is read may give a name twice: the first look counts. */
static void sort_names(struct index_batch *b)
{
    struct store_entry *e = b->entries + b->whole;
    size_t count = b->count - b->whole;
    size_t kept = 0;

    qsort(e, count, sizeof(*e), by_name);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !bytes_equal(e[kept - 1].name, e[i].name)) {
            e[kept++] = e[i];
        }
    }
    b->count = b->whole + kept;
}

enum err index_batch_whole(struct index_job *job, uint64_t folder)
{
    struct index_batch *b = &job->batch;
    struct store_listing listing = {
        .ticket = job->ticket, .folder = folder, .order = STORE_SORTED, .first = true};
    enum err err = OK;

    sort_names(b);
    if (b->count > STORE_BATCH_MAX || b->listing_count == INDEX_LISTINGS_MAX) {
        err = put_waiting(job);
        if (err == OK) {
            err = put_pieces(job, listing, true);
        }
        empty(b);
        return err;
    }
    listing.last = true;
    listing.entries = b->entries + b->whole;
    listing.count = b->count - b->whole;
    b->listings[b->listing_count++] = listing;
    b->whole = b->count;
    return OK;
}
