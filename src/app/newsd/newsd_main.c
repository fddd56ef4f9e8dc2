/* `usenetsync newsd`: options in, server up, wait for a signal. */
#include "app/newsd/newsd_main.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/newsd/newsd.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { HOST_MAX = 255, PASSWORD_MAX = 400, GROUPS_MAX = 100 };
enum { MAX_ARTICLE_LEAST = 1000, MAX_ARTICLE_MOST = 1 << 30, MAX_CLIENTS_MOST = 100000 };

static const char usage[] =
    "usage: usenetsync newsd --listen HOST:PORT --spool DIR [options]\n"
    "  --listen HOST:PORT    port 0 picks a free one; IPv6 addresses in [brackets]\n"
    "  --spool DIR           where articles are kept; made when it is not there\n"
    "  --user NAME           clients must log in ...\n"
    "  --password-file FILE  ... with the password in FILE's first line\n"
    "  --tls-cert FILE       serve TLS with this certificate (PEM) ...\n"
    "  --tls-key FILE        ... and its key\n"
    "  --max-article BYTES   largest article, as sent (default 4000000)\n"
    "  --max-clients N       connections at a time (default 500)\n"
    "  --group NAME          carry this newsgroup too; may be repeated\n"
    "  --sync                put each article on the disk before it is accepted\n";

struct line_options {
    struct newsd_options newsd;
    char host[HOST_MAX + 1];
    char password[PASSWORD_MAX + 2];
    const char *listen;
    const char *password_file;
    const char *groups[GROUPS_MAX];
};

static int complain(const char *what, const char *which)
{
    (void)fprintf(stderr, "newsd: %s%s%s\n%s", what, which == NULL ? "" : ": ",
        which == NULL ? "" : which, usage);
    return EXIT_USAGE;
}

/* A whole decimal number from `least` to `most`; -1: it is none. */
static long long number_of(const char *text, long long least, long long most)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most) {
        return -1;
    }
    return value;
}

static int parse_listen(struct line_options *o)
{
    const char *colon = strrchr(o->listen, ':');
    const char *host = o->listen;
    size_t len = colon == NULL ? 0 : (size_t)(colon - host);
    long long port = colon == NULL ? -1 : number_of(colon + 1, 0, UINT16_MAX);

    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    } else if (memchr(host, ':', len) != NULL) {
        len = 0; /* an IPv6 address without brackets: which colon is the port's? */
    }
    if (port < 0 || len == 0 || len > HOST_MAX) {
        return complain("--listen wants HOST:PORT", o->listen);
    }
    memcpy(o->host, host, len);
    o->host[len] = '\0';
    o->newsd.host = o->host;
    o->newsd.port = (uint16_t)port;
    return EXIT_OK;
}

static int read_password(struct line_options *o)
{
    int fd = open(o->password_file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, o->password, PASSWORD_MAX + 1);
    struct stat st;

    if (n < 0) {
        (void)fprintf(stderr, "newsd: %s: %s\n", o->password_file, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return EXIT_FAILED;
    }
    if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0) {
        (void)fprintf(stderr, "newsd: warning: others can read %s\n", o->password_file);
    }
    close(fd);
    o->password[n] = '\0';
    o->password[strcspn(o->password, "\r\n")] = '\0';
    if (o->password[0] == '\0' || strlen(o->password) > PASSWORD_MAX) {
        (void)fprintf(stderr, "newsd: %s: the first line must be a password of at most %d octets\n",
            o->password_file, PASSWORD_MAX);
        return EXIT_FAILED;
    }
    o->newsd.password = o->password;
    return EXIT_OK;
}

enum option_key {
    KEY_LISTEN = 256,
    KEY_SPOOL,
    KEY_USER,
    KEY_PASSWORD_FILE,
    KEY_TLS_CERT,
    KEY_TLS_KEY,
    KEY_MAX_ARTICLE,
    KEY_MAX_CLIENTS,
    KEY_GROUP,
    KEY_SYNC,
    KEY_IGNORED,
    KEY_HELP,
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, KEY_LISTEN},
    {"spool", required_argument, NULL, KEY_SPOOL},
    {"user", required_argument, NULL, KEY_USER},
    {"password-file", required_argument, NULL, KEY_PASSWORD_FILE},
    {"tls-cert", required_argument, NULL, KEY_TLS_CERT},
    {"tls-key", required_argument, NULL, KEY_TLS_KEY},
    {"max-article", required_argument, NULL, KEY_MAX_ARTICLE},
    {"max-clients", required_argument, NULL, KEY_MAX_CLIENTS},
    {"group", required_argument, NULL, KEY_GROUP},
    {"sync", no_argument, NULL, KEY_SYNC},
    {"state", required_argument, NULL, KEY_IGNORED},
    {"json", no_argument, NULL, KEY_IGNORED},
    {"help", no_argument, NULL, KEY_HELP},
    {NULL, 0, NULL, 0},
};

