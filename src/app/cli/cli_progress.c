/* Progress for people: nothing is shown that is not known. */
#include "app/cli/cli_progress.h"

#include <inttypes.h>
#include <string.h>

#include "app/cli/cli_text.h"

static const json_t *progress_of(const json_t *job)
{
    return json_object_get(job, "progress");
}

const char *cli_progress_phase(const json_t *job)
{
    const char *phase = json_string_value(json_object_get(progress_of(job), "phase"));

    return phase != NULL ? phase : "";
}

static uint64_t number(const json_t *progress, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(progress, key));

    return value > 0 ? (uint64_t)value : 0;
}

/* Is it a number, or "not known"? */
static bool known(const json_t *progress, const char *key)
{
    return json_is_integer(json_object_get(progress, key));
}

static bool is_phase(const json_t *progress, const char *name)
{
    const char *phase = json_string_value(json_object_get(progress, "phase"));

    return phase != NULL && strcmp(phase, name) == 0;
}

static bool moves_bytes(const json_t *progress)
{
    return is_phase(progress, "send") || is_phase(progress, "fetch") || is_phase(progress, "write");
}

/* "  12.3 MiB of 40.0 GiB", or only how many so far. */
static enum err put_bytes(const json_t *progress, struct buf *out)
{
    enum err err = buf_append_str(out, "  ");

    if (err == OK) {
        err = cli_text_bytes(number(progress, "bytes_done"), out);
    }
    if (err == OK && json_is_true(json_object_get(progress, "totals_known"))) {
        err = buf_append_str(out, " of ");
        if (err == OK) {
            err = cli_text_bytes(number(progress, "bytes_total"), out);
        }
    }
    return err;
}

/* What is counted, and the member that says whether the total is known. */
struct counted {
    const char *done, *total, *known, *what;
};

/* "  12 of 34 files". */
static enum err put_counts(const json_t *progress, const struct counted *c, struct buf *out)
{
    enum err err = buf_append_str(out, "  ");

    if (err == OK) {
        err = cli_text_count(number(progress, c->done), out);
    }
    if (err == OK && json_is_true(json_object_get(progress, c->known))) {
        err = buf_append_str(out, " of ");
        if (err == OK) {
            err = cli_text_count(number(progress, c->total), out);
        }
    }
    return err == OK ? buf_printf(out, " %s", c->what) : err;
}

/* "  45.2 MiB/s (average 44.1 MiB/s)". */
static enum err put_rate(const json_t *progress, struct buf *out)
{
    enum err err = OK;

    if (!known(progress, "rate")) {
        return OK;
    }
    err = buf_append_str(out, "  ");
    if (err == OK) {
        err = cli_text_bytes(number(progress, "rate"), out);
    }
    if (err == OK) {
        err = buf_append_str(out, "/s");
    }
    if (err == OK && known(progress, "average")) {
        err = buf_append_str(out, " (average ");
        if (err == OK) {
            err = cli_text_bytes(number(progress, "average"), out);
        }
        if (err == OK) {
            err = buf_append_str(out, "/s)");
        }
    }
    return err;
}

static enum err put_eta(const json_t *progress, struct buf *out)
{
    enum err err = buf_append_str(out, "  ETA ");

    if (err != OK) {
        return err;
    }
    return known(progress, "eta") ? cli_text_seconds(number(progress, "eta"), out)
                                  : buf_append_str(out, "unknown");
}

static enum err put_percent(const json_t *progress, struct buf *out)
{
    return known(progress, "permille")
               ? buf_printf(out, "  %" PRIu64 " %%", number(progress, "permille") / 10)
               : OK;
}

static enum err put_retries(const json_t *progress, struct buf *out)
{
    uint64_t retries = number(progress, "retries");
    uint64_t skipped = number(progress, "skipped");
    enum err err = OK;

    if (retries > 0) {
        err = buf_printf(out, "  %" PRIu64 " %s", retries, retries == 1 ? "retry" : "retries");
    }
    if (err == OK && skipped > 0) {
        err = buf_printf(out, "  %" PRIu64 " skipped", skipped);
    }
    return err;
}

/* "  repairing: 12 of 1,024 articles". */
static enum err put_repairs(const json_t *progress, struct buf *out)
{
    enum err err = OK;

    if (number(progress, "repair_needed") == 0) {
        return OK;
    }
    err = buf_append_str(out, "  repairing: ");
    if (err == OK) {
        err = cli_text_count(number(progress, "repair_here"), out);
    }
    if (err == OK) {
        err = buf_append_str(out, " of ");
    }
    if (err == OK) {
        err = cli_text_count(number(progress, "repair_needed"), out);
    }
    return err == OK ? buf_append_str(out, " articles") : err;
}

static const struct counted entries = {"entries_found", "", "", "entries"};
static const struct counted articles = {
    "articles_confirmed", "articles_total", "articles_known", "articles"};
static const struct counted files = {"files_done", "files_total", "totals_known", "files"};

/* What is counted in this phase. */
static enum err put_amounts(const json_t *progress, struct buf *out)
{
    enum err err = OK;

    if (is_phase(progress, "scan")) {
        err = put_counts(progress, &entries, out);
        if (err == OK) {
            err = buf_append_str(out, "  ");
        }
        return err == OK ? cli_text_bytes(number(progress, "bytes_found"), out) : err;
    }
    if (is_phase(progress, "confirm") || is_phase(progress, "check")) {
        err = put_counts(progress, &articles, out);
        if (err == OK) {
            err = put_percent(progress, out);
        }
        return err == OK ? put_eta(progress, out) : err;
    }
    if (!moves_bytes(progress)) {
        return OK;
    }
    err = put_bytes(progress, out);
    if (err == OK) {
        err = put_percent(progress, out);
    }
    if (err == OK) {
        err = put_counts(progress, &files, out);
    }
    if (err == OK) {
        err = put_rate(progress, out);
    }
    return err == OK ? put_eta(progress, out) : err;
}

enum err cli_progress_line(const json_t *job, size_t columns, struct buf *out)
{
    const json_t *progress = progress_of(job);
    const char *words = json_string_value(json_object_get(progress, "words"));
    size_t from = out->len;
    enum err err = buf_append_str(out, words != NULL ? words : "waiting");

    if (err == OK) {
        err = put_amounts(progress, out);
    }
    if (err == OK) {
        err = put_repairs(progress, out);
    }
    if (err == OK) {
        err = put_retries(progress, out);
    }
    if (columns > 0 && out->len - from > columns) { /* all of it is ASCII */
        out->len = from + columns;
    }
    return err;
}

enum err cli_progress_milestone(const json_t *job, struct buf *out)
{
    const json_t *progress = progress_of(job);
    const char *words = json_string_value(json_object_get(progress, "words"));
    enum err err = buf_append_str(out, words != NULL ? words : "waiting");

    if (err != OK || !json_is_true(json_object_get(progress, "totals_known")) ||
        !moves_bytes(progress)) {
        return err;
    }
    err = buf_append_str(out, ": ");
    if (err == OK) {
        err = cli_text_count(number(progress, "files_total"), out);
    }
    if (err == OK) {
        err = buf_append_str(out, " files, ");
    }
    return err == OK ? cli_text_bytes(number(progress, "bytes_total"), out) : err;
}
