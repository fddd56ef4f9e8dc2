/* libcurl over a Unix socket; each line of an answer is a JSON value. */
#include "app/cli/cli_api.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli_exit.h"
#include "base/bytes.h"

enum { LINE_MAX_BYTES = 4 << 20, CONNECT_MS = 5000, URL_MAX = 1024 };

struct cli_api {
    CURL *curl;
    struct curl_slist *headers;
    struct buf line; /* not ended yet */
    const struct cli_request *request;
    struct cli_failure *failure;
};

enum err cli_api_new(const char *socket, struct cli_api **out)
{
    struct cli_api *api = calloc(1, sizeof(*api));

    if (api == NULL) {
        return ERR_NO_MEMORY;
    }
    api->curl = curl_easy_init();
    api->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (api->curl == NULL || api->headers == NULL) {
        cli_api_free(api);
        return ERR_NO_MEMORY;
    }
    (void)curl_easy_setopt(api->curl, CURLOPT_UNIX_SOCKET_PATH, socket);
    (void)curl_easy_setopt(api->curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(api->curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(api->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    *out = api;
    return OK;
}

void cli_api_free(struct cli_api *api)
{
    if (api == NULL) {
        return;
    }
    if (api->curl != NULL) {
        curl_easy_cleanup(api->curl);
    }
    curl_slist_free_all(api->headers);
    buf_wipe(&api->line);
    free(api);
}

static void copy_text(char to[CLI_TEXT_MAX], const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    (void)snprintf(to, CLI_TEXT_MAX, "%s", text != NULL ? text : "");
}

static enum err take_line(struct cli_api *api, struct bytes line)
{
    json_t *value;
    const json_t *error;
    enum err err = OK;

    if (line.len == 0) {
        return OK;
    }
    value = json_loadb((const char *)line.ptr, line.len, 0, NULL);
    error = json_object_get(value, "error");
    if (!json_is_object(value)) {
        err = ERR_BAD_FORMAT;
    } else if (json_is_object(error) && json_object_size(value) == 1) {
        copy_text(api->failure->text, error, "text");
        copy_text(api->failure->hint, error, "hint");
        err = cli_exit_err(json_string_value(json_object_get(error, "code")));
    } else if (api->request->row != NULL) {
        err = api->request->row(api->request->arg, value);
    }
    json_decref(value);
    return err;
}

static enum err take(struct cli_api *api, struct bytes in)
{
    enum err err = OK;

    while (in.len > 0 && err == OK) {
        const uint8_t *end = memchr(in.ptr, '\n', in.len);
        size_t len = end == NULL ? in.len : (size_t)(end - in.ptr);

        err = api->line.len + len > LINE_MAX_BYTES ? ERR_LIMIT
                                                   : buf_append(&api->line, bytes_at(in.ptr, len));
        bytes_skip(&in, len + 1);
        if (err == OK && end != NULL) {
            err = take_line(api, buf_view(&api->line));
            api->line.len = 0;
        }
    }
    return err;
}

static size_t on_write(char *data, size_t one, size_t count, void *arg)
{
    struct cli_api *api = arg;

    api->failure->err = take(api, bytes_at(data, one * count));
    return api->failure->err == OK ? one * count : 0;
}

/* Path and host are ours; only "/api/servers/NAME/..." and job numbers vary, and they are checked.
 */
static enum err set_up(struct cli_api *api, const struct cli_request *request, const char *body)
{
    char url[URL_MAX];
    int len = snprintf(url, sizeof(url), "http://usenetsync%s", request->path);
    int is_post = strcmp(request->method, "POST") == 0;

    if (len >= (int)sizeof(url)) {
        return ERR_BAD_REQUEST;
    }
    (void)curl_easy_setopt(api->curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(api->curl, CURLOPT_WRITEFUNCTION, on_write);
    (void)curl_easy_setopt(api->curl, CURLOPT_WRITEDATA, api);
    if (is_post) {
        (void)curl_easy_setopt(api->curl, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(api->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
        (void)curl_easy_setopt(api->curl, CURLOPT_POSTFIELDS, body);
        (void)curl_easy_setopt(api->curl, CURLOPT_HTTPHEADER, api->headers);
    } else {
        (void)curl_easy_setopt(api->curl, CURLOPT_HTTPGET, 1L);
        (void)curl_easy_setopt(api->curl, CURLOPT_HTTPHEADER, NULL);
    }
    return OK;
}

static enum err judge(struct cli_api *api, CURLcode code)
{
    if (api->failure->err != OK) {
        return api->failure->err;
    }
    if (code == CURLE_OK) {
        return api->line.len > 0 ? take_line(api, buf_view(&api->line)) : OK;
    }
    return code == CURLE_COULDNT_CONNECT ? ERR_NO_DAEMON : ERR_CONNECTION_LOST;
}

enum err cli_api_call(
    struct cli_api *api, const struct cli_request *request, struct cli_failure *failure)
{
    char *body = request->body != NULL ? json_dumps(request->body, JSON_COMPACT) : strdup("{}");
    enum err err = body == NULL ? ERR_NO_MEMORY : OK;

    *failure = (struct cli_failure){0};
    api->request = request;
    api->failure = failure;
    api->line.len = 0;
    if (err == OK) {
        err = set_up(api, request, body);
    }
    if (err == OK) {
        err = judge(api, curl_easy_perform(api->curl));
    }
    if (err == ERR_CONNECTION_LOST && failure->text[0] == '\0') {
        (void)snprintf(failure->text, sizeof(failure->text), "the daemon went away");
        (void)snprintf(failure->hint, sizeof(failure->hint),
            "its log is daemon.log in the state folder; the next command starts it again");
    }
    failure->err = err;
    if (body != NULL) {
        bytes_wipe(body, strlen(body)); /* it may hold a password or a link */
    }
    free(body);
    return err;
}
