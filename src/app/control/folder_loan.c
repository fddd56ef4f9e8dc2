/* A folder is read from the disk once for all pages, and for all that is looked for in it. */
#include "app/control/folder_loan.h"

static enum err make_key(
    struct buf *key, const struct folder_wish *wish, const char *find, struct bytes path)
{
    enum err err = buf_printf(key, "%d%d%d%s", wish->order, wish->only_folders, wish->hidden, find);

    if (err == OK) {
        err = buf_append_byte(key, '\0');
    }
    return err == OK ? buf_append(key, path) : err;
}

enum err folder_loan_begin(struct folder_loan *loan, struct folder_cache *cache,
    const struct folder_wish *wish, struct bytes path)
{
    enum err err;

    *loan = (struct folder_loan){.cache = cache, .wish = *wish};
    err = make_key(&loan->key, wish, wish->find, path);
    if (err == OK) {
        loan->list = folder_cache_take(cache, buf_view(&loan->key));
    }
    if (err == OK && wish->find[0] != '\0') {
        err = make_key(&loan->whole_key, wish, "", path);
    }
    if (err == OK && wish->find[0] != '\0') {
        loan->whole = folder_cache_take(cache, buf_view(&loan->whole_key));
    }
    return err;
}

enum err folder_loan_read(struct folder_loan *loan, struct disk_names *names, struct bytes after)
{
    struct disk_stat stat;
    enum err err = disk_names_stat(names, &stat);

    if (err != OK || (loan->list != NULL && folder_list_fits(loan->list, &stat, after))) {
        return err;
    }
    folder_list_free(loan->list);
    loan->list = NULL;
    if (loan->whole != NULL && folder_list_fits(loan->whole, &stat, after)) {
        err = folder_list_narrow(loan->whole, &loan->wish, &loan->list);
        if (err != ERR_NO_ROW) {
            return err;
        }
    }
    return folder_list_read(names, &loan->wish, after, &loan->list);
}

void folder_loan_end(struct folder_loan *loan)
{
    if (loan->whole != NULL) {
        folder_cache_put(loan->cache, buf_view(&loan->whole_key), loan->whole);
    }
    if (loan->list != NULL) {
        folder_cache_put(loan->cache, buf_view(&loan->key), loan->list);
    }
    buf_clear(&loan->key);
    buf_clear(&loan->whole_key);
    *loan = (struct folder_loan){0};
}
