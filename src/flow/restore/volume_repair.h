/* One volume in repair: volume_repair.c has its segments, repair_steps.c the order of its steps. */
#ifndef FLOW_RESTORE_VOLUME_REPAIR_H
#define FLOW_RESTORE_VOLUME_REPAIR_H

#include "flow/restore/repair_disk.h"
#include "flow/restore/repair_math.h"
#include "flow/restore/repair_room.h"

enum repair_state {
    REPAIR_WAITING,  /* for its turn to have a scratch file */
    REPAIR_OPENING,  /* the scratch file is being made */
    REPAIR_WATCHING, /* nothing is lost: what comes anyway is kept, nothing else is fetched */
    REPAIR_RESTING,  /* nothing is lost, and nobody wants anything of it just now */
    REPAIR_DATA,     /* data segments come */
    REPAIR_PARITY,   /* all data segments are here or lost; recovery segments come */
    REPAIR_CHOOSING, /* a worker finds out how */
    REPAIR_BANDS,    /* workers make what is lost */
    REPAIR_DONE,     /* what was lost is made */
    REPAIR_HOPELESS, /* more is lost than can be made */
};

/* What is known of a segment. */
enum repair_seg {
    SEG_UNKNOWN,
    SEG_COMING,  /* being fetched */
    SEG_STORING, /* came, and is being written to the scratch file */
    SEG_HERE,    /* right, in the scratch file */
    SEG_LOST,    /* nobody has it; it may be made yet */
    SEG_MADE,    /* was lost; lies in the scratch file */
    SEG_GONE,    /* was made, and is not what was published: it never comes */
};

struct volume_repair {
    struct list node; /* in repairs->volumes */
    struct repairs *repairs;
    struct volume_info *volume; /* held */
    enum repair_state state;
    struct disk_scratch *scratch;                             /* NULL: none */
    enum { SCRATCH_NONE, SCRATCH_WHOLE, SCRATCH_REST } holds; /* REST: what was made, no more */
    uint8_t *segs;         /* enum repair_seg of each, data and parity */
    uint32_t lost;         /* data segments that are SEG_LOST */
    uint32_t made;         /* data segments that are SEG_MADE */
    uint32_t counted;      /* of them, in the flow's progress: once, however often they are made */
    uint32_t gone;         /* data segments that are SEG_GONE */
    uint32_t parity_lost;  /* parity segments that are SEG_LOST */
    uint32_t here;         /* segments that are SEG_HERE */
    uint32_t next;         /* REPAIR_DATA, REPAIR_PARITY: all before it were looked at */
    uint32_t needed;       /* recovery segments */
    uint32_t rounds;       /* begun so many times */
    uint32_t *lost_list;   /* REPAIR_PARITY and later: the lost ones, rising */
    uint32_t *places;      /* of each parity segment in the scratch file */
    uint32_t *free_places; /* for parity segments: a stack ... */
    size_t free_count;     /* ... and how many are on it */
    struct list wants;     /* struct repair_want: they wait */
    struct list lent;      /* struct repair_want: their payloads can be had */
    struct list jobs;      /* struct repair_job */
    size_t fetches;        /* of them, those that fetch */
    size_t errands; /* others under way: making the scratch file, choosing, bands, trimming */
    struct repair_math *math;
    size_t from;   /* REPAIR_BANDS: the next column */
    enum err trim; /* not OK: the scratch file could not be made smaller */
    enum { ROOM_BESIDE_FILES, ROOM_ANY } room; /* that it may take */
};

/* Something under way for one segment. */
struct repair_job {
    struct list node; /* in repair->jobs */
    struct volume_repair *repair;
    uint32_t index;
    struct fetch *fetch; /* NULL: an errand */
};

/* --- volume_repair.c --- */

MUST_USE enum err volume_repair_new(
    struct repairs *t, struct volume_info *volume, struct volume_repair **out);
void volume_repair_free(struct volume_repair *v);

/* Is nothing under way, and does nobody wait? */
bool volume_repair_idle(const struct volume_repair *v);

/* Segment `index` is lost. */
void volume_repair_lose(struct volume_repair *v, uint32_t index);

/* Fetch segment `index`, which is SEG_UNKNOWN; of parity, to the place it has in `places`. False:
 * the flow has failed. */
bool volume_repair_fetch(struct volume_repair *v, uint32_t index);

/* Fetch what somebody waits for. While the scratch file is being made it is better to wait: what
 * comes then is not kept. */
void volume_repair_go(struct volume_repair *v);

/* The scratch file is there: what is under way or lent goes into it. */
void volume_repair_collect(struct volume_repair *v);

/* Hand out what was made to those who wait for it. */
void volume_repair_serve(struct volume_repair *v);

/* Tell those who wait for what is lost or gone. */
void volume_repair_tell_lost(struct volume_repair *v);

/* Fetch no more than what somebody waits for. */
void volume_repair_stop(struct volume_repair *v);

/* --- repair_steps.c --- */

/* Go on as far as it goes. */
void repair_advance(struct volume_repair *v);

/* Begin to make the scratch file. */
void repair_open(struct volume_repair *v);

/* Can it do without a scratch file of full size? */
bool repair_is_through(const struct volume_repair *v);

/* Give back the scratch file of one that is through, but for what was made. */
void repair_shrink(struct volume_repair *v);

#endif
