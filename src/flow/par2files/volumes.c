/* The conventions of par2cmdline: sizes that double, names that tell first exponent and count. */
#include "flow/par2files/volumes.h"

#include <stdio.h>

#include "flow/par2files/slices.h"

static uint64_t count_slices(const uint64_t *lens, size_t files, uint64_t slice_len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < files; i++) {
        sum += slices_count(lens[i], slice_len);
    }
    return sum;
}

enum err volumes_slice_len(const uint64_t *lens, size_t files, uint64_t wanted, uint64_t *slice_len)
{
    uint64_t low = 1; /* in units of 4 bytes */
    uint64_t high = 1;

    if (wanted < files || wanted == 0) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < files; i++) {
        high = lens[i] / 4 + 1 > high ? lens[i] / 4 + 1 : high;
    }
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (count_slices(lens, files, 4 * middle) > wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *slice_len = 4 * low;
    return OK;
}

static enum err push(struct buf *out, struct volume *next, struct volume *rest, uint32_t count)
{
    *next = (struct volume){rest->first, count < rest->count ? count : rest->count};
    rest->first += next->count;
    rest->count -= next->count;
    return buf_append(out, bytes_at(next, sizeof *next));
}

/* So many files that each may hold twice what the one before holds, starting with one. */
static uint32_t doubling_files(uint32_t count)
{
    uint32_t files = 0;

    for (; count > 0; count >>= 1) {
        files++;
    }
    return files;
}

static enum err share_doubling(uint32_t files, struct volume rest, struct buf *out)
{
    struct volume next;
    uint64_t size = 1;
    enum err err = OK;

    while (files < 32 && size * ((UINT64_C(1) << files) - 1) < rest.count) {
        size *= 2;
    }
    for (uint32_t i = 0; i < files && err == OK; i++) {
        err = push(out, &next, &rest, size < rest.count ? (uint32_t)size : rest.count);
        size *= 2;
    }
    return err;
}

static enum err share_even(uint32_t files, struct volume rest, struct buf *out)
{
    struct volume next;
    enum err err = OK;

    for (uint32_t left = files; left > 0 && err == OK; left--) {
        err = push(out, &next, &rest, rest.count / left + (rest.count % left != 0));
    }
    return err;
}

/* Doubling until a file would be larger than the largest source file. */
static enum err share_limited(uint64_t largest, struct volume rest, struct buf *out)
{
    struct volume next;
    uint64_t size = 1;
    enum err err = OK;

    while (rest.count > 0 && err == OK) {
        err = push(out, &next, &rest, size < rest.count ? (uint32_t)size : rest.count);
        size = 2 * size < largest ? 2 * size : largest;
    }
    return err;
}

enum err volumes_share(const struct par2files_create *options, const struct volume *all,
    uint64_t largest_slices, struct buf *out)
{
    uint32_t files =
        options->volume_count != 0 ? options->volume_count : doubling_files(all->count);

    if (all->count == 0) {
        return OK;
    }
    if (files > all->count) {
        return ERR_BAD_REQUEST;
    }
    switch (options->scheme) {
    case PAR2FILES_EVEN:
        return share_even(files, *all, out);
    case PAR2FILES_LIMITED:
        return share_limited(largest_slices, *all, out);
    default:
        return share_doubling(files, *all, out);
    }
}

static int digits(uint32_t v)
{
    int n = 1;

    for (; v >= 10; v /= 10) {
        n++;
    }
    return n;
}

enum err volumes_name(
    const char *stem, const struct volume *volumes, size_t count, size_t i, struct buf *name)
{
    const struct volume *last = &volumes[count - 1];
    uint32_t most = 0;

    for (size_t k = 0; k < count; k++) {
        most = volumes[k].count > most ? volumes[k].count : most;
    }
    return buf_printf(name, "%s.vol%0*u+%0*u.par2", stem, digits(last->first + last->count),
        volumes[i].first, digits(most), volumes[i].count);
}
