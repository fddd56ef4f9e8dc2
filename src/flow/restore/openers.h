/* Sealers for workers: each errand that decrypts or hashes borrows one while it runs. */
#ifndef FLOW_RESTORE_OPENERS_H
#define FLOW_RESTORE_OPENERS_H

#include "base/err.h"
#include "codec/seal/sealer.h"

struct openers;

/* An empty pool with one holder; errands hold it too, since they may outlive their flow. */
MUST_USE enum err openers_new(struct openers **out);
struct openers *openers_keep(struct openers *openers);
void openers_drop(struct openers *openers);

/* Borrow a sealer until openers_return(). From any thread. */
MUST_USE enum err openers_borrow(struct openers *openers, struct sealer **sealer);
void openers_return(struct openers *openers, struct sealer *sealer);

#endif
