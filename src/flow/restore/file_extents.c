/* A walk that is fed from the share. */
#include "flow/restore/file_extents.h"

enum { STEPS_A_TURN = 1024 };

enum err file_extents_start(struct file_extents *f, const struct record *record)
{
    file_extents_end(f);
    return extent_walk_new(record->depth, record->extents, record->size, &f->walk);
}

/* Bring the list of extents that lies in an object of its own. */
static enum answer feed(struct file_extents *f, const struct pointer *need, enum err *err)
{
    struct bytes plain;
    enum answer answer = share_object(f->reader, need, PAGE_MAX, &plain, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = extent_walk_feed(f->walk, plain);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

enum answer file_extents_next(struct file_extents *f, struct extent *e, enum err *err)
{
    struct extent_item item = {0};
    enum answer answer = ANSWER_READY;

    if (++f->steps > STEPS_A_TURN) {
        f->steps = 0;
        restore_ctx_wake(f->ctx);
        return ANSWER_WAIT;
    }
    while (answer == ANSWER_READY) {
        switch (extent_walk_step(f->walk, &item)) {
        case EXTENT_WALK_ENTRY:
        case EXTENT_WALK_END:
            *e = item.extent;
            return ANSWER_READY;
        case EXTENT_WALK_NEED:
            answer = feed(f, &item.need, err);
            break;
        case EXTENT_WALK_BAD:
            *err = item.err;
            return ANSWER_FAILED;
        }
    }
    return answer;
}

enum answer file_extents_volume(struct file_extents *f, uint32_t number, enum err *err)
{
    if (f->volume != NULL && f->volume->number == number) {
        return ANSWER_READY;
    }
    volume_info_drop(f->volume);
    f->volume = NULL;
    return share_data_volume(f->reader, number, &f->volume, err);
}

void file_extents_end(struct file_extents *f)
{
    extent_walk_free(f->walk);
    f->walk = NULL;
}

void file_extents_clear(struct file_extents *f)
{
    file_extents_end(f);
    volume_info_drop(f->volume);
    f->volume = NULL;
}
