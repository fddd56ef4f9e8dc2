/* From the packets of a set to its files, in the order of the main packet. */
#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_encoder.h"
#include "flow/par2files/parset.h"

struct place_of {
    struct par2_id id;
    size_t at;
};

static struct bytes body_of(const struct parset_packet *packet)
{
    return bytes_at(packet->bytes.ptr + PAR2_HEAD_LEN, packet->bytes.len - PAR2_HEAD_LEN);
}

static enum err find_main(const struct parset *set, struct par2_main *packet)
{
    const struct parset_packet *packets = (const void *)set->packets.ptr;

    for (size_t i = 0; i < set->packets.len / sizeof *packets; i++) {
        if (packets[i].head.type == PAR2_MAIN) {
            return par2_main_decode(body_of(&packets[i]), packet);
        }
    }
    return ERR_BAD_FORMAT;
}

static int by_id(const void *a, const void *b)
{
    const struct place_of *left = a;
    const struct place_of *right = b;

    return par2_id_compare(&left->id, &right->id);
}

static enum err sort_ids(struct parset *set, struct bytes ids, struct place_of *sorted)
{
    for (size_t i = 0; i < set->file_count; i++) {
        memcpy(sorted[i].id.b, ids.ptr + i * PAR2_MD5_LEN, PAR2_MD5_LEN);
        sorted[i].at = i;
        set->files[i].is.id = sorted[i].id;
    }
    qsort(sorted, set->file_count, sizeof *sorted, by_id);
    for (size_t i = 1; i < set->file_count; i++) {
        if (by_id(&sorted[i - 1], &sorted[i]) == 0) {
            return ERR_BAD_FORMAT;
        }
    }
    return OK;
}

static struct parset_file *file_of(
    struct parset *set, const struct place_of *sorted, const struct par2_id *id)
{
    struct place_of key = {.id = *id};
    const struct place_of *found = bsearch(&key, sorted, set->file_count, sizeof *sorted, by_id);

    return found == NULL ? NULL : &set->files[found->at];
}

/* A string of its own; NULL when there is no memory. What a packet holds ends without a NUL. */
static char *name_of(struct bytes name)
{
    size_t len = strnlen((const char *)name.ptr, name.len);
    char *copy = malloc(len + 1);

    if (copy != NULL) {
        memcpy(copy, name.ptr, len);
        copy[len] = '\0';
    }
    return copy;
}

static enum err describe(
    struct parset *set, const struct place_of *sorted, const struct parset_packet *packet)
{
    struct parset_file *file;
    struct par2_file is;

    if (par2_file_decode(body_of(packet), &is) != OK) {
        return OK;
    }
    file = file_of(set, sorted, &is.id);
    if (file == NULL || file->name != NULL) {
        return OK;
    }
    file->is = is;
    file->name = name_of(is.name);
    return file->name == NULL ? ERR_NO_MEMORY : OK;
}

static enum err describe_all(struct parset *set, const struct place_of *sorted)
{
    const struct parset_packet *packets = (const void *)set->packets.ptr;
    size_t count = set->packets.len / sizeof *packets;
    enum err err = OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        if (packets[i].head.type == PAR2_FILE) {
            err = describe(set, sorted, &packets[i]);
        }
    }
    for (size_t i = 0; i < set->file_count && err == OK; i++) {
        struct parset_file *file = &set->files[i];

        file->first = set->slices;
        file->slices = file->name == NULL ? 0 : slices_count(file->is.len, set->slice_len);
        set->slices += i < set->recovered ? file->slices : 0;
        if ((file->name == NULL && i < set->recovered) || file->slices > PAR2_SET_MAX ||
            set->slices > PAR2_SET_MAX) {
            err = file->name == NULL ? ERR_BAD_FORMAT : ERR_LIMIT;
        }
    }
    return err;
}

static void find_checks(struct parset *set, const struct place_of *sorted)
{
    const struct parset_packet *packets = (const void *)set->packets.ptr;

    for (size_t i = 0; i < set->packets.len / sizeof *packets; i++) {
        struct par2_checks packet;
        struct parset_file *file;

        if (packets[i].head.type != PAR2_CHECKS ||
            par2_checks_decode(body_of(&packets[i]), &packet) != OK) {
            continue;
        }
        file = file_of(set, sorted, &packet.file);
        if (file != NULL && packet.checks.len == file->slices * PAR2_CHECK_LEN) {
            file->checks = packet.checks.ptr;
        }
    }
}

enum err parset_resolve(struct parset *set)
{
    struct par2_main packet;
    struct place_of *sorted;
    enum err err = find_main(set, &packet);

    if (err != OK) {
        return err;
    }
    set->slice_len = packet.slice_len;
    set->file_count = packet.ids.len / PAR2_MD5_LEN;
    set->recovered = packet.recovered;
    set->files = calloc(set->file_count + 1, sizeof *set->files);
    sorted = calloc(set->file_count + 1, sizeof *sorted);
    err = set->files == NULL || sorted == NULL ? ERR_NO_MEMORY : sort_ids(set, packet.ids, sorted);
    if (err == OK) {
        err = describe_all(set, sorted);
    }
    if (err == OK) {
        find_checks(set, sorted);
    }
    free(sorted);
    return err;
}