static int take_number(struct line_options *o, int key)
{
    long long most = key == KEY_MAX_ARTICLE ? MAX_ARTICLE_MOST : MAX_CLIENTS_MOST;
    long long value = number_of(optarg, key == KEY_MAX_ARTICLE ? MAX_ARTICLE_LEAST : 1, most);

    if (value < 0) {
        return complain("this number is out of range", optarg);
    }
    if (key == KEY_MAX_ARTICLE) {
        o->newsd.max_article = (uint64_t)value;
    } else {
        o->newsd.max_clients = (unsigned)value;
    }
    return EXIT_OK;
}

static int take_option(struct line_options *o, int key)
{
    switch (key) {
    case KEY_LISTEN:
        o->listen = optarg;
        break;
    case KEY_SPOOL:
        o->newsd.spool = optarg;
        break;
    case KEY_USER:
        o->newsd.user = optarg;
        break;
    case KEY_PASSWORD_FILE:
        o->password_file = optarg;
        break;
    case KEY_TLS_CERT:
        o->newsd.cert_file = optarg;
        break;
    case KEY_TLS_KEY:
        o->newsd.key_file = optarg;
        break;
    case KEY_SYNC:
        o->newsd.sync = SPOOL_SYNC_EACH;
        break;
    case KEY_MAX_ARTICLE:
    case KEY_MAX_CLIENTS:
        return take_number(o, key);
    case KEY_GROUP:
        if (o->newsd.group_count == GROUPS_MAX) {
            return complain("too many groups", NULL);
        }
        o->groups[o->newsd.group_count++] = optarg;
        break;
    case KEY_IGNORED:
        break;
    default:
        (void)fputs(usage, stderr); /* getopt has said what is wrong */
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

/* -1: go on; else the exit code. */
static int parse(struct line_options *o, int argc, char **argv)
{
    int key, code = EXIT_OK;

    optind = 1;
    while (code == EXIT_OK && (key = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (key == KEY_HELP) {
            (void)fputs(usage, stdout);
            return EXIT_OK;
        }
        code = take_option(o, key);
    }
    if (code != EXIT_OK) {
        return code;
    }
    if (optind < argc) {
        return complain("this is no option", argv[optind]);
    }
    if (o->listen == NULL || o->newsd.spool == NULL) {
        return complain("--listen and --spool are needed", NULL);
    }
    if ((o->newsd.user == NULL) != (o->password_file == NULL)) {
        return complain("--user and --password-file go together", NULL);
    }
    if ((o->newsd.cert_file == NULL) != (o->newsd.key_file == NULL)) {
        return complain("--tls-cert and --tls-key go together", NULL);
    }
    code = parse_listen(o);
    if (code == EXIT_OK && o->password_file != NULL) {
        code = read_password(o);
    }
    return code == EXIT_OK ? -1 : code;
}

/* A client needs a socket, and a file while it reads or posts. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void on_signal(void *arg)
{
    loop_stop(arg);
}

static int say_listening(const struct newsd_options *options, const struct newsd *newsd)
{
    int v6 = strchr(options->host, ':') != NULL;

    (void)printf(
        "listening %s%s%s:%u\n", v6 ? "[" : "", options->host, v6 ? "]" : "", newsd_port(newsd));
    return fflush(stdout) == 0;
}

static int serve(const struct newsd_options *options)
{
    struct loop *loop = NULL;
    struct newsd *newsd = NULL;
    struct loop_signal *term = NULL, *interrupt = NULL;
    enum err err = loop_new(&loop);

    if (err == OK) {
        err = loop_signal_new(loop, SIGTERM, on_signal, loop, &term);
    }
    if (err == OK) {
        err = loop_signal_new(loop, SIGINT, on_signal, loop, &interrupt);
    }
    if (err == OK) {
        err = newsd_start(loop, options, &newsd);
    }
    if (err == OK && !say_listening(options, newsd)) {
        err = ERR_SYSTEM;
    }
    if (err == OK) {
        loop_run(loop);
    } else {
        (void)fprintf(stderr, "newsd: cannot start: %s\n", err_text(err));
    }
    newsd_free(newsd);
    loop_signal_free(term);
    loop_signal_free(interrupt);
    loop_free(loop);
    return err == OK ? EXIT_OK : EXIT_FAILED;
}

int newsd_main(int argc, char **argv)
{
    struct line_options o = {.listen = NULL};
    int code;

    o.newsd.groups = o.groups;
    code = parse(&o, argc, argv);
    if (code == -1) {
        (void)signal(SIGPIPE, SIG_IGN);
        raise_file_limit();
        code = serve(&o.newsd);
    }
    explicit_bzero(o.password, sizeof(o.password));
    return code;
}
