/* Checking a set, and telling what was found. */
#include "flow/par2files/check.h"

#include <stdlib.h>
#include <string.h>

/* ---- files that may hold something ---- */

static bool is_target(const struct check *c, const struct disk_stat *stat)
{
    for (size_t i = 0; i < c->set.file_count; i++) {
        struct disk_stat other;

        if (c->targets[i].file != NULL && disk_file_stat(c->targets[i].file, &other) == OK &&
            other.inode == stat->inode && other.device == stat->device) {
            return true;
        }
    }
    return false;
}

static enum err open_extra(struct check *c, const char *path)
{
    char *folder = strdup(path);
    char *slash = folder == NULL ? NULL : strrchr(folder, '/');
    struct disk_file *file = NULL;
    struct disk_stat stat;
    enum err err = slash == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        slash[slash == folder] = '\0';
        err = disk_file_open(bytes_str(folder), bytes_str(strrchr(path, '/') + 1), &file);
    }
    if (err == OK) {
        err = disk_file_stat(file, &stat);
    }
    free(folder);
    if (err == OK && !is_target(c, &stat)) {
        c->extras[c->extra_count] = file;
        c->extra_sizes[c->extra_count++] = stat.size;
        return OK;
    }
    disk_file_free(file);
    if (err != OK) {
        progress_event(c->options->place.sink, LOG_WARN, "%s: %s", path, err_text(err));
    }
    return err == ERR_NO_MEMORY ? err : OK;
}

static enum err open_extras(struct check *c)
{
    enum err err = OK;

    c->extras = calloc(c->options->extra_count + 1, sizeof(struct disk_file *));
    c->extra_sizes = calloc(c->options->extra_count + 1, sizeof *c->extra_sizes);
    if (c->extras == NULL || c->extra_sizes == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < c->options->extra_count && err == OK; i++) {
        err = open_extra(c, c->options->extras[i]);
    }
    return err;
}

/* ---- what is told ---- */

static uint64_t found_anywhere(const struct check *c, const struct parset_file *is)
{
    uint64_t found = 0;

    for (uint64_t k = 0; k < is->slices; k++) {
        found += c->at[is->first + k].file != NULL;
    }
    return found;
}

/* Which slices were found nowhere: "1-3 7 9-10", numbers counted within the file. */
static void tell_lost(const struct check *c, const struct parset_file *is)
{
    struct buf text = {0};
    enum err err = OK;
    uint64_t end;

    for (uint64_t k = 0; k < is->slices && err == OK; k = end + 1) {
        for (end = k; end < is->slices && c->at[is->first + end].file == NULL;) {
            end++;
        }
        if (end == k + 1) {
            err = buf_printf(&text, " %llu", (unsigned long long)k);
        } else if (end > k) {
            err = buf_printf(
                &text, " %llu-%llu", (unsigned long long)k, (unsigned long long)(end - 1));
        }
    }
    if (err == OK && text.len > 0) {
        progress_event(c->options->place.sink, LOG_DEBUG, "  lost data blocks:%.*s", (int)text.len,
            (const char *)text.ptr);
    }
    buf_clear(&text);
}

static void tell_target(const struct check *c, const struct target *target, bool recovered)
{
    const struct progress_sink *sink = c->options->place.sink;
    const char *name = target->is->name == NULL ? "(unknown)" : target->is->name;
    unsigned long long found = recovered ? found_anywhere(c, target->is) : 0;

    if (target->state == TARGET_INTACT) {
        progress_event(sink, LOG_INFO, "Target: \"%s\" - found.", name);
    } else {
        progress_event(sink, LOG_INFO, "Target: \"%s\" - %s. Found %llu of %llu data blocks.", name,
            target->state == TARGET_DAMAGED ? "damaged" : "missing", found,
            (unsigned long long)target->is->slices);
        if (recovered) {
            tell_lost(c, target->is);
        }
    }
}

static void tell_sum(const struct check *c, const struct par2files_report *report)
{
    const struct progress_sink *sink = c->options->place.sink;

    if (report->state == PAR2FILES_INTACT) {
        progress_event(sink, LOG_INFO, "All files are correct, repair is not required.");
        return;
    }
    progress_event(sink, LOG_INFO,
        "Repair is required: %u of %u files, %u of %u data blocks; %u recovery blocks at hand.",
        report->files_damaged, report->files, report->slices_lost, report->slices,
        report->recovery_found);
    if (report->state == PAR2FILES_REPAIRABLE) {
        progress_event(sink, LOG_INFO, "Repair is possible.");
    } else if (report->slices_lost > report->recovery_found) {
        progress_event(sink, LOG_INFO,
            "Repair is not possible: %u more recovery blocks are needed.",
            report->slices_lost - report->recovery_found);
    } else {
        progress_event(sink, LOG_INFO, "Repair is not possible.");
    }
}

