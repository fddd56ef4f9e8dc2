/* hostile_newsd [--seed N] [--user NAME --password WORD] [--tls-cert FILE --tls-key FILE]
 *
 * Listens on 127.0.0.1; the first line of output is "listening PORT ORDERS". Until SIGTERM. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "hostile.h"

enum { NS_IN_MS = 1000000 };

uint64_t hostile_now(void)
{
    return clock_mono_ns() / NS_IN_MS;
}

static void on_client(void *arg, struct net_stream *stream, const char *peer)
{
    (void)peer;
    client_start(arg, stream, CLIENT_NEWS);
}

static void on_orders(void *arg, struct net_stream *stream, const char *peer)
{
    (void)peer;
    client_start(arg, stream, CLIENT_ORDERS);
}

static void on_signal(void *arg)
{
    loop_stop(arg);
}

static bool take_options(
    int argc, char **argv, struct hostile *hostile, struct net_listen_options *listen)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"user", required_argument, NULL, 'u'},
        {"password", required_argument, NULL, 'p'},
        {"tls-cert", required_argument, NULL, 'c'},
        {"tls-key", required_argument, NULL, 'k'},
        {NULL, 0, NULL, 0},
    };
    int found;

    while ((found = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (found) {
        case 's':
            hostile->script.dice = strtoull(optarg, NULL, 10) * 2 + 1; /* never 0 */
            break;
        case 'u':
            hostile->user = optarg;
            break;
        case 'p':
            hostile->password = optarg;
            break;
        case 'c':
            listen->cert_file = optarg;
            break;
        case 'k':
            listen->key_file = optarg;
            break;
        default:
            return false;
        }
    }
    return optind == argc;
}

static void serve(struct hostile *hostile, const struct net_listen_options *listen)
{
    struct net_listen_options plain = {.host = listen->host};
    struct loop_signal *term = NULL;

    must(shelf_init(&hostile->shelf));
    must(loop_new(&hostile->loop));
    must(loop_signal_new(hostile->loop, SIGTERM, on_signal, hostile->loop, &term));
    must(net_listen(hostile->loop, listen, on_client, hostile, &hostile->listener));
    must(net_listen(hostile->loop, &plain, on_orders, hostile, &hostile->orders));
    (void)printf("listening %u %u\n", net_listener_port(hostile->listener),
        net_listener_port(hostile->orders));
    (void)fflush(stdout);
    loop_run(hostile->loop);
    net_listener_free(hostile->listener);
    net_listener_free(hostile->orders);
    LIST_EACH(node, after, &hostile->clients)
    {
        client_free(LIST_ITEM(node, struct client, node));
    }
    shelf_clear(&hostile->shelf);
    loop_signal_free(term);
    loop_free(hostile->loop);
}

int main(int argc, char **argv)
{
    struct hostile hostile = {.script.dice = 88172645463325252};
    struct net_listen_options listen = {.host = "127.0.0.1"};

    (void)signal(SIGPIPE, SIG_IGN);
    list_init(&hostile.clients);
    if (!take_options(argc, argv, &hostile, &listen)) {
        (void)fprintf(stderr, "usage: see the top of hostile_main.c\n");
        return 2;
    }
    serve(&hostile, &listen);
    return 0;
}
