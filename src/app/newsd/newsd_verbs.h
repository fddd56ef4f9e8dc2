/* What the commands do, and what they share. Room-internal. */
#ifndef APP_NEWSD_NEWSD_VERBS_H
#define APP_NEWSD_NEWSD_VERBS_H

#include "app/newsd/newsd_session.h"

/* What a verb does. Each answers, or sets `source`. */
typedef void (*newsd_verb_fn)(struct session *session, const struct nntp_command *command);

/* newsd_read.c */
void newsd_group(struct session *session, const struct nntp_command *command);
void newsd_step(struct session *session, const struct nntp_command *command); /* NEXT, LAST */
void newsd_article(struct session *session, const struct nntp_command *command);
/* The row that a word names, or the current article's. SPOOL_NONE: it was answered. */
int64_t newsd_pick(struct session *session, const struct nntp_command *command, uint32_t *number);

/* Append the head of an article to *head. */
MUST_USE enum err newsd_head_read(const struct spool_file *file, struct buf *head);

/* newsd_list.c */
void newsd_list(struct session *session, const struct nntp_command *command);
void newsd_listgroup(struct session *session, const struct nntp_command *command);

/* newsd_over.c */
void newsd_over(struct session *session, const struct nntp_command *command);

/* newsd_login.c */
void newsd_login(struct session *session, const struct nntp_command *command);

/* newsd_post.c */
void newsd_post(struct session *session, const struct nntp_command *command);
void newsd_post_data(struct session *session, struct bytes piece);
void newsd_post_end(struct session *session, enum nntp_server_event how);
void newsd_post_drop(struct session *session);

/* "first-last", "first-", "number" into range_at and range_end, which is at most the group's high
 * mark. Zero: it is no range. */
int newsd_range(struct session *session, int group, struct bytes word);

/* A number of at most 10 digits; false: it is none. */
int newsd_number(struct bytes word, uint32_t *number);

#endif
