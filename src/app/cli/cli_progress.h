/* The line that shows how far a job is. Pure: from a job's JSON to text. */
#ifndef APP_CLI_CLI_PROGRESS_H
#define APP_CLI_CLI_PROGRESS_H

#include <jansson.h>

#include "base/bytes.h"

/* Append one line without an end: phase, bytes, files, rate, average, ETA, retries, as far as the
 * job's phase knows them; at most `columns` characters (0: any number). */
MUST_USE enum err cli_progress_line(const json_t *job, size_t columns, struct buf *out);

/* Append what is worth a line of its own when a phase begins, for readers that are no terminal. */
MUST_USE enum err cli_progress_milestone(const json_t *job, struct buf *out);

/* The phase's name in a job's JSON; "" if it has none. Lives as long as the job. */
const char *cli_progress_phase(const json_t *job);

#endif
