/* Lanes that take the next file when theirs is done. */
#include "flow/par2files/filehash.h"

enum { LANES = PAR2_MD5_LANES_MAX, STEP_MAX = 65536 };

struct lanes {
    struct filehash_part *part[LANES];
    size_t count;
};

/* Whole blocks go side by side; what is left of a file goes alone, and the lane is free. */
static void finish_tails(struct lanes *lanes)
{
    for (size_t i = 0; i < lanes->count;) {
        struct filehash_part *part = lanes->part[i];

        if (part->data.len >= PAR2_MD5_BLOCK) {
            i++;
            continue;
        }
        par2_md5_update(part->md5, part->data);
        lanes->count--;
        lanes->part[i] = lanes->part[lanes->count];
    }
}

static void step(struct lanes *lanes)
{
    struct par2_md5 *md5[LANES];
    const uint8_t *in[LANES];
    size_t len = STEP_MAX;

    for (size_t i = 0; i < lanes->count; i++) {
        len = lanes->part[i]->data.len < len ? lanes->part[i]->data.len : len;
        md5[i] = lanes->part[i]->md5;
        in[i] = lanes->part[i]->data.ptr;
    }
    len = len / PAR2_MD5_BLOCK * PAR2_MD5_BLOCK;
    par2_md5_update_many(md5, in, len, lanes->count);
    for (size_t i = 0; i < lanes->count; i++) {
        bytes_skip(&lanes->part[i]->data, len);
    }
}

void filehash_run(void *arg)
{
    struct filehash *job = arg;
    struct lanes lanes = {.count = 0};
    size_t next = 0;

    do {
        while (lanes.count < LANES && next < job->count) {
            lanes.part[lanes.count++] = &job->parts[next++];
        }
        finish_tails(&lanes);
        if (lanes.count > 0) {
            step(&lanes);
        }
    } while (lanes.count > 0 || next < job->count);
}
