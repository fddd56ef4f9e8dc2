/* How errors look in JSON, and what a person can do about each. */
#include "app/control/control_call.h"

static const char *const kind_names[] = {
    [KIND_NONE] = "none",
    [KIND_RETRY] = "retry",
    [KIND_MISSING] = "missing",
    [KIND_CORRUPT] = "corrupt",
    [KIND_REFUSED] = "refused",
    [KIND_USER] = "user",
    [KIND_LOCAL] = "local",
    [KIND_CANCELLED] = "cancelled",
    [KIND_BUG] = "bug",
};

static const struct {
    enum err err;
    const char *hint;
} hints[] = {
    {ERR_DISK_FULL, "free some space, then `usenetsync resume JOB`"},
    {ERR_DISK_IO, "check the disk, then `usenetsync resume JOB`"},
    {ERR_READ_ONLY, "choose another place, or make this one writable"},
    {ERR_PERMISSION, "check who may read and write there"},
    {ERR_HELPER,
        "`usenetsync resume JOB` goes on; daemon.log in the state folder says how it ended"},
    {ERR_NOT_EMPTY,
        "choose a folder that is empty or does not exist yet, or say what to do with --conflict"},
    {ERR_NOT_DIRECTORY, "choose a folder that is empty or does not exist yet"},
    {ERR_DNS, "check the name with `usenetsync server list`"},
    {ERR_CONNECT, "check with `usenetsync server test`, then `usenetsync resume JOB`"},
    {ERR_CONNECTION_LOST, "try again with `usenetsync resume JOB`"},
    {ERR_TIMEOUT, "check with `usenetsync server test`, then `usenetsync resume JOB`"},
    {ERR_TLS, "check the port, and whether --tls fits it, with `usenetsync server test`"},
    {ERR_TLS_CERTIFICATE, "check the host name; a private certificate needs --tls-ca FILE"},
    {ERR_PLAIN_PASSWORD, "add --tls, or --allow-plain-password if you must"},
    {ERR_TLS_NEEDED, "add the server again with --tls"},
    {ERR_PROTOCOL, "check host and port with `usenetsync server test`"},
    {ERR_LOGIN, "add the server again with --user and --password-file"},
    {ERR_LOGIN_NEEDED, "add the server again with --user and --password-file"},
    {ERR_POSTING_DENIED, "ask your provider for an account that may post"},
    {ERR_NO_GROUP, "add the server again with another --group"},
    {ERR_TOO_BIG, "ask your provider for the largest article it takes"},
    {ERR_TOO_MANY_CONNECTIONS, "add the server again with fewer --connections"},
    {ERR_ACCOUNT, "look at your account with the provider"},
    {ERR_RETRIES_USED_UP, "check with `usenetsync server test`, then `usenetsync resume JOB`"},
    {ERR_LINK_TYPO, "a link may also be given as -, and is then read from standard input"},
    {ERR_LINK_BAD, "a link starts with usync1"},
    {ERR_SHARE_NOT_FOUND, "check that the link is whole and that your server still has the share"},
    {ERR_NOT_KEPT, "share the same paths again later; `usenetsync server test` asks the server"},
    {ERR_OLDER_VERSION, "try again later, or take an older one with --version"},
    {ERR_NO_VERSION, "`usenetsync versions LINK` lists what can be found"},
    {ERR_PATH_NOT_IN_SHARE, "`usenetsync ls LINK` shows what is in it"},
    {ERR_NO_JOB, "`usenetsync jobs` lists them"},
    {ERR_JOB_STATE, "`usenetsync jobs` shows how each job stands"},
    {ERR_NO_SESSION, "`usenetsync ui` opens the page anew"},
    {ERR_LOGIN_LINK, "`usenetsync ui` makes a new one"},
    {ERR_PAGE_PASSWORD, "`usenetsync ui --set-password`, while daemon.ini says nothing of listen"},
    {ERR_PAGE_CERTIFICATE, "see certificate and key in daemon.ini; both are PEM files"},
    {ERR_NO_PAGE, "see listen in daemon.ini in the state folder"},
    {ERR_STORE_CORRUPT,
        "`usenetsync recover` puts it aside and starts a new one from what can be read"},
    {ERR_STORE, "look at the space and the rights of the state folder"},
};

const char *control_hint(enum err err)
{
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        if (hints[i].err == err) {
            return hints[i].hint;
        }
    }
    return "";
}

json_t *control_error_json(enum err err, const char *text, const char *hint)
{
    const char *sentence = text != NULL && text[0] != '\0' ? text : err_text(err);

    return json_pack("{s:{s:s, s:s, s:s, s:s}}", "error", "code", err_name(err), "kind",
        kind_names[err_kind(err)], "text", sentence, "hint",
        hint != NULL ? hint : control_hint(err));
}
