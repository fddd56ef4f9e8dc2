/* Counting what a restore would fetch and write: each data segment once, as long as its volume is
 * remembered. Bounded: 4 MiB. */
#ifndef FLOW_RESTORE_TALLY_H
#define FLOW_RESTORE_TALLY_H

#include "flow/restore/file_extents.h"

struct tally;

MUST_USE enum err tally_new(
    struct restore_ctx *ctx, struct share_reader *reader, struct tally **out);
void tally_free(struct tally *tally);

/* Begin with one more file. */
MUST_USE enum err tally_start(struct tally *tally, const struct record *record);

/* ANSWER_READY: the file is counted. */
enum answer tally_step(struct tally *tally, enum err *err);

/* So far: bytes to be written (no holes), articles to be fetched. */
uint64_t tally_bytes(const struct tally *tally);
uint64_t tally_articles(const struct tally *tally);

#endif
