/* One file: opened once, its checks spread over the workers. The first that fails decides. */
#include "flow/restore/verify_file.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/file_extents.h"

struct verify_file {
    struct verify_options o;
    struct record record;
    struct file_extents extents;
    struct extent extent; /* the current one; plain_len 0: none */
    uint32_t blocks_done; /* of a raw one */
    uint64_t offset;      /* in the file: where the next check begins */
    struct write_file *file;
    struct write_answer found;
    enum { VERIFY_OPENING, VERIFY_READING, VERIFY_READ, VERIFY_FIXING, VERIFY_OVER } state;
    size_t under_way; /* requests that have not been answered */
    enum err verdict; /* the first that was not OK */
    size_t path_len;
    uint8_t path[];
};

static void on_answer(void *arg, enum err err)
{
    struct verify_file *v = arg;

    v->under_way--;
    if (v->verdict == OK) {
        v->verdict = err;
    }
}

static enum err ask(struct verify_file *v, struct write_request *request)
{
    enum err err;

    request->path = bytes_at(v->path, v->path_len);
    request->file = v->file;
    err = write_submit(v->o.queue, request, on_answer, v);
    v->under_way += err == OK;
    return err;
}

enum err verify_file_new(const struct verify_options *options, struct verify_file **out)
{
    struct verify_file *v = calloc(1, sizeof(*v) + options->path.len);
    struct write_request request = {.verb = WRITE_READ};
    enum err err;

    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    v->o = *options;
    v->record = *options->record;
    v->extents.ctx = options->ctx;
    v->extents.reader = options->reader;
    v->path_len = options->path.len;
    memcpy(v->path, options->path.ptr, options->path.len);
    err = file_extents_start(&v->extents, &v->record);
    if (err == OK) {
        err = write_file_new(&v->file);
    }
    if (err == OK) {
        request.answer = &v->found;
        err = ask(v, &request);
    }
    if (err != OK) {
        verify_file_free(v);
        return err;
    }
    *out = v;
    return OK;
}

void verify_file_free(struct verify_file *v)
{
    if (v == NULL) {
        return;
    }
    file_extents_clear(&v->extents);
    write_file_drop(v->file);
    free(v);
}

/* What the block or item at hand must be. */
static enum answer expect(struct verify_file *v, struct write_request *r, enum err *err)
{
    const struct extent *e = &v->extent;
    enum answer answer;
    struct cid cid;

    memcpy(r->expect.ck, share_reader_head(v->o.reader)->ck, sizeof(r->expect.ck));
    if (e->kind == EXTENT_PACKED) {
        r->expect.kind = EXPECT_ITEM;
        memcpy(r->expect.id, e->item, sizeof(e->item));
        return ANSWER_READY;
    }
    answer = file_extents_volume(&v->extents, e->volume, err);
    if (answer != ANSWER_READY) {
        return answer;
    }
    if (e->index + v->blocks_done >= v->extents.volume->k) {
        *err = ERR_BAD_FORMAT;
        return ANSWER_FAILED;
    }
    cid = volume_cid_at(buf_view(&v->extents.volume->cids), e->index + v->blocks_done);
    r->expect.kind = EXPECT_BLOCK;
    memcpy(r->expect.id, cid.b, sizeof(cid.b));
    r->size = PAYLOAD_LEN;
    return ANSWER_READY;
}

/* Submit the next check of the current extent. */
static enum answer check_next(struct verify_file *v, enum err *err)
{
    struct write_request r = {
        .verb = WRITE_CHECK, .offset = v->offset, .size = v->extent.plain_len};
    enum answer answer = ANSWER_READY;

    if (v->extent.kind != EXTENT_HOLE) {
        answer = expect(v, &r, err);
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = ask(v, &r);
    v->offset += r.size;
    v->blocks_done++;
    if (v->extent.kind != EXTENT_RAW || v->blocks_done == v->extent.blocks) {
        v->extent.plain_len = 0;
        v->blocks_done = 0;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer read_on(struct verify_file *v, enum err *err)
{
    enum answer answer = ANSWER_READY;

    while (answer == ANSWER_READY && v->verdict == OK && v->state == VERIFY_READING) {
        if (v->extent.plain_len > 0) {
            if (v->under_way >= VERIFY_CHECKS_MAX) {
                return ANSWER_WAIT;
            }
            answer = check_next(v, err);
            continue;
        }
        answer = file_extents_next(&v->extents, &v->extent, err);
        if (answer == ANSWER_READY && v->extent.plain_len == 0) {
            v->state = VERIFY_READ;
        }
    }
    return answer;
}

/* The file is open. */
static enum err opened(struct verify_file *v)
{
    if (v->found.type != SEEN_FILE || v->found.size != v->record.size) {
        return ERR_CHANGED;
    }
    v->state = VERIFY_READING;
    return OK;
}

/* All checks said yes. */
static enum err fix(struct verify_file *v)
{
    struct write_request r = {.verb = WRITE_CHMOD, .mode = v->record.mode};

    v->state = VERIFY_OVER;
    if (v->o.mode == VERIFY_LEAVE_MODE || v->found.mode == v->record.mode) {
        return OK;
    }
    v->state = VERIFY_FIXING;
    return ask(v, &r);
}

/* One turn while nothing stands in the way. */
static void turn(struct verify_file *v)
{
    enum err err = OK;

    if (v->state == VERIFY_OPENING && v->under_way == 0) {
        v->verdict = opened(v);
    }
    if (v->verdict == OK && v->state == VERIFY_READING && read_on(v, &err) == ANSWER_FAILED) {
        v->verdict = err;
    }
    if (v->verdict == OK && v->state == VERIFY_READ && v->under_way == 0) {
        v->verdict = fix(v);
    }
    if (v->verdict == OK && v->state == VERIFY_FIXING && v->under_way == 0) {
        v->state = VERIFY_OVER;
    }
}

enum answer verify_file_step(struct verify_file *v, enum err *verdict)
{
    if (v->verdict == OK) {
        turn(v);
    }
    if (v->under_way > 0 || (v->verdict == OK && v->state != VERIFY_OVER)) {
        return ANSWER_WAIT;
    }
    *verdict = v->verdict;
    return ANSWER_READY;
}
