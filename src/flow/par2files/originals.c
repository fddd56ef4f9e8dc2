/* Source files in the order that their ids give them. */
#include "flow/par2files/originals.h"

#include <stdlib.h>
#include <string.h>

static enum err look(struct original *source, const char *base, uint8_t *start)
{
    struct par2_file packet = {.name = bytes_str(source->name)};
    size_t got = 0;
    enum err err = disk_file_open(bytes_str(base), packet.name, &source->file);

    if (err == OK) {
        err = disk_file_stat(source->file, &source->stat);
    }
    if (err == OK) {
        err = disk_file_read(source->file, 0, start, PAR2_START_LEN, &got);
    }
    if (err == OK) {
        source->start_md5 = par2_md5_of(bytes_at(start, got));
        packet.start_md5 = source->start_md5;
        packet.len = source->stat.size;
        source->id = par2_file_id(&packet);
        par2_md5_init(&source->md5);
    }
    return err;
}

static int by_id(const void *a, const void *b)
{
    const struct original *left = a;
    const struct original *right = b;

    return par2_id_compare(&left->id, &right->id);
}

static enum err add(
    struct originals *sources, const struct par2files_create *options, size_t i, uint8_t *start)
{
    const struct progress_sink *sink = options->place.sink;
    struct original *source = &sources->list[sources->count];
    enum err err;

    source->name = options->files[i];
    sources->count++;
    err = look(source, options->place.base, start);
    if (err != OK) {
        progress_event(sink, LOG_ERROR, "%s: %s", source->name, err_text(err));
        return err;
    }
    if (source->stat.size == 0) {
        progress_event(sink, LOG_INFO, "%s is empty and left out", source->name);
        disk_file_free(source->file);
        *source = (struct original){.name = NULL};
        sources->count--;
    }
    return OK;
}

enum err originals_open(struct originals *sources, const struct par2files_create *options)
{
    uint8_t *start = malloc(PAR2_START_LEN);
    enum err err = OK;

    sources->list = calloc(options->file_count + 1, sizeof *sources->list);
    if (sources->list == NULL || start == NULL) {
        err = ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < options->file_count && err == OK; i++) {
        err = add(sources, options, i, start);
    }
    free(start);
    if (err != OK) {
        return err;
    }
    qsort(sources->list, sources->count, sizeof *sources->list, by_id);
    for (size_t i = 0; i < sources->count; i++) {
        uint64_t size = sources->list[i].stat.size;

        if (i > 0 && by_id(&sources->list[i - 1], &sources->list[i]) == 0) {
            progress_event(
                options->place.sink, LOG_ERROR, "%s is named twice", sources->list[i].name);
            return ERR_BAD_REQUEST;
        }
        sources->bytes += size;
        sources->largest = size > sources->largest ? size : sources->largest;
    }
    return sources->count == 0 ? ERR_NOTHING_TO_SHARE : OK;
}

void originals_number(struct originals *sources, uint64_t slice_len, uint64_t *total)
{
    *total = 0;
    for (size_t i = 0; i < sources->count; i++) {
        struct original *source = &sources->list[i];

        source->first = *total;
        source->slices = slices_count(source->stat.size, slice_len);
        *total += source->slices;
    }
}

enum err originals_check_unchanged(
    const struct originals *sources, const struct progress_sink *sink)
{
    for (size_t i = 0; i < sources->count; i++) {
        struct disk_stat now;
        enum err err = disk_file_stat(sources->list[i].file, &now);

        if (err == OK && !disk_stat_same(&now, &sources->list[i].stat)) {
            err = ERR_CHANGED;
        }
        if (err != OK) {
            progress_event(sink, LOG_ERROR, "%s: %s", sources->list[i].name, err_text(err));
            return err;
        }
    }
    return OK;
}

static enum err put_file(const struct original *source, const uint8_t *checks,
    const struct par2_id *set, struct buf *out)
{
    struct par2_file file = {.id = source->id,
        .md5 = par2_md5_final(&source->md5),
        .start_md5 = source->start_md5,
        .len = source->stat.size,
        .name = bytes_str(source->name)};
    struct par2_checks packet = {.file = source->id};
    enum err err = par2_file_encode(set, &file, out);

    packet.checks =
        bytes_at(checks + source->first * PAR2_CHECK_LEN, (size_t)source->slices * PAR2_CHECK_LEN);
    return err == OK ? par2_checks_encode(set, &packet, out) : err;
}

enum err originals_packets(const struct originals *sources, uint64_t slice_len,
    const uint8_t *checks, struct par2_id *set, struct buf *out)
{
    struct par2_main packet = {.slice_len = slice_len, .recovered = (uint32_t)sources->count};
    struct buf ids = {0};
    enum err err = OK;

    for (size_t i = 0; i < sources->count && err == OK; i++) {
        err = buf_append(&ids, bytes_at(sources->list[i].id.b, PAR2_MD5_LEN));
    }
    if (err == OK) {
        packet.ids = buf_view(&ids);
        *set = par2_set_id(&packet);
        err = par2_main_encode(&packet, out);
    }
    for (size_t i = 0; i < sources->count && err == OK; i++) {
        err = put_file(&sources->list[i], checks, set, out);
    }
    buf_clear(&ids);
    return err;
}

void originals_clear(struct originals *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        if (sources->list[i].file != NULL) {
            disk_file_free(sources->list[i].file);
        }
    }
    free(sources->list);
    *sources = (struct originals){.list = NULL};
}
