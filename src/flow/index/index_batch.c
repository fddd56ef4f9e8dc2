/* Collecting and sorting listed entries. */
#include "flow/index/index_batch.h"

#include <stdlib.h>
#include <string.h>

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

/* --- handing over ------------------------------------------------------------------------------
 */

enum err index_batch_flush(struct index_job *job)
{
    return job->batch->listing_count > 0 ? index_puts_hand(job->puts, &job->batch) : OK;
}

/* What there is of the folder at hand becomes listings that a put can take each. */
static enum err hand_pieces(struct index_job *job, struct store_listing listing, bool last)
{
    struct index_batch *b = job->batch;
    size_t at = b->whole;

    do {
        size_t left = b->count - at;

        listing.entries = b->entries + at;
        listing.count = left < STORE_BATCH_MAX ? left : STORE_BATCH_MAX;
        at += listing.count;
        listing.last = last && at == b->count;
        b->listings[b->listing_count++] = listing;
        listing.first = false;
        listing.after =
            listing.count > 0 ? listing.entries[listing.count - 1].name : (struct bytes){0};
    } while (at < b->count);
    return index_puts_hand(job->puts, &job->batch);
}

enum err index_batch_loose(struct index_job *job, uint64_t folder, enum index_piece piece)
{
    struct store_listing listing = {
        .ticket = job->ticket, .folder = folder, .order = STORE_LOOSE, .first = job->first};

    job->first = false;
    return hand_pieces(job, listing, piece == INDEX_PIECE_LAST);
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
    struct index_batch *b = job->batch;
    struct store_listing listing = {
        .ticket = job->ticket, .folder = folder, .order = STORE_SORTED, .first = true};

    sort_names(b);
    if (b->count > STORE_BATCH_MAX || b->listing_count == INDEX_WAITING_MAX) {
        return hand_pieces(job, listing, true);
    }
    listing.last = true;
    listing.entries = b->entries + b->whole;
    listing.count = b->count - b->whole;
    b->listings[b->listing_count++] = listing;
    b->whole = b->count;
    return OK;
}
