/* Health in words and numbers. */
#include "app/control/control_health.h"

#include "app/control/care_plan.h"

static const char *state_of(const struct control_health *h)
{
    const struct store_health_sum *sum = &h->sum;

    if (sum->lost_meta > 0 || h->unread_tables > 0) {
        return "lost"; /* the listing: nothing can be found without it */
    }
    if (sum->lost > 0) {
        return "damaged";
    }
    if (h->unknown > 0) {
        return "unknown";
    }
    return sum->repairable > 0 || sum->head.missing_parity > 0 ? "weak" : "good";
}

static json_t *worst_json(const struct store_health *worst)
{
    if (worst->k == 0) {
        return json_null();
    }
    return json_pack("{s:I, s:I, s:I, s:I}", "volume", (json_int_t)worst->volume, "missing",
        (json_int_t)worst->missing_data + worst->missing_parity, "spare", (json_int_t)worst->m,
        "segments", (json_int_t)worst->k + worst->m);
}

json_t *control_health_json(const struct control_health *h)
{
    const struct store_health_sum *sum = &h->sum;
    json_t *out = json_pack("{s:s, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "state",
        state_of(h), "checked", (json_int_t)sum->oldest, "deep", sum->deep, "volumes",
        (json_int_t)sum->volumes, "volumes_repairable", (json_int_t)sum->repairable, "volumes_lost",
        (json_int_t)sum->lost, "articles", (json_int_t)sum->articles, "articles_missing",
        (json_int_t)(sum->missing - sum->damaged), "articles_damaged", (json_int_t)sum->damaged,
        "worst", worst_json(&sum->worst));

    if (out != NULL && sum->head.k > 0) {
        (void)json_object_set_new(out, "head_copies",
            json_integer((json_int_t)sum->head.k + sum->head.m - sum->head.missing_data -
                         sum->head.missing_parity));
    }
    if (out != NULL && h->version > 0) {
        (void)json_object_set_new(out, "version", json_integer((json_int_t)h->version));
    }
    return out;
}

static enum err on_server(void *arg, const struct store_health_server *row)
{
    json_t *server = json_pack("{s:s, s:I, s:I, s:I, s:I}", "name", row->server, "checked",
        (json_int_t)row->checked, "asked", (json_int_t)row->asked, "missing",
        (json_int_t)row->missing, "damaged", (json_int_t)row->damaged);

    return json_array_append_new(arg, server) == 0 ? OK : ERR_NO_MEMORY;
}

/* What each server said, and when it is looked at next. */
static void put_care(struct control *control, int64_t share, json_t *out)
{
    struct store_care care;
    json_t *servers = json_array();
    int64_t next;

    if (store_health_server_sum(control->store, share, on_server, servers) == OK) {
        (void)json_object_set(out, "servers", servers);
    }
    json_decref(servers);
    if (store_care_get(control->store, share, &care) != OK) {
        return;
    }
    if (care.checked_at != 0) {
        (void)json_object_set_new(out, "last_check", json_integer(care.checked_at));
    }
    next = care_plan_check(&control->waits, &care);
    if (care.published != 0 && next != INT64_MAX) {
        (void)json_object_set_new(out, "next_check", json_integer(next));
    }
}

json_t *control_health_of_share(struct control *control, int64_t share)
{
    struct control_health health = {.version = 0};
    enum err err = store_health_sum(control->store, share, &health.sum);
    json_t *out = NULL;

    if (err == ERR_NO_ROW) {
        out = json_pack("{s:s, s:n}", "state", "unknown", "checked");
    } else if (err == OK) {
        out = control_health_json(&health);
    }
    if (out != NULL) {
        put_care(control, share, out);
    }
    return out;
}
