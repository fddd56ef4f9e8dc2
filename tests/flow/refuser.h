/* A relay between our client and a news server that turns some of the server's "240 accepted" into
 * "441 refused": the article is there, but the client is told that it is not. */
#ifndef TESTS_FLOW_REFUSER_H
#define TESTS_FLOW_REFUSER_H

#include <stdint.h>

struct refuser;

/* Relay to 127.0.0.1:`port`; behind the first `passed` ones, `refusals` answers to articles are
 * turned. So is what the server says when such an article comes again. */
struct refuser *refuser_start(uint16_t port, unsigned passed, unsigned refusals);
uint16_t refuser_port(const struct refuser *refuser);

/* How many were turned. */
unsigned refuser_count(const struct refuser *refuser);
void refuser_stop(struct refuser *refuser);

#endif
