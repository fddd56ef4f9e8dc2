/* Finding a share by title or number. */
#include "app/control/control_share.h"

#include <stdlib.h>
#include <string.h>

/* Looking for a share by its title. */
struct search {
    const char *title;
    int64_t id;
    unsigned found;
};

static enum err on_search(void *arg, const struct store_share *share)
{
    struct search *search = arg;

    if (strcmp(share->title, search->title) == 0) {
        search->id = share->id;
        search->found++;
    }
    return OK;
}

/* The share that `asked` names: a title first, then a number. */
static enum err find_id(struct control *control, const json_t *asked, int64_t *id)
{
    struct search search = {.title = json_string_value(asked)};
    char *end = NULL;
    enum err err;

    if (json_is_integer(asked)) {
        *id = json_integer_value(asked);
        return OK;
    }
    if (search.title == NULL) {
        return ERR_BAD_REQUEST;
    }
    err = store_share_each(control->store, on_search, &search);
    if (err != OK) {
        return err;
    }
    *id = search.found == 1 ? search.id : strtoll(search.title, &end, 10);
    if (search.found == 1 || (search.found == 0 && end != search.title && *end == '\0')) {
        return OK;
    }
    return search.found > 1 ? ERR_BAD_REQUEST : ERR_NO_ROW;
}

enum err control_share_find(struct control *control, const json_t *asked, struct store_share *share)
{
    int64_t id = 0;
    enum err err = find_id(control, asked, &id);

    return err == OK ? store_share_get(control->store, id, share) : err;
}

void control_share_fail(struct control_call *call, enum err err)
{
    if (err == ERR_NO_ROW) {
        control_fail(call, err, "you have no share of this name; `usenetsync shares` lists them");
    } else if (err == ERR_BAD_REQUEST) {
        control_fail(call, err, "several shares have this name; give the number instead");
    } else {
        control_fail(call, err, NULL);
    }
}

void control_share_fail_adopting(struct control_call *call, const struct store_share *share)
{
    control_fail(call, ERR_JOB_STATE,
        "share %lld is still being taken over from the news server; let that job finish, or run "
        "`usenetsync adopt` again",
        (long long)share->id);
}
