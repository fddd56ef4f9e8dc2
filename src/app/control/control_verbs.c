/* The one table of verbs: what can be asked for, and where. */
#include <string.h>

#include "app/control/control_verbs.h"

static const struct control_verb verbs[] = {
    {"version", "GET", "/api/version", verb_version},
    {"status", "GET", "/api/status", verb_status},
    {"daemon stop", "POST", "/api/daemon/stop", verb_stop},
    {"shares", "GET", "/api/shares", verb_shares},
    {"share", "POST", "/api/shares", verb_share},
    {"share one", "GET", "/api/shares/:share", verb_share_one},
    {"share change", "POST", "/api/shares/:share", verb_share_change},
    {"share publish", "POST", "/api/shares/:share/publish", verb_share_publish},
    {"share health", "GET", "/api/shares/:share/health", verb_share_health},
    {"share entries", "GET", "/api/shares/:share/entries", verb_share_entries},
    {"share forget", "POST", "/api/shares/:share/forget", verb_share_forget},
    {"link", "POST", "/api/link", verb_link},
    {"link entries", "POST", "/api/links/entries", verb_link_entries},
    {"get", "POST", "/api/gets", verb_get},
    {"ls", "POST", "/api/ls", verb_ls},
    {"check", "POST", "/api/checks", verb_check},
    {"export", "POST", "/api/exports", verb_export},
    {"versions", "POST", "/api/versions", verb_versions},
    {"adopt", "POST", "/api/adopts", verb_adopt},
    {"jobs", "GET", "/api/jobs", verb_jobs},
    {"job", "GET", "/api/jobs/:job", verb_job},
    {"logs", "GET", "/api/jobs/:job/events", verb_logs},
    {"pause", "POST", "/api/jobs/:job/pause", verb_pause},
    {"resume", "POST", "/api/jobs/:job/resume", verb_resume},
    {"cancel", "POST", "/api/jobs/:job/cancel", verb_cancel},
    {"retry", "POST", "/api/jobs/:job/retry", verb_retry},
    {"priority", "POST", "/api/jobs/:job/priority", verb_priority},
    {"move", "POST", "/api/jobs/:job/move", verb_move},
    {"job forget", "POST", "/api/jobs/:job/forget", verb_job_forget},
    {"queue pause", "POST", "/api/queue/pause", verb_queue_pause},
    {"queue resume", "POST", "/api/queue/resume", verb_queue_resume},
    {"queue cancel", "POST", "/api/queue/cancel", verb_queue_cancel},
    {"queue retry", "POST", "/api/queue/retry", verb_queue_retry},
    {"queue forget", "POST", "/api/queue/forget", verb_queue_forget},
    {"events", "GET", "/api/events", verb_events},
    {"support", "GET", "/api/support", verb_support},
    {"settings", "GET", "/api/settings", verb_settings},
    {"settings change", "POST", "/api/settings", verb_settings_change},
    {"rates", "GET", "/api/rates", verb_rates},
    {"roots", "GET", "/api/roots", verb_roots},
    {"folders", "GET", "/api/folders", verb_folders},
    {"folder create", "POST", "/api/folders/create", verb_folder_create},
    {"preview", "POST", "/api/folders/preview", verb_preview},
    {"estimate", "POST", "/api/estimate", verb_estimate},
    {"server list", "GET", "/api/servers", verb_server_list},
    {"server add", "POST", "/api/servers", verb_server_add},
    {"server try", "POST", "/api/servers/try", verb_server_try},
    {"server one", "GET", "/api/servers/:name", verb_server_one},
    {"server change", "POST", "/api/servers/:name", verb_server_change},
    {"server pause", "POST", "/api/servers/:name/pause", verb_server_pause},
    {"server resume", "POST", "/api/servers/:name/resume", verb_server_resume},
    {"server test", "POST", "/api/servers/:name/test", verb_server_test},
    {"server remove", "POST", "/api/servers/:name/remove", verb_server_remove},
};

/* Does `path` look like `shape`? With `args`, its words are put there. */
static bool path_fits(const char *shape, const char *path, json_t *args)
{
    while (*shape != '\0' && *path != '\0') {
        size_t shape_len = strcspn(shape, "/");
        size_t path_len = strcspn(path, "/");

        if (shape[0] == ':') {
            if (path_len == 0) {
                return false;
            }
            if (args != NULL) {
                char key[32] = {0};

                memcpy(key, shape + 1, shape_len - 1);
                (void)json_object_set_new(args, key, json_stringn(path, path_len));
            }
        } else if (shape_len != path_len || memcmp(shape, path, path_len) != 0) {
            return false;
        }
        shape += shape_len;
        path += path_len;
        shape += *shape == '/' && *path == '/';
        path += *path == '/';
    }
    return *shape == '\0' && *path == '\0';
}

const struct control_verb *control_verb_find(const char *method, const char *path, json_t *args)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].method, method) == 0 && path_fits(verbs[i].path, path, NULL)) {
            (void)path_fits(verbs[i].path, path, args);
            return &verbs[i];
        }
    }
    return NULL;
}