/* Files outside of the recovered part, and names that must not be made, are beyond repair. */
static void sum_up(const struct check *c, struct par2files_report *report)
{
    bool hopeless = false;

    *report = (struct par2files_report){.state = PAR2FILES_INTACT};
    report->files = (uint32_t)c->set.file_count;
    report->slices = (uint32_t)c->set.slices;
    report->slices_lost = (uint32_t)check_lost(c);
    report->recovery_found = (uint32_t)c->set.recovery_count;
    for (size_t i = 0; i < c->set.file_count; i++) {
        const char *name = c->targets[i].is->name;

        if (c->targets[i].state != TARGET_INTACT) {
            report->files_damaged++;
            hopeless |= i >= c->set.recovered || name == NULL || !check_name_is_safe(name);
        }
    }
    if (report->files_damaged > 0) {
        report->state = hopeless || report->slices_lost > report->recovery_found
                            ? PAR2FILES_LOST
                            : PAR2FILES_REPAIRABLE;
    }
}

static void tell(const struct check *c, const struct par2files_report *report)
{
    for (size_t i = 0; i < c->set.file_count; i++) {
        tell_target(c, &c->targets[i], i < c->set.recovered);
    }
    tell_sum(c, report);
}

/* ---- all of it ---- */

static enum err prepare(struct check *c)
{
    c->targets = calloc(c->set.file_count + 1, sizeof *c->targets);
    c->at = calloc((size_t)c->set.slices + 1, sizeof *c->at);
    c->hashed = calloc((size_t)c->set.slices + 1, PAR2_CHECK_LEN);
    c->unread = calloc((size_t)c->set.slices + 1, 1);
    return c->targets == NULL || c->at == NULL || c->hashed == NULL || c->unread == NULL
               ? ERR_NO_MEMORY
               : OK;
}

static enum err repair(struct check *c, struct par2files_report *report)
{
    const struct progress_sink *sink = c->options->place.sink;
    enum err err = check_repair(c);

    if (err == ERR_SINGULAR || err == ERR_TOO_MUCH_LOST) {
        progress_event(sink, LOG_INFO, "Repair is not possible: %s.", err_text(err));
        report->state = PAR2FILES_LOST;
        return OK;
    }
    if (err == OK) {
        err = check_places(c); /* what is on the disk now */
    }
    for (size_t i = 0; i < c->set.file_count && err == OK; i++) {
        err = c->targets[i].state == TARGET_INTACT ? OK : ERR_BAD_SEAL;
    }
    if (err == OK) {
        report->state = PAR2FILES_REPAIRED;
        progress_event(sink, LOG_INFO, "Repair complete.");
    }
    return err;
}

static enum err run(struct check *c, struct par2files_report *report)
{
    const struct par2files_check *options = c->options;
    enum err err = crew_init(&c->crew, &options->place);

    if (err == OK) {
        err = parset_read(&c->set, options, &c->crew);
    }
    if (err == OK) {
        err = prepare(c);
    }
    if (err == OK) {
        err = check_places(c);
    }
    if (err == OK) {
        err = open_extras(c);
    }
    if (err == OK) {
        err = check_search(c);
    }
    if (err != OK) {
        return err;
    }
    sum_up(c, report);
    tell(c, report);
    return report->state == PAR2FILES_REPAIRABLE && options->action == PAR2FILES_REPAIR
               ? repair(c, report)
               : OK;
}

enum err par2files_check(const struct par2files_check *options, struct par2files_report *report)
{
    struct check c = {.options = options};
    enum err err = run(&c, report);

    for (size_t i = 0; i < c.extra_count; i++) {
        disk_file_free(c.extras[i]);
    }
    for (size_t i = 0; i < c.set.file_count && c.targets != NULL; i++) {
        disk_file_free(c.targets[i].file);
    }
    crew_clear(&c.crew);
    parset_clear(&c.set);
    free(c.targets);
    free(c.at);
    free(c.hashed);
    free(c.unread);
    free(c.extras);
    free(c.extra_sizes);
    return err;
}
