/* Lists that grow with the losses, not with the share. */
#include "app/control/check_losses.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "flow/check/volume_ask.h"
#include "flow/publish/heal.h"
#include "io/store/store_health.h"
#include "io/store/store_share.h"
#include "io/store/store_volume.h"

enum {
    PART = 4,            /* of the parity may be missing before anything is done */
    TOLD_MAX = 100000,   /* misses that the log names */
    GATHER_MAX = 1 << 20 /* lost places that are kept; the rest is for the next check */
};

/* A volume and its lost places, in `places`. */
struct lost_volume {
    uint32_t number;
    size_t first, count;
};

struct check_losses {
    struct control *control;
    int64_t share;
    struct ask_servers servers; /* as the last volume had them */
    struct store_health_server said[ASK_SERVERS_MAX];
    uint64_t told;
    struct lost_volume *volumes;
    size_t volume_count, volume_cap;
    uint32_t *places;
    size_t place_count, place_cap;
    uint32_t *listings; /* meta volumes */
    size_t listing_count, listing_cap;
};

enum err check_losses_new(struct control *control, int64_t share, struct check_losses **losses)
{
    struct check_losses *l = calloc(1, sizeof(*l));

    *losses = l;
    if (l == NULL) {
        return ERR_NO_MEMORY;
    }
    l->control = control;
    l->share = share;
    return OK;
}

void check_losses_free(struct check_losses *l)
{
    if (l != NULL) {
        free(l->volumes);
        free(l->places);
        free(l->listings);
        free(l);
    }
}

/* Room for one more element of `size` bytes in *list. */
static bool grow(void **list, size_t count, size_t *cap, size_t size)
{
    size_t wanted = *cap == 0 ? 64 : *cap * 2;
    void *grown;

    if (count < *cap) {
        return true;
    }
    grown = realloc(*list, wanted * size);
    if (grown == NULL) {
        return false;
    }
    *list = grown;
    *cap = wanted;
    return true;
}

/* --- telling ---------------------------------------------------------------------------------- */

static const char *server_name(const struct check_losses *l, size_t i)
{
    size_t place = l->servers.at[i];

    return place < l->control->server_count ? l->control->servers[place] : "";
}

static enum err on_version(void *arg, const struct store_version *version)
{
    *(int64_t *)arg = version->created;
    return OK;
}

static enum err on_volume(void *arg, const struct store_volume *volume)
{
    *(uint64_t *)arg = volume->version;
    return OK;
}

/* Seconds since the version was made that the volume was posted for; 0: not known. */
static int64_t age_of(const struct check_losses *l, uint32_t number)
{
    int64_t created = 0;
    uint64_t n = 0;

    if (store_volume_get(l->control->store, l->share, number, on_volume, &n) != OK ||
        store_version_get(l->control->store, l->share, n, on_version, &created) != OK) {
        return 0;
    }
    return created > 0 ? (int64_t)time(NULL) - created : 0;
}

static bool is_miss(enum ask_answer answer)
{
    return answer == ASK_MISSING || answer == ASK_DAMAGED;
}

/* Every miss, with server, age and position. */
static void tell(struct check_losses *l, const struct check_volume *v)
{
    int64_t age = -1;

    for (uint32_t i = 0; i < v->k + v->m; i++) {
        for (size_t s = 0; s < v->servers->count; s++) {
            enum ask_answer answer = volume_ask_by(v->ask, s, i);

            if (!is_miss(answer) || l->told++ >= TOLD_MAX) {
                continue;
            }
            age = age < 0 ? age_of(l, v->number) : age;
            log_warn("check",
                "%s share=%" PRId64 " volume=%u index=%u of=%u+%u server=%s age=%" PRId64,
                answer == ASK_DAMAGED ? "damaged" : "missing", l->share, v->number, i, v->k, v->m,
                server_name(l, s), age);
        }
    }
}

static void sum_up(struct check_losses *l, const struct check_volume *v)
{
    struct store_health_server rows[ASK_SERVERS_MAX];
    enum err err;

    l->servers = *v->servers;
    for (size_t s = 0; s < v->servers->count; s++) {
        struct store_health_server *row = &rows[s];

        *row = (struct store_health_server){
            .volume = v->number, .server = server_name(l, s), .checked = (int64_t)time(NULL)};
        for (uint32_t i = 0; i < v->k + v->m; i++) {
            enum ask_answer answer = volume_ask_by(v->ask, s, i);

            row->asked += answer == ASK_THERE || is_miss(answer);
            row->missing += answer == ASK_MISSING;
            row->damaged += answer == ASK_DAMAGED;
        }
        l->said[s].asked += row->asked;
        l->said[s].missing += row->missing;
        l->said[s].damaged += row->damaged;
    }
    err = l->share != 0
              ? store_health_server_put(l->control->store, l->share, rows, v->servers->count)
              : OK;
    if (err != OK) {
        log_warn("control", "health by server was not written share=%" PRId64 " err=%s", l->share,
            err_name(err));
    }
}

json_t *check_losses_servers(const struct check_losses *l)
{
    json_t *list = json_array();

    for (size_t s = 0; s < l->servers.count; s++) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:I, s:b}", "name", server_name(l, s), "asked",
                      (json_int_t)l->said[s].asked, "missing", (json_int_t)l->said[s].missing,
                      "damaged", (json_int_t)l->said[s].damaged, "away", l->servers.away[s]));
    }
    return list;
}

/* --- gathering -------------------------------------------------------------------------------- */

static void gather_volume(struct check_losses *l, const struct check_volume *v)
{
    struct lost_volume *lost;

    if (l->place_count + v->k + v->m > GATHER_MAX ||
        !grow((void **)&l->volumes, l->volume_count, &l->volume_cap, sizeof(*l->volumes))) {
        return;
    }
    lost = &l->volumes[l->volume_count];
    *lost = (struct lost_volume){v->number, l->place_count, 0};
    for (uint32_t i = 0; i < v->k + v->m; i++) {
        if (v->ask != NULL && !is_miss(volume_ask_at(v->ask, i))) {
            continue;
        }
        if (!grow((void **)&l->places, l->place_count, &l->place_cap, sizeof(*l->places))) {
            return;
        }
        l->places[l->place_count++] = i;
        lost->count++;
    }
    l->volume_count++;
}

void check_losses_add(struct check_losses *l, const struct check_volume *v)
{
    uint32_t missing = v->missing_data + v->missing_parity;

    if (v->ask != NULL) {
        sum_up(l, v);
        tell(l, v);
    }
    if (l->share == 0 || v->unknown > 0 || missing <= v->m / PART) {
        return;
    }
    if (v->kind == CHECK_DATA) {
        gather_volume(l, v);
    } else if (grow((void **)&l->listings, l->listing_count, &l->listing_cap,
                   sizeof(*l->listings))) {
        l->listings[l->listing_count++] = v->number;
    }
}

struct check_due check_losses_due(const struct check_losses *l)
{
    return (struct check_due){l->volume_count, l->place_count, l->listing_count};
}

enum err check_losses_note(const struct check_losses *l)
{
    struct store *store = l->control->store;
    enum err err = OK;

    for (size_t i = 0; i < l->volume_count && err == OK; i++) {
        const struct lost_volume *v = &l->volumes[i];
        struct heal_places places = {v->number, l->places + v->first, v->count};

        err = heal_volume(store, l->share, &places);
        err = err == ERR_NO_ROW ? OK : err; /* not as the catalogue has it: nothing to be done */
    }
    for (size_t i = 0; i < l->listing_count && err == OK; i++) {
        err = heal_listing(store, l->share, l->listings[i]);
    }
    return err;
}
