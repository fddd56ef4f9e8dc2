/* The verbs: what a user can ask for, each a function that gets its call. For this room only. */
#ifndef APP_CONTROL_CONTROL_VERBS_H
#define APP_CONTROL_CONTROL_VERBS_H

#include "app/control/control_own.h"

/* One row of the table of verbs: `path` may hold words like ":job" that become arguments. */
struct control_verb {
    const char *name;
    const char *method;
    const char *path;
    void (*run)(struct control_call *call);
};

/* The verb for method and path, its words put into `args`. NULL: none. */
const struct control_verb *control_verb_find(const char *method, const char *path, json_t *args);

void verb_version(struct control_call *call);
void verb_status(struct control_call *call);
void verb_stop(struct control_call *call);
void verb_share(struct control_call *call);
void verb_shares(struct control_call *call);
void verb_share_one(struct control_call *call);
void verb_share_change(struct control_call *call);
void verb_share_publish(struct control_call *call);
void verb_share_health(struct control_call *call);
void verb_share_entries(struct control_call *call);
void verb_share_forget(struct control_call *call);
void verb_link(struct control_call *call);
void verb_link_entries(struct control_call *call);
void verb_get(struct control_call *call);
void verb_ls(struct control_call *call);
void verb_check(struct control_call *call);
void verb_export(struct control_call *call);
void verb_versions(struct control_call *call);
void verb_adopt(struct control_call *call);
void verb_jobs(struct control_call *call);
void verb_job(struct control_call *call);
void verb_logs(struct control_call *call);
void verb_pause(struct control_call *call);
void verb_resume(struct control_call *call);
void verb_cancel(struct control_call *call);
void verb_retry(struct control_call *call);
void verb_priority(struct control_call *call);
void verb_move(struct control_call *call);
void verb_job_forget(struct control_call *call);
void verb_queue_pause(struct control_call *call);
void verb_queue_resume(struct control_call *call);
void verb_queue_cancel(struct control_call *call);
void verb_queue_retry(struct control_call *call);
void verb_queue_forget(struct control_call *call);
void verb_events(struct control_call *call);
void verb_support(struct control_call *call);
void verb_settings(struct control_call *call);
void verb_settings_change(struct control_call *call);
void verb_rates(struct control_call *call);
void verb_roots(struct control_call *call);
void verb_folders(struct control_call *call);
void verb_folder_create(struct control_call *call);
void verb_preview(struct control_call *call);
void verb_estimate(struct control_call *call);
void verb_server_add(struct control_call *call);
void verb_server_list(struct control_call *call);
void verb_server_test(struct control_call *call);
void verb_server_try(struct control_call *call);
void verb_server_one(struct control_call *call);
void verb_server_change(struct control_call *call);
void verb_server_pause(struct control_call *call);
void verb_server_resume(struct control_call *call);
void verb_server_remove(struct control_call *call);

#endif
