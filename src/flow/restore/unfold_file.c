/* One file's extents into pieces, each with its segments pinned. */
#include "flow/restore/unfold_room.h"

enum err unfold_file_start(
    struct unfold_file *u, struct out_file *file, const struct record *record)
{
    u->file = file;
    u->have = EXTENT_NONE;
    u->offset = 0;
    return file_extents_start(&u->extents, record);
}

/* The file has all its pieces, or will never have them. */
static void end(struct unfold_file *u, enum err lost)
{
    struct out_file *file = u->file;

    file_extents_end(&u->extents);
    u->file = NULL;
    u->have = EXTENT_NONE;
    out_file_planned(file, lost);
}

void unfold_file_clear(struct unfold_file *u)
{
    file_extents_clear(&u->extents);
}

/* Pin the segments of a piece: all of them or none. */
static enum answer pin(struct unfold_file *u, struct out_piece *piece, enum err *err)
{
    const struct extent *e = &piece->extent;
    const uint32_t both[2] = {e->index, e->next_index};

    if (e->kind == EXTENT_PACKED && extent_is_cut(e)) {
        *err = arrivals_pin_two(u->arrivals, u->extents.volume, both, piece->from);
    } else {
        *err = arrivals_pin(u->arrivals, u->extents.volume, e->index, &piece->from[0]);
    }
    if (*err != OK) {
        return ANSWER_FAILED;
    }
    return piece->from[0] == NULL ? ANSWER_WAIT : ANSWER_READY;
}

/* An item in the head itself. */
static enum answer take_inlined(struct unfold_file *u, struct out_piece *piece, enum err *err)
{
    const struct head *head = share_reader_head(u->extents.reader);

    *err = head_inlined_at(head, piece->extent.offset, piece->extent.stored_len, &piece->inlined);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* Hand out the piece that comes next in the current extent. */
static enum answer next_piece(struct unfold_file *u, struct out_piece *piece, enum err *err)
{
    enum answer answer;

    *piece = (struct out_piece){.extent = u->extent, .offset = u->offset};
    if (u->extent.kind == EXTENT_RAW) {
        piece->extent.index += u->blocks_done;
        piece->extent.blocks = 1;
        piece->extent.plain_len = PAYLOAD_LEN;
        piece->offset += (uint64_t)u->blocks_done * PAYLOAD_LEN;
    }
    if (u->extent.volume == 0) {
        return take_inlined(u, piece, err);
    }
    answer = file_extents_volume(&u->extents, u->extent.volume, err);
    return answer == ANSWER_READY ? pin(u, piece, err) : answer;
}

static enum answer hand_out(struct unfold_file *u, enum err *err)
{
    struct out_piece piece;
    enum answer answer;

    if (!out_file_may_open(u->file)) {
        return ANSWER_WAIT;
    }
    answer = next_piece(u, &piece, err);
    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = out_file_add(u->file, &piece);
    if (*err != OK) {
        arrival_unpin(piece.from[0]);
        arrival_unpin(piece.from[1]);
        return ANSWER_FAILED;
    }
    u->blocks_done++;
    if (u->extent.kind != EXTENT_RAW || u->blocks_done == u->extent.blocks) {
        u->offset += u->extent.plain_len;
        u->have = EXTENT_NONE;
    }
    return ANSWER_READY;
}

static void take_extent(struct unfold_file *u, const struct extent *e)
{
    if (e->kind == EXTENT_HOLE) {
        out_file_hole(u->file, e->plain_len);
        u->offset += e->plain_len;
        return;
    }
    u->extent = *e;
    u->blocks_done = 0;
    u->have = EXTENT_CURRENT;
}

static enum answer next_extent(struct unfold_file *u, enum err *err)
{
    struct extent e;
    enum answer answer = file_extents_next(&u->extents, &e, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    if (e.plain_len > 0) {
        take_extent(u, &e);
    } else {
        end(u, OK);
    }
    return ANSWER_READY;
}

enum answer unfold_file_step(struct unfold_file *u, enum err *err)
{
    enum answer answer = ANSWER_READY;

    while (answer == ANSWER_READY && u->file != NULL) {
        answer = u->have == EXTENT_CURRENT ? hand_out(u, err) : next_extent(u, err);
    }
    if (answer == ANSWER_FAILED && *err == ERR_ARTICLES_LOST) {
        end(u, *err); /* what says where its bytes lie is gone: this file's loss alone */
        return ANSWER_READY;
    }
    return answer;
}
