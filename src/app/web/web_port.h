/* The page's port: the one had last, so that an open page finds its daemon again and a bookmark
 * stays good; else the one that is wanted; else, when that is taken, any. */
#ifndef APP_WEB_WEB_PORT_H
#define APP_WEB_WEB_PORT_H

#include <stdint.h>

/* A port to listen on; 0: let the kernel choose. `listen_on` is the address it is to be on, `state`
 * the state folder; what was had last counts only while the same one is wanted. */
uint16_t web_port_choose(const char *state, const char *listen_on, uint16_t wanted);

void web_port_remember(const char *state, uint16_t wanted, uint16_t port);

#endif
