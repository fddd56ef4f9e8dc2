/* Reckoned as publishing does it: whole blocks are articles of their own, everything else is packed
 * one behind the other, volumes of 1,024 get their recovery slices, the listing goes into small
 * volumes of its own. */
#include "app/control/estimate.h"

#include "base/ids.h"
#include "flow/publish/out_volume.h"
#include "flow/publish/parity_count.h"

enum {
    LISTING_BYTES = 64,    /* of an entry, compressed, tables included */
    HEADS = 6,             /* copies of the head */
    META_VOLUME = 64,      /* data segments of a volume with listing */
    INLINE_BYTES = 700000, /* as much of contents and listing fits into the head */
    ARTICLE_HEAD = 600,    /* lines of header and yEnc */
};

static uint64_t up(uint64_t bytes, uint64_t by)
{
    return (bytes + by - 1) / by;
}

/* `segments` of data with the recovery slices of their volumes. */
static uint64_t protected(
    uint64_t segments, enum store_volume_kind kind, uint32_t volume, unsigned percent)
{
    uint32_t rest = (uint32_t)(segments % volume);
    uint64_t whole = segments / volume;

    return segments + whole * parity_count(kind, volume, percent) +
           (rest > 0 ? parity_count(kind, rest, percent) : 0);
}

/* yEnc escapes 4 of 256 bytes and breaks lines after 128. */
static uint64_t on_the_wire(uint64_t articles)
{
    uint64_t body = SEGMENT_LEN + SEGMENT_LEN / 64;

    return articles * (body + body / 64 + ARTICLE_HEAD);
}

void estimate_make(const struct index_sum *sum, unsigned percent, struct estimate *estimate)
{
    uint64_t entries = sum->files + sum->directories + sum->symlinks;
    uint64_t listing = entries * LISTING_BYTES;
    uint64_t loose = sum->bytes - sum->blocks * PAYLOAD_LEN;
    uint64_t articles = HEADS;

    if (sum->bytes + listing > INLINE_BYTES) {
        articles += protected(
            sum->blocks + up(loose, PAYLOAD_LEN), STORE_VOLUME_DATA, VOLUME_DATA_K, percent);
        articles += protected(up(listing, PAYLOAD_LEN), STORE_VOLUME_META, META_VOLUME, percent);
    }
    *estimate = (struct estimate){articles, on_the_wire(articles)};
}
