/* Inside mend*.c only: the step's state. mend.c finds the volumes and ends the step; mend_volume.c
 * completes one of them, mend_parity.c makes its parity. */
#ifndef FLOW_PUBLISH_MEND_ROOM_H
#define FLOW_PUBLISH_MEND_ROOM_H

#include "flow/publish/mend.h"
#include "flow/publish/mend_get.h"
#include "flow/publish/mend_solve.h"
#include "flow/publish/mend_walk.h"
#include "flow/publish/parity.h"

/* What is waited for. */
enum mend_phase {
    MEND_FINDING,   /* a worker: which volumes? */
    MEND_GETTING,   /* data segments, one after the other */
    MEND_WAITING,   /* a timer: articles that the server did not show may only be late */
    MEND_RECKONING, /* the parity of all that was got */
    MEND_FETCHING,  /* parity segments, to make up for data that is to be had from nowhere else */
    MEND_SOLVING,   /* a worker does that */
    MEND_POSTING,   /* the rest goes out */
    MEND_GIVING_UP, /* a worker: which files lost contents? */
};

/* What is known of a data segment in this pass. */
enum mend_have { HAVE_NOT, HAVE_WANTED, HAVE_ASKED, HAVE_GOT, HAVE_NOWHERE };

struct mend {
    struct publish_ctx *ctx;
    enum mend_reason reason;
    publish_step_fn done;
    void *arg;
    enum mend_phase phase;
    struct loop_timer *flush, *wait;
    struct poster *poster;
    struct mend_get *get;
    struct mend_walk *walk; /* under way */
    struct work_job job;    /* of the phases that say "a worker" */
    enum err job_err;
    atomic_int stop;
    int working; /* a worker has `job` */
    int cancelled;

    uint32_t *todo; /* volumes in need, rising */
    size_t todo_count, todo_cap;
    size_t at; /* of todo: the one behind the present one */

    /* the present volume */
    struct out_volume *volume;
    enum mend_need need; /* when it was loaded */
    uint8_t *have;       /* enum mend_have, of each data segment */
    uint8_t *posted;     /* of each place: it was handed to the poster */
    uint32_t *listed;    /* of each place of a HEALING volume: the attempt that is published */
    uint32_t next;   /* nothing below it is HAVE_WANTED; then, the next place to fetch or to post */
    unsigned passes; /* over the data, of all volumes */
    unsigned round;  /* of waiting */
    struct parity *parity;   /* NULL: in this pass only lost segments are got */
    struct mend_solve solve; /* slices, once they are reckoned; and what is lost */
    size_t fetched;          /* of solve.fetched */

    uint64_t *gone; /* given up: volume << 32 | index, rising */
    size_t gone_count, gone_cap;
    int gave_up; /* earlier ones */
};

/* Take the volume of `row`; m->volume stays NULL if it is in need of nothing. Then begin with it.
 */
MUST_USE enum err mend_volume_load(struct mend *m, const struct store_volume *row);
MUST_USE enum err mend_volume_begin(struct mend *m);

/* Go on with it, whatever happened. *over: it is complete, or it waits to be given up, and the
 * catalogue has it as it is; mend_volume_end() follows. */
MUST_USE enum err mend_volume_step(struct mend *m, bool *over);

/* Let go of it. */
void mend_volume_end(struct mend *m);

/* The getter's events, and the worker's in MEND_SOLVING. */
MUST_USE enum err mend_volume_got(
    struct mend *m, uint32_t index, struct buf *raw, struct buf *payload);
MUST_USE enum err mend_volume_missing(struct mend *m, uint32_t index);
MUST_USE enum err mend_parity_solved(struct mend *m);

/* Is this place of the present volume not on the server? How many data segments are known to be had
 * from nowhere? */
bool mend_is_planned(const struct mend *m, uint32_t index);
size_t mend_nowhere(const struct mend *m);

/* What is still to be done is posting; or nothing, since what is to be had from nowhere has to be
 * given up. */
void mend_volume_post(struct mend *m);
MUST_USE enum err mend_volume_give_up(struct mend *m);

/* mend_parity.c: from now on all that is got is reckoned in; that was all of it; parity is to be
 * fetched (in MEND_FETCHING). */
MUST_USE enum err mend_parity_begin(struct mend *m);
MUST_USE enum err mend_parity_finish(struct mend *m);
MUST_USE enum err mend_parity_fetch(struct mend *m);

/* The rest is in mend.c. Go on, at the end of any event; or end with an error. */
void mend_pump(struct mend *m);
void mend_failed(struct mend *m, enum err err);

/* Have run(m) done by a worker; what follows depends on the phase. */
void mend_work(struct mend *m, loop_fn run);

/* Note that the contents of data `index` of the present volume are to be had from nowhere. */
MUST_USE enum err mend_give_up(struct mend *m, uint32_t index);

#endif
