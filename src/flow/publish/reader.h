/* Reading ahead: blocks go to the workers in batches, and come back in the order in which they were
 * asked for, whoever was faster. How far it runs ahead is bounded in blocks and in bytes. */
#ifndef FLOW_PUBLISH_READER_H
#define FLOW_PUBLISH_READER_H

#include "flow/publish/block.h"
#include "flow/publish/poster.h"

struct reader;

/* Runs on the loop, never inside a call of this file: something came back from a worker. May stop
 * the reader, and free it if it is not busy any more. */
typedef void (*reader_back_fn)(void *arg);

/* `ctx`, and `poster`, whose spare buffers blocks are read into, must be there until the reader is
 * stopped. */
MUST_USE enum err reader_new(struct publish_ctx *ctx, struct poster *poster, reader_back_fn back,
    void *arg, struct reader **reader);

/* Ask for nothing more, and take back what no worker has begun with. While it is busy after this
 * the sources are needed, and `back` tells when something changes. */
void reader_stop(struct reader *reader);

/* Do workers have anything of it? */
bool reader_busy(const struct reader *reader);

/* Only while it is not busy. */
void reader_free(struct reader *reader);

/* Is it time to read more? Yes as soon as there is room for a whole batch. */
bool reader_wants(const struct reader *reader);

/* While it wants more: may one more block be asked for before reader_go()? */
bool reader_has_room(const struct reader *reader);

/* Ask for a block of `source`, which is open. Begins when the batch is full or with reader_go(). */
MUST_USE enum err reader_add(struct reader *reader, struct source *source, uint64_t number);

/* No more for now: hand what was asked for to the workers. */
void reader_go(struct reader *reader);

/* The block whose turn it is; NULL: it is not back yet, or there is none. reader_drop() it when it
 * is packed. */
struct block *reader_next(const struct reader *reader);
void reader_drop(struct reader *reader);

/* Was everything that was asked for dropped? */
bool reader_empty(const struct reader *reader);

#endif
