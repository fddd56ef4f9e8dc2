/* The inside of a look, for index_look.c and index_count.c. */
#ifndef FLOW_INDEX_INDEX_LOOK_OWN_H
#define FLOW_INDEX_INDEX_LOOK_OWN_H

#include "flow/index/index_look.h"
#include "flow/index/index_rules.h"
#include "flow/index/index_top.h"

struct index_look {
    struct index_tops tops;
    struct ignore *ignore;
    enum index_reach reach;
    struct index_rules rules;
    struct buf place;            /* the folder at hand, below the share's top */
    size_t depth;                /* its components */
    const struct index_top *top; /* the path it lies in; NULL at a virtual top */
};

#endif
